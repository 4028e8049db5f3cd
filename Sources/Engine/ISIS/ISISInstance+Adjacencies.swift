// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

extension ISISInstance {
    /// Takes a hello (ISO 10589 §8.2.4, §8.4.2).
    mutating func take(
        _ hello: ISISHello, _ octets: [UInt8], from source: MACAddress, on position: Int,
        _ step: inout ProtocolStep
    ) {
        let circuit = circuits[position]
        guard hello.source != system else {
            return reject("a hello of this router's own system ID from \(source)", on: position)
        }
        guard circuit.key?.verifies(octets) ?? true else {
            return reject("authentication of a hello from \(source)", on: position)
        }
        guard hello.holdingTime > 0 else {
            return reject("a hello that holds for no time from \(source)", on: position)
        }
        var adjacency = adjacency(hello, from: source, on: position, at: step.now)
        guard !adjacency.families.isEmpty else {
            return reject("no protocol in common with \(hello.source)", on: position)
        }
        switch hello.circuit {
        case .lan(let level, let priority, let lanID):
            guard !circuit.configuration.isPointToPoint, circuit.levels.contains(level) else {
                return reject("a LAN hello of level \(level.rawValue) from \(source)", on: position)
            }
            guard adjacency.levels.contains(level) else {
                return reject("no area in common with \(hello.source)", on: position)
            }
            adjacency.levels = ISISCircuitType(level)
            adjacency.priority = priority
            adjacency.lanID = lanID
            takeLAN(adjacency, hello.tlvs, level, on: position, &step)
        case .pointToPoint:
            guard circuit.configuration.isPointToPoint else {
                return reject("a point-to-point hello from \(source)", on: position)
            }
            takePointToPoint(adjacency, hello.tlvs, on: position, &step)
        }
        if let first = circuits[position].adjacencies.map(\.holdUntil).min() {
            arm(ISISTimer(.hold, nil, circuit.name), noLaterThan: first, &step)
        }
    }

    /// What a hello tells of its sender. Its levels are those that both have, of level 1 only with
    /// an area in common (ISO 10589 §8.2.4.2).
    private func adjacency(
        _ hello: ISISHello, from source: MACAddress, on position: Int, at now: Instant
    ) -> ISISAdjacency {
        let circuit = circuits[position]
        var areas: [AreaAddress] = []
        var numbers: [UInt8] = []
        var addresses: [IPAddress] = []
        var watched: [UInt8] = []
        for tlv in hello.tlvs {
            switch tlv {
            case .areaAddresses(let more): areas += more
            case .protocols(let more): numbers += more
            case .ipv4Addresses(let more): addresses += more.map { IPAddress($0) }
            case .ipv6Addresses(let more): addresses += more.filter(\.isLinkLocal)
            case .bfdEnabled(let more):
                watched += more.filter(\.isStandardTopology).map(\.protocolNumber)
            default: break
            }
        }
        let families = configuration.families.sorted().filter {
            numbers.contains(ISISTLV.protocolNumber($0))
        }
        var levels = circuit.levels.intersection(hello.circuitType)
        if !areas.contains(where: configuration.areas.contains) { levels.remove(.one) }
        // By an address of another subnet packets would not get there.
        let gateways = families.compactMap { family in
            addresses.first { $0.family == family && circuit.local(for: $0) != nil }
        }
        var adjacency = ISISAdjacency(
            system: hello.source, address: source, levels: levels, state: .initializing,
            since: now, holdUntil: now + .seconds(Int64(hello.holdingTime)),
            areas: areas.sorted(), families: families, gateways: gateways)
        if circuit.configuration.bfd != nil {
            adjacency.bfdFamilies = families.filter {
                watched.contains(ISISTLV.protocolNumber($0))
            }
        }
        return adjacency
    }

    // MARK: LAN

    private mutating func takeLAN(
        _ heard: ISISAdjacency, _ tlvs: [ISISTLV], _ level: ISISLevel, on position: Int,
        _ step: inout ProtocolStep
    ) {
        var heard = heard
        let own = circuits[position].configuration.mac
        let hearsUs = tlvs.contains {
            if case .lanNeighbors(let addresses) = $0 { addresses.contains(own) } else { false }
        }
        heard.hearsUs = hearsUs
        let known = circuits[position].adjacencies.firstIndex {
            $0.address == heard.address && $0.levels.contains(level)
        }
        if let known {
            let before = circuits[position].adjacencies[known]
            guard before.system == heard.system, !(before.state == .up && !hearsUs) else {
                drop(position, reason: "it no longer hears this router", &step) {
                    $0.address == heard.address && $0.levels.contains(level)
                }
                heard.hearsUs = false
                return add(heard, on: position, &step)
            }
            heard.state = state(of: heard, before: before.state, on: position)
            replace(known, by: heard, on: position, &step)
        } else {
            heard.state = state(of: heard, before: nil, on: position)
            // It may hear us, and does not know that we hear it.
            add(heard, on: position, &step)
        }
    }

    private mutating func add(
        _ adjacency: ISISAdjacency, on position: Int, _ step: inout ProtocolStep
    ) {
        guard circuits[position].adjacencies.count < ISISCircuit.neighborsMax else {
            return reject("too many neighbors: \(adjacency.system)", on: position)
        }
        circuits[position].adjacencies.append(adjacency)
        circuits[position].adjacencies.sort {
            ($0.levels.rawValue, $0.address) < ($1.levels.rawValue, $1.address)
        }
        generation += 1
        changed(adjacency, on: position, &step)
    }

    /// Takes what a known neighbor tells now.
    private mutating func replace(
        _ index: Int, by heard: ISISAdjacency, on position: Int, _ step: inout ProtocolStep
    ) {
        let before = circuits[position].adjacencies[index]
        var now = heard
        if before.state == heard.state { now.since = before.since }
        circuits[position].adjacencies[index] = now
        if before.state != heard.state {
            generation += 1
            return changed(now, on: position, &step)
        }
        let isSame =
            before.gateways == now.gateways && before.levels == now.levels
            && before.priority == now.priority && before.lanID == now.lanID
            && before.areas == now.areas && before.bfdFamilies == now.bfdFamilies
        if !isSame {
            generation += 1
            touch(now.levels.union(before.levels))
            // What is sent to where it was before goes nowhere.
            if before.gateways != now.gateways {
                for level in now.levels.levels { levels[level].hasLostNeighbor = true }
            }
            watch(&step)
            for level in now.levels.levels { elect(position, level, &step) }
        }
    }

    // MARK: Point-to-point

    /// RFC 5303 §3.2.
    private mutating func takePointToPoint(
        _ heard: ISISAdjacency, _ tlvs: [ISISTLV], on position: Int, _ step: inout ProtocolStep
    ) {
        var heard = heard
        guard !heard.levels.isEmpty else {
            return reject("no level in common with \(heard.system)", on: position)
        }
        var told: ISISThreeWay?
        for case .threeWay(let threeWay) in tlvs { told = threeWay }
        if let neighbor = told?.neighbor, isOther(neighbor, on: position) {
            return reject("a hello of \(heard.system) to another router", on: position)
        }
        heard.circuitID = told?.circuitID
        let before = circuits[position].adjacencies.first
        if let before, before.system != heard.system || before.levels != heard.levels {
            drop(position, reason: "another neighbor, or other levels", &step) { _ in true }
        }
        let known = circuits[position].adjacencies.first
        switch (known?.state, told?.state) {
        case (_, nil): heard.hearsUs = true
        // It takes us for up, and we have never heard of it: it is to find out.
        case (nil, .up): return
        case (.up, .down):
            drop(position, reason: "it no longer hears this router", &step) { _ in true }
        case (_, .down): break
        case (_, .initializing), (_, .up): heard.hearsUs = true
        }
        heard.state = state(of: heard, before: known?.state, on: position)
        if circuits[position].adjacencies.isEmpty {
            add(heard, on: position, &step)
        } else {
            replace(0, by: heard, on: position, &step)
        }
    }

    /// Whether the neighbor that a hello names is not this end of the circuit.
    private func isOther(_ neighbor: ISISThreeWay.Neighbor, on position: Int) -> Bool {
        neighbor.system != system
            || neighbor.circuitID.map { $0 != circuits[position].extendedID } ?? false
    }

    // MARK: Changes

    /// A neighbor is new or has another state: it hears of it, then of the database.
    private mutating func changed(
        _ adjacency: ISISAdjacency, on position: Int, _ step: inout ProtocolStep
    ) {
        let circuit = circuits[position]
        let isPointToPoint = circuit.configuration.isPointToPoint
        if adjacency.state == .up { report(adjacency, on: position, reason: nil, &step) }
        if adjacency.state == .up { touch(adjacency.levels) }
        watch(&step)
        for level in isPointToPoint ? [] : adjacency.levels.levels { elect(position, level, &step) }
        for level in isPointToPoint ? [nil] : adjacency.levels.levels.map({ $0 }) {
            sendHello(position, level, &step)
        }
        guard adjacency.state == .up else { return }
        for level in adjacency.levels.levels { synchronise(position, level, &step) }
    }

    /// Gives up neighbors of a circuit.
    mutating func drop(
        _ position: Int, reason: String, _ step: inout ProtocolStep,
        _ isGone: (ISISAdjacency) -> Bool
    ) {
        let gone = circuits[position].adjacencies.filter(isGone)
        guard !gone.isEmpty else { return }
        circuits[position].adjacencies.removeAll(where: isGone)
        settle(losing: gone, on: position, reason: reason, &step)
    }

    private mutating func settle(
        losing gone: [ISISAdjacency], on position: Int, reason: String,
        _ step: inout ProtocolStep
    ) {
        generation += 1
        for adjacency in gone {
            touch(adjacency.levels)
            guard adjacency.state == .up else { continue }
            for level in adjacency.levels.levels { levels[level].hasLostNeighbor = true }
            report(adjacency, on: position, reason: reason, &step)
        }
        watch(&step)
        for level in ISISLevel.allCases {
            if !circuits[position].hasNeighbor(level) {
                circuits[position].flooding[level] = ISISFlooding()
            }
            elect(position, level, &step)
        }
    }

    /// The neighbors that were silent for too long.
    mutating func expireNeighbors(_ position: Int, _ step: inout ProtocolStep) {
        let now = step.now
        drop(position, reason: "hold time expired", &step) { $0.holdUntil <= now }
        guard let first = circuits[position].adjacencies.map(\.holdUntil).min() else { return }
        arm(ISISTimer(.hold, nil, circuits[position].name), at: first, &step)
    }

    /// Adjacencies of some levels are not what they were.
    private mutating func touch(_ type: ISISCircuitType) {
        for level in type.levels {
            levels[level].isStale = true
            levels[level].needsPaths = true
        }
    }

    private func report(
        _ adjacency: ISISAdjacency, on position: Int, reason: String?,
        _ step: inout ProtocolStep
    ) {
        step.emit(
            .report(
                .adjacency(
                    id, interface: circuits[position].name, neighbor: name(of: adjacency.system),
                    state: reason == nil ? "up" : "down", reason: reason)))
    }

    // MARK: BFD

    /// Whether a neighbor that says this is up. Where both ends have BFD, it comes up when BFD
    /// has found the way to it and not before; one that is up stays so (RFC 6213 §3.2).
    private func state(
        of heard: ISISAdjacency, before: ISISAdjacency.State?, on position: Int
    ) -> ISISAdjacency.State {
        guard heard.hearsUs else { return .initializing }
        let isReachable = awaited(heard, circuits[position]).allSatisfy(reachable.contains)
        return before == .up || isReachable ? .up : .initializing
    }

    /// The sessions that a neighbor does not come up without.
    private func awaited(_ adjacency: ISISAdjacency, _ circuit: ISISCircuit) -> [BFDKey] {
        keys(adjacency, circuit).filter { adjacency.bfdFamilies.contains($0.remote.family) }
    }

    private func keys(_ adjacency: ISISAdjacency, _ circuit: ISISCircuit) -> [BFDKey] {
        adjacency.gateways.compactMap { gateway in
            circuit.local(for: gateway).map {
                BFDKey(interface: circuit.name, local: $0, remote: gateway)
            }
        }
    }

    /// BFD found the way to a neighbor that may have waited for that.
    mutating func promote(_ position: Int, _ step: inout ProtocolStep) {
        for index in circuits[position].adjacencies.indices {
            var adjacency = circuits[position].adjacencies[index]
            guard adjacency.state == .initializing,
                state(of: adjacency, before: nil, on: position) == .up
            else { continue }
            adjacency.state = .up
            adjacency.since = step.now
            replace(index, by: adjacency, on: position, &step)
        }
    }

    /// BFD lost the way to a neighbor. One that has BFD too is waited for: that its hellos still
    /// come, or come again, does not make it a neighbor (RFC 6213 §2).
    mutating func loseReach(
        to gateway: IPAddress, on position: Int, _ step: inout ProtocolStep
    ) {
        let reason = "BFD session down"
        var lost: [ISISAdjacency] = []
        for index in circuits[position].adjacencies.indices {
            let adjacency = circuits[position].adjacencies[index]
            guard adjacency.state == .up, adjacency.gateways.contains(gateway),
                adjacency.bfdFamilies.contains(gateway.family)
            else { continue }
            lost.append(adjacency)
            circuits[position].adjacencies[index].state = .initializing
            circuits[position].adjacencies[index].since = step.now
        }
        if !lost.isEmpty { settle(losing: lost, on: position, reason: reason, &step) }
        drop(position, reason: reason, &step) {
            $0.gateways.contains(gateway) && !$0.bfdFamilies.contains(gateway.family)
        }
    }

    /// Has those neighbors watched that are up, or wait for BFD to be so, and no others.
    private mutating func watch(_ step: inout ProtocolStep) {
        var wanted: [BFDKey: BFDParameters] = [:]
        for circuit in circuits {
            guard let parameters = circuit.configuration.bfd else { continue }
            for adjacency in circuit.adjacencies {
                let keys =
                    adjacency.state == .up ? keys(adjacency, circuit) : awaited(adjacency, circuit)
                for key in keys { wanted[key] = parameters }
            }
        }
        for key in watched.keys.sorted() where wanted[key] == nil {
            reachable.remove(key)
            step.emit(.unwatch(key))
        }
        for key in wanted.keys.sorted() where watched[key] == nil {
            if let parameters = wanted[key] { step.emit(.watch(key, parameters)) }
        }
        watched = wanted
    }

    // MARK: Designated router

    func isDesignated(_ position: Int, _ level: ISISLevel) -> Bool {
        let circuit = circuits[position]
        guard let number = circuit.number, !circuit.configuration.isPointToPoint else {
            return false
        }
        return circuit.lanIDs[level] == ISISNodeID(system, pseudonode: number)
    }

    /// Chooses the designated router of a LAN: of this router and its neighbors that are up the
    /// one with the highest priority, then with the highest address (ISO 10589 §8.4.5).
    mutating func elect(_ position: Int, _ level: ISISLevel, _ step: inout ProtocolStep) {
        let circuit = circuits[position]
        guard !circuit.configuration.isPointToPoint, circuit.levels.contains(level) else { return }
        let candidates = circuit.adjacencies.filter { $0.isUp(level) }
        let best = candidates.max { ($0.priority, $0.address) < ($1.priority, $1.address) }
        var elected: ISISNodeID?
        if let best {
            let own = (circuit.configuration.priority, circuit.configuration.mac)
            if let number = circuit.number, own > (best.priority, best.address) {
                elected = ISISNodeID(system, pseudonode: number)
            } else if let lanID = best.lanID, lanID.system == best.system, lanID.isPseudonode {
                elected = lanID
            }
        }
        let before = circuit.lanIDs[level]
        guard elected != before else { return }
        circuits[position].lanIDs[level] = elected
        levels[level].isStale = true
        levels[level].needsPaths = true
        generation += 1
        if isDesignated(position, level) {
            tellDatabase(position, level, &step)
        } else {
            cancel(ISISTimer(.csnp, level, circuit.name), &step)
            // Who joins a LAN brings what it has; the account may be long in coming.
            if before == nil, elected != nil {
                circuits[position].flooding[level].queue.formUnion(levels[level].database.order)
            }
        }
        // Neighbors believe in a LAN ID that hellos tell.
        if circuit.isActive, circuit.isUp, !isStopped { sendHello(position, level, &step) }
    }
}
