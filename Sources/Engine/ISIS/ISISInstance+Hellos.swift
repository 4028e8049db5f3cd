// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

extension ISISInstance {
    /// A circuit came up: its neighbors need not wait for a hello.
    mutating func open(_ position: Int, _ step: inout ProtocolStep) {
        guard circuits[position].isActive else { return }
        for level in circuits[position].helloLevels { sendHello(position, level, &step) }
    }

    /// A circuit went down.
    mutating func close(_ position: Int, reason: String, _ step: inout ProtocolStep) {
        drop(position, reason: reason, &step) { _ in true }
        let name = circuits[position].name
        for level in circuits[position].helloLevels {
            cancel(ISISTimer(.hello, level, name), &step)
        }
        cancel(ISISTimer(.hold, nil, name), &step)
        for level in ISISLevel.allCases {
            circuits[position].lanIDs[level] = nil
            circuits[position].flooding[level] = ISISFlooding()
            for kind in [ISISTimer.Kind.flood, .acknowledge, .csnp] {
                cancel(ISISTimer(kind, level, name), &step)
            }
        }
    }

    /// Sends a hello, and arms the timer of the next.
    /// - Parameter level: nil on a point-to-point circuit.
    mutating func sendHello(
        _ position: Int, _ level: ISISLevel?, _ step: inout ProtocolStep
    ) {
        let circuit = circuits[position]
        var interval = circuit.configuration.helloInterval
        // The designated router is missed sooner than others (ISO 10589 §8.4.3).
        if let level, isDesignated(position, level) { interval = interval / 3 }
        let multiplier = Int(circuit.configuration.helloMultiplier)
        // No sooner than a busy machine may be silent.
        let usual = circuit.configuration.helloInterval * multiplier
        let hold = max(interval * multiplier, min(usual, .seconds(3)))
        let hello = ISISHello(
            circuitType: circuit.levels, source: system,
            holdingTime: UInt16(clamping: max(1, (hold.nanoseconds + 999_999_999) / 1_000_000_000)),
            circuit: self.circuit(of: circuit, level), tlvs: helloTLVs(circuit, level))
        let destination =
            level.map { ISISPacket.allRouters($0) } ?? ISISPacket.allIntermediateSystems
        send(padded(hello, circuit), key: circuit.key, to: destination, on: position, &step)
        let next = step.now + jitter.shorten(interval, byUpTo: 25)
        arm(ISISTimer(.hello, level, circuit.name), at: next, &step)
    }

    private func circuit(of circuit: ISISCircuit, _ level: ISISLevel?) -> ISISHello.Circuit {
        guard let level else { return .pointToPoint(circuitID: circuit.number ?? 0) }
        return .lan(
            level, priority: circuit.configuration.priority,
            lanID: circuit.lanIDs[level] ?? ISISNodeID(system, pseudonode: circuit.number ?? 0))
    }

    private func helloTLVs(_ circuit: ISISCircuit, _ level: ISISLevel?) -> [ISISTLV] {
        let families = configuration.families
        var tlvs: [ISISTLV] = [
            .areaAddresses(configuration.areas.sorted()),
            .protocols(families.sorted().map(ISISTLV.protocolNumber)),
        ]
        if families.contains(.ipv4) {
            tlvs.append(.ipv4Addresses(circuit.addresses(.ipv4).compactMap(\.v4)))
        }
        if families.contains(.ipv6) { tlvs.append(.ipv6Addresses(circuit.addresses(.ipv6))) }
        if circuit.configuration.bfd != nil {
            tlvs.append(
                .bfdEnabled(
                    families.sorted().map {
                        ISISBFDEnabled(protocolNumber: ISISTLV.protocolNumber($0))
                    }))
        }
        if let level {
            let heard = circuit.adjacencies.filter { $0.levels.contains(level) }.map(\.address)
            // A TLV holds 42 addresses.
            for start in stride(from: 0, to: heard.count, by: 42) {
                tlvs.append(.lanNeighbors(Array(heard.dropFirst(start).prefix(42))))
            }
        } else {
            tlvs.append(.threeWay(threeWay(circuit)))
        }
        return tlvs
    }

    private func threeWay(_ circuit: ISISCircuit) -> ISISThreeWay {
        guard let adjacency = circuit.adjacencies.first else {
            return ISISThreeWay(state: .down, circuitID: circuit.extendedID)
        }
        return ISISThreeWay(
            state: adjacency.state == .up ? .up : .initializing, circuitID: circuit.extendedID,
            neighbor: ISISThreeWay.Neighbor(adjacency.system, circuitID: adjacency.circuitID))
    }

    /// Fills a hello to what the circuit should carry, as long as nobody is known there: neighbors
    /// that cannot hear large packets are none (ISO 10589 §8.2.3).
    private func padded(_ hello: ISISHello, _ circuit: ISISCircuit) -> ISISPacket {
        guard !isStopped, !circuit.adjacencies.contains(where: { $0.state == .up }) else {
            return .hello(hello)
        }
        var padded = hello
        let known = (try? ISISPacket.hello(hello).encoded(key: circuit.key).count) ?? 0
        var room = min(circuit.octetsMax, ISISPacket.linkStateOctetsMax) - known
        while room >= ISISTLV.headerOctets {
            let count = min(ISISTLV.octetsMax, room - ISISTLV.headerOctets)
            padded.tlvs.append(.padding(count))
            room -= count + ISISTLV.headerOctets
        }
        return .hello(padded)
    }

    /// Sends a PDU by a circuit.
    mutating func send(
        _ packet: ISISPacket, key: ISISKey?, to destination: MACAddress, on position: Int,
        _ step: inout ProtocolStep
    ) {
        do throws(WireError) {
            send(try packet.encoded(key: key), to: destination, on: position, &step)
        } catch {
            reject("cannot send: \(error)", on: position)
        }
    }

    func send(
        _ octets: [UInt8], to destination: MACAddress, on position: Int,
        _ step: inout ProtocolStep
    ) {
        let circuit = circuits[position].configuration
        step.emit(
            .send(
                RoutingPacket(
                    .isis, interface: circuit.interface, source: .mac(circuit.mac),
                    destination: .mac(destination), hopLimit: 255, payload: octets)))
    }

    /// Where PDUs other than hellos go.
    func destination(_ position: Int, _ level: ISISLevel) -> MACAddress {
        circuits[position].configuration.isPointToPoint
            ? ISISPacket.allIntermediateSystems : ISISPacket.allRouters(level)
    }
}
