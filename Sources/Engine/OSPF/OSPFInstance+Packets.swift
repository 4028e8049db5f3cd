// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

extension OSPFInstance {
    /// Finds the interface that a packet is for, reads it and hands it on (RFC 2328 §8.2).
    mutating func take(_ packet: RoutingPacket, _ step: inout ProtocolStep) {
        guard let source = packet.source.ip, let destination = packet.destination.ip,
            source.family == version.family, destination.family == version.family,
            let position = interface(of: packet, source, destination),
            interfaces[position].isActive, source != interfaces[position].address
        else { return }
        let received: OSPFPacket
        do throws(WireError) {
            received = try OSPFPacket(
                decoding: packet.payload, source: source, destination: destination,
                authentication: interfaces[position].authentication)
        } catch {
            return reject(position, "\(error) from \(source)")
        }
        guard received.instanceID == 0 else { return }
        guard received.areaID == interfaces[position].area else {
            return reject(position, "area \(received.areaID) from \(source)")
        }
        guard received.routerID != routerID else {
            return reject(position, "our own router ID from \(source)")
        }
        guard isOnSubnet(source, position) else {
            return reject(position, "\(source) is not on the subnet")
        }
        hand(received, from: source, position, &step)
    }

    private func interface(
        of packet: RoutingPacket, _ source: IPAddress, _ destination: IPAddress
    ) -> Int? {
        interfaces.firstIndex { interface in
            if let sham = interface.sham {
                return packet.interface == nil && sham.remote == source
                    && sham.local == destination
            }
            guard packet.interface == interface.name else { return false }
            // Only designated routers hear what is for them.
            return destination != OSPFPacket.allDesignatedRouters(version)
                || interface.state == .designatedRouter || interface.state == .backup
        }
    }

    private func isOnSubnet(_ source: IPAddress, _ position: Int) -> Bool {
        let interface = interfaces[position]
        guard version == .v2, !interface.isPointToPoint else { return true }
        return interface.subnets.first?.prefix.contains(source) ?? false
    }

    mutating func reject(_ position: Int, _ text: String) {
        interfaces[position].reject(text)
    }

    private mutating func hand(
        _ packet: OSPFPacket, from source: IPAddress, _ position: Int,
        _ step: inout ProtocolStep
    ) {
        if case .hello(let hello) = packet.body {
            return take(hello, packet, from: source, position, &step)
        }
        guard var neighbor = interfaces[position].neighbors[packet.routerID],
            neighbor.address == source || interfaces[position].isPointToPoint
        else { return }
        if let sequence = packet.cryptographicSequence {
            // What is older was sent before, and is sent again by somebody else (§D.3).
            guard sequence >= neighbor.cryptographicSequence ?? 0 else {
                return reject(position, "an old cryptographic sequence number from \(source)")
            }
            neighbor.cryptographicSequence = sequence
            interfaces[position].neighbors[packet.routerID] = neighbor
        }
        let from = OSPFPeer(position: position, router: packet.routerID)
        switch packet.body {
        case .hello: break
        case .databaseDescription(let description): take(description, from: from, &step)
        case .request(let keys): take(request: keys, from: from, &step)
        case .update(let advertisements): take(advertisements, from: from, &step)
        case .acknowledgment(let headers): take(acknowledgment: headers, from: from)
        }
    }

    // MARK: Sending

    /// To one neighbor, or by the interface's group (RFC 2328 §8.1).
    mutating func send(
        _ body: OSPFPacket.Body, to destination: IPAddress, _ position: Int,
        _ step: inout ProtocolStep
    ) {
        let interface = interfaces[position]
        guard let source = interface.address else { return }
        let packet = OSPFPacket(
            version: version, routerID: routerID, areaID: interface.area,
            cryptographicSequence: Self.cryptographicSequence(at: step.now), body: body)
        guard
            let payload = try? packet.encoded(
                source: source, destination: destination,
                authentication: interface.authentication)
        else { return reject(position, "a packet that cannot be written") }
        step.emit(
            .send(
                RoutingPacket(
                    .ospf, vrf: configuration.vrf,
                    interface: interface.sham == nil ? interface.name : nil,
                    source: .ip(source), destination: .ip(destination),
                    hopLimit: interface.sham == nil ? 1 : 64, payload: payload)))
    }

    /// It grows with time, also over restarts, and lasts for nine years.
    private static func cryptographicSequence(at now: Instant) -> UInt32 {
        UInt32(truncatingIfNeeded: now.nanoseconds >> 26)
    }

    /// Where packets for one neighbor go: on point-to-point links all go to the group.
    func unicast(_ neighbor: OSPFNeighbor, _ position: Int) -> IPAddress {
        let interface = interfaces[position]
        if let sham = interface.sham { return sham.remote }
        return interface.isPointToPoint ? OSPFPacket.allRouters(version) : neighbor.address
    }

    /// Where what is flooded goes.
    func multicast(_ position: Int) -> IPAddress {
        let interface = interfaces[position]
        if let sham = interface.sham { return sham.remote }
        return interface.state == .designatedRouterOther
            ? OSPFPacket.allDesignatedRouters(version) : OSPFPacket.allRouters(version)
    }

    /// How many octets of a packet's body an interface carries in one piece.
    func room(_ position: Int) -> Int {
        let interface = interfaces[position]
        let ip = version == .v2 ? 20 : 40
        // No digest that we have for OSPF is longer than 64 octets.
        let digest = interface.configuration.authentication == nil ? 0 : 64
        return max(512, interface.mtu) - ip - version.headerOctets - digest
    }

    /// Sends LSAs in as few Link State Updates as the interface allows. One that is larger than a
    /// packet goes alone, in fragments.
    mutating func send(
        _ advertisements: [OSPFLSA], to destination: IPAddress, _ position: Int,
        _ step: inout ProtocolStep
    ) {
        let room = room(position) - 4
        var batch: [OSPFLSA] = []
        var size = 0
        for advertisement in advertisements {
            let length = Int(advertisement.header.length)
            if !batch.isEmpty, size + length > room {
                send(.update(batch), to: destination, position, &step)
                (batch, size) = ([], 0)
            }
            batch.append(advertisement)
            size += length
        }
        if !batch.isEmpty { send(.update(batch), to: destination, position, &step) }
    }

    /// Sends acknowledgments in as few packets as the interface allows.
    mutating func acknowledge(
        _ headers: [OSPFLSAHeader], to destination: IPAddress, _ position: Int,
        _ step: inout ProtocolStep
    ) {
        let limit = max(1, room(position) / OSPFLSAHeader.octets)
        for start in stride(from: 0, to: headers.count, by: limit) {
            let batch = Array(headers[start..<min(start + limit, headers.count)])
            send(.acknowledgment(batch), to: destination, position, &step)
        }
    }
}

/// A neighbor of an interface.
struct OSPFPeer: Hashable, Sendable {
    var position: Int
    var router: IPv4Address
}
