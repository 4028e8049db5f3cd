// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Between routing protocols and the tables.
extension Router {
    /// In the order of their identities, which is that in which they hear of an event.
    static func instances(_ configuration: RouterConfiguration) -> [any RoutingProtocol] {
        configuration.protocols.sorted { $0.id < $1.id }.compactMap { $0.makeInstance() }
    }

    func instance(_ id: RoutingProtocolID) -> Int? { protocols.firstIndex { $0.id == id } }

    mutating func run(
        instance position: Int, _ step: inout RouterStep,
        _ body: (inout any RoutingProtocol, inout ProtocolStep) -> Void
    ) {
        var protocolStep = ProtocolStep(at: step.now, numbers: numbers)
        body(&protocols[position], &protocolStep)
        numbers = protocolStep.numbers
        let id = protocols[position].id
        for output in protocolStep.outputs { take(output, of: id, &step) }
    }

    private mutating func take(
        _ output: ProtocolOutput, of id: RoutingProtocolID, _ step: inout RouterStep
    ) {
        switch output {
        case .send(let packet): step.effects.append(.packet(packet))
        case .arm(let timer, let moment): step.effects.append(.arm(.routing(id, timer), at: moment))
        case .cancel(let timer): step.effects.append(.cancel(.routing(id, timer)))
        case .connect(let connection, let peer):
            protocolConnections[connection] = id
            step.effects.append(.connect(connection, peer))
        case .sendOctets(let connection, let octets):
            step.effects.append(.send(connection, octets))
        case .close(let connection):
            protocolConnections[connection] = nil
            step.effects.append(.close(connection))
        case .setRoute(let route): tables.set(route, of: id, at: step.now)
        case .removeRoute(let prefix): tables.remove(prefix, of: id, at: step.now)
        case .setPath(let path): tables.set(path, to: path.destination)
        case .removePath(let prefix): tables.set(nil, to: prefix)
        case .setLabel(let label, let action): tables.set(label, action)
        case .removeLabel(let label): tables.set(label, nil)
        case .watch(let key, let parameters):
            runBFD(&step) { $0.watch(key, parameters, for: .routing(id), &$1) }
        case .unwatch(let key): runBFD(&step) { $0.unwatch(key, for: .routing(id), &$1) }
        case .synchronised(let interface, let isSynchronised):
            for position in protocols.indices where protocols[position].id.vrf == id.vrf {
                run(instance: position, &step) { $0.synchronised(interface, isSynchronised, &$1) }
            }
        case .report(let report): step.effects.append(.report(report))
        }
    }

    // MARK: Events

    mutating func startProtocols(_ step: inout RouterStep) {
        for position in protocols.indices { startAmongInterfaces(instance: position, &step) }
    }

    /// Loopbacks are up from the first, the others when events said so.
    private mutating func startAmongInterfaces(
        instance position: Int, _ step: inout RouterStep
    ) {
        let vrf = protocols[position].id.vrf
        run(instance: position, &step) { $0.start(&$1) }
        let states = tables.resolver.interfaces
        for (interface, isUp) in zip(states.interfaces, states.isUp)
        where isUp && interface.vrf == vrf {
            run(instance: position, &step) { $0.interface(interface.name, isUp: true, &$1) }
        }
    }

    /// An instance that was not there before starts among interfaces that are up, and routes.
    mutating func startLate(instance position: Int, _ step: inout RouterStep) {
        startAmongInterfaces(instance: position, &step)
        for offer in tables.allOffers(vrf: protocols[position].id.vrf) {
            tell(instance: position, offer, &step)
        }
    }

    mutating func protocols(
        _ interface: InterfaceConfiguration, isUp: Bool, _ step: inout RouterStep
    ) {
        runBFD(&step) { $0.interface(interface.name, isUp: isUp, &$1) }
        for position in protocols.indices where protocols[position].id.vrf == interface.vrf {
            run(instance: position, &step) { $0.interface(interface.name, isUp: isUp, &$1) }
        }
    }

    mutating func received(_ packet: RoutingPacket, _ step: inout RouterStep) {
        guard packet.channel.kinds != [.bfd] else {
            return runRoutine(&step) { $0.received(packet, &$1) }
        }
        for position in protocols.indices
        where protocols[position].id.vrf == packet.vrf
            && packet.channel.kinds.contains(protocols[position].id.kind)
        {
            run(instance: position, &step) { $0.received(packet, &$1) }
        }
    }

    /// What BFD does many times a second; mostly nothing follows from it.
    private mutating func runRoutine(
        _ step: inout RouterStep, _ body: (inout BFDSessions, inout BFDStep) -> Void
    ) {
        let before = bfd.generation
        runBFD(&step, body)
        step.isRoutine = bfd.generation == before
    }

    mutating func protocolTimer(
        _ id: RoutingProtocolID, _ timer: RoutingTimer, _ step: inout RouterStep
    ) {
        if id.kind == .bfd { return runRoutine(&step) { $0.timer(timer, &$1) } }
        guard let position = instance(id) else { return }
        run(instance: position, &step) { $0.timer(timer, &$1) }
    }

    /// - Returns: false for a connection that is none of a protocol's.
    mutating func protocolConnection(
        _ id: ConnectionID, _ event: ConnectionEvent, _ step: inout RouterStep
    ) -> Bool {
        if case .accepted(.ldp) = event {
            protocolConnections[id] = RoutingProtocolID(.ldp)
        }
        guard let owner = protocolConnections[id] else { return false }
        switch event {
        case .failed, .closed: protocolConnections[id] = nil
        case .accepted, .connected, .received: break
        }
        guard let position = instance(owner) else {
            step.effects.append(.close(id))
            return true
        }
        run(instance: position, &step) { $0.connection(id, event, &$1) }
        return true
    }

    // MARK: Routes

    /// Lets protocols hear of each other's routes until nobody has anything to add.
    mutating func exchange(_ step: inout RouterStep) {
        guard !protocols.isEmpty else { return }
        while true {
            let offers = tables.takeOffers(at: step.now)
            if offers.isEmpty { return }
            for offer in offers {
                for position in protocols.indices where protocols[position].id.vrf == offer.vrf {
                    tell(instance: position, offer, &step)
                }
            }
        }
    }

    private mutating func tell(
        instance position: Int, _ offer: RoutingTables.Offer, _ step: inout RouterStep
    ) {
        let id = protocols[position].id
        guard tables.exportChains[id] != nil else { return }
        let route = tables.route(offer, for: id)
        run(instance: position, &step) { $0.offered(offer.prefix, route, &$1) }
    }

    /// Ends an event: what protocols changed takes effect.
    mutating func settleProtocols(_ step: inout RouterStep) {
        guard !protocols.isEmpty || !bfd.sessions.isEmpty || !tables.labelledNeighbors.isEmpty
        else { return }
        exchange(&step)
        take(tables.settle(at: step.now), &step)
        startReachable(&step)
    }

    /// Sessions to neighbors that a protocol has just found a route to need not wait for their next
    /// attempt.
    private mutating func startReachable(_ step: inout RouterStep) {
        for position in sessions.indices where !sessions[position].isEstablished {
            let neighbor = sessions[position].neighbor
            let hasRoute = tables.hasRoute(to: neighbor)
            let had = hadRoute.updateValue(hasRoute, forKey: neighbor.key) ?? false
            if hasRoute, !had { run(position, &step) { $0.start(&$1) } }
        }
    }

    // MARK: From one configuration to another

    /// Ends the instances that the new configuration has not, or has otherwise.
    /// - Returns: the others.
    mutating func retireProtocols(
        for new: RouterConfiguration, _ step: inout RouterStep
    ) -> [any RoutingProtocol] {
        var kept: [any RoutingProtocol] = []
        for position in protocols.indices {
            let id = protocols[position].id
            let before = configuration.protocols.first { $0.id == id }
            if let before, new.protocols.contains(before) {
                kept.append(protocols[position])
                continue
            }
            retiredGenerations += protocols[position].generation
            run(instance: position, &step) { $0.shutDown(&$1) }
            // Watches and timers of an instance end with it.
            runBFD(&step) { $0.unwatchAll(for: .routing(id), &$1) }
        }
        return kept
    }

    /// Puts the kept instances in the place of all.
    /// - Returns: the positions of those that are new and have to start.
    mutating func setProtocols(
        _ new: RouterConfiguration, _ kept: [any RoutingProtocol]
    ) -> [Int] {
        protocols = Self.instances(new).map { fresh in
            kept.first { $0.id == fresh.id } ?? fresh
        }
        return protocols.indices.filter { position in
            !kept.contains { $0.id == protocols[position].id }
        }
    }
}

extension PacketChannel {
    /// The protocols that hear its packets.
    var kinds: [RoutingProtocolID.Kind] {
        switch self {
        case .isis: [.isis]
        case .ospf: [.ospf, .ospf3]
        case .rip: [.rip]
        case .ripng: [.ripng]
        case .ldp: [.ldp]
        case .bfd, .bfdMultihop: [.bfd]
        }
    }
}
