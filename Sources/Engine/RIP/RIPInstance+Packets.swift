// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

extension RIPInstance {
    // MARK: Out

    /// Asks the routers on an interface for all they have (RFC 2453 §3.9.1).
    mutating func ask(_ interface: RIPInterfaceConfiguration, _ step: inout ProtocolStep) {
        send(.requestAll, to: RIPPacket.multicastGroup(family), on: interface, &step)
    }

    /// Tells everything to everybody.
    mutating func tellAll(_ step: inout ProtocolStep) {
        changed = []
        _ = tell(everything, &step)
    }

    /// - Returns: whether there was anybody to tell.
    mutating func tell(_ prefixes: [IPPrefix], _ step: inout ProtocolStep) -> Bool {
        var isTold = false
        for interface in configuration.interfaces
        where live.contains(interface.interface) && !interface.isPassive {
            isTold = true
            tell(prefixes, to: RIPPacket.multicastGroup(family), on: interface, &step)
        }
        return isTold
    }

    private mutating func tell(
        _ prefixes: [IPPrefix], to destination: IPAddress,
        on interface: RIPInterfaceConfiguration, _ step: inout ProtocolStep
    ) {
        let entries = prefixes.compactMap { advertised($0, on: interface) }
        let isSigned = interface.authentication != nil
        // In RIPng another next hop takes an entry of its own, at worst two for each.
        let hasNextHops = family == .ipv6 && entries.contains { $0.nextHop != nil }
        let most =
            RIPPacket.entriesMax(family, isAuthenticated: isSigned) / (hasNextHops ? 2 : 1)
        for start in stride(from: 0, to: entries.count, by: most) {
            let some = Array(entries[start..<min(start + most, entries.count)])
            send(.response(some), to: destination, on: interface, &step)
        }
    }

    private mutating func send(
        _ content: RIPPacket.Content, to destination: IPAddress,
        on interface: RIPInterfaceConfiguration, _ step: inout ProtocolStep
    ) {
        guard let source = interface.source else { return }
        guard let payload = encode(RIPPacket(family, content), interface, at: step.now) else {
            lastError = "nothing can be sent on \(interface.interface): the key does not fit"
            return
        }
        // Version 2 stays on the link by its group; RIPng's receivers check (RFC 2080 §2.5.2).
        let hopLimit: UInt8 = family == .ipv4 ? 1 : 255
        step.emit(
            .send(
                RoutingPacket(
                    family == .ipv4 ? .rip : .ripng, vrf: id.vrf, interface: interface.interface,
                    source: .ip(source), destination: .ip(destination), hopLimit: hopLimit,
                    payload: payload)))
    }

    /// Sequence numbers are seconds, which do not begin anew with the router; packets of one second
    /// share one (RFC 4822 §2.2).
    private func encode(
        _ packet: RIPPacket, _ interface: RIPInterfaceConfiguration, at now: Instant
    ) -> [UInt8]? {
        guard interface.authentication != nil else { return try? packet.encoded() }
        guard let key = keys[interface.interface] else { return nil }
        let seconds = UInt32(truncatingIfNeeded: now.nanoseconds / 1_000_000_000)
        return try? packet.encoded(signedBy: key, sequence: seconds)
    }

    // MARK: In

    package mutating func received(_ packet: RoutingPacket, _ step: inout ProtocolStep) {
        guard let interface = interface(packet.interface), let source = packet.source.ip,
            live.contains(interface.interface), !interface.isPassive, interface.isOn(source),
            !interface.isOwn(source), family == .ipv4 || packet.hopLimit == 255
        else { return }
        let key = RIPNeighbor.Key(interface: interface.interface, address: source)
        let message: RIPPacket
        do throws(WireError) {
            message = try RIPPacket(decoding: packet.payload, family)
        } catch {
            return reject("\(error)", key)
        }
        if let objection = objection(to: message, in: packet.payload, key, interface) {
            return reject(objection, key)
        }
        switch message.content {
        case .requestAll: tell(everything, to: source, on: interface, &step)
        case .request(let entries): answer(entries, to: source, on: interface, &step)
        case .response(let entries):
            guard hear(key, message, &step) else { return }
            for entry in entries {
                guard RIPEntry.isRoutable(entry.prefix) else {
                    neighbors[key]?.badRoutes += 1
                    continue
                }
                take(entry, from: source, on: interface, &step)
            }
            tellChanges(&step)
        }
    }

    private mutating func reject(_ reason: String, _ key: RIPNeighbor.Key) {
        lastError = "\(key.address): \(reason)"
        neighbors[key]?.badPackets += 1
    }

    /// Why a packet must not be believed; nil when it holds.
    private func objection(
        to packet: RIPPacket, in octets: [UInt8], _ sender: RIPNeighbor.Key,
        _ interface: RIPInterfaceConfiguration
    ) -> String? {
        guard interface.authentication != nil else {
            return packet.authentication == nil ? nil : "authentication where none is configured"
        }
        guard let key = keys[interface.interface], key.authenticates(packet, in: octets) else {
            return "authentication fails"
        }
        // What asks may have no number yet.
        guard case .digest(_, let sequence, _) = packet.authentication,
            case .response = packet.content, let latest = neighbors[sender]?.sequence,
            sequence < latest
        else { return nil }
        return "sequence number \(sequence) after \(latest)"
    }

    /// Notes a neighbor's word.
    /// - Returns: false when there are too many neighbors.
    private mutating func hear(
        _ key: RIPNeighbor.Key, _ packet: RIPPacket, _ step: inout ProtocolStep
    ) -> Bool {
        if neighbors[key] == nil {
            guard neighbors.keys.count(where: { $0.interface == key.interface }) < Self.neighborsMax
            else {
                lastError = "more than \(Self.neighborsMax) neighbors on \(key.interface)"
                return false
            }
            neighbors[key] = RIPNeighbor(lastHeard: step.now)
            armAge(step.now + configuration.timeout, &step)
            report(key, "up", &step)
        }
        neighbors[key]?.lastHeard = step.now
        neighbors[key]?.badRoutes += packet.ignoredEntries
        if case .digest(_, let sequence, _) = packet.authentication {
            neighbors[key]?.sequence = sequence
        }
        return true
    }

    /// Answers for some routes, with no split horizon: whoever asks debugs (RFC 2453 §3.9.1).
    private mutating func answer(
        _ entries: [RIPEntry], to source: IPAddress, on interface: RIPInterfaceConfiguration,
        _ step: inout ProtocolStep
    ) {
        let most = RIPPacket.entriesMax(family, isAuthenticated: interface.authentication != nil)
        let answers = entries.prefix(most).map { entry in
            advertised(entry.prefix)
                ?? RIPEntry(prefix: entry.prefix, metric: RIPPacket.infinity, tag: entry.tag)
        }
        if !answers.isEmpty { send(.response(answers), to: source, on: interface, &step) }
    }
}
