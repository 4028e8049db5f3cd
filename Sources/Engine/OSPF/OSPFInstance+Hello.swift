// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// Hellos, and the interface and neighbor states that they lead to (RFC 2328 §9 and §10).
extension OSPFInstance {
    // MARK: Interfaces

    mutating func setInterface(_ position: Int, isUp: Bool, _ step: inout ProtocolStep) {
        guard interfaces[position].isUp != isUp else { return }
        interfaces[position].isUp = isUp
        isTopologyDirty = true
        isDerivedDirty = true
        generation += 1
        if isUp { begin(position, &step) } else { end(position, &step) }
    }

    /// InterfaceUp (§9.3).
    private mutating func begin(_ position: Int, _ step: inout ProtocolStep) {
        let interface = interfaces[position]
        guard !interface.configuration.isPassive, interface.address != nil else {
            interfaces[position].state = .passive
            return
        }
        if interface.isPointToPoint {
            interfaces[position].state = .pointToPoint
        } else if interface.configuration.priority == 0 {
            interfaces[position].state = .designatedRouterOther
        } else {
            interfaces[position].state = .waiting
            step.emit(
                .arm(
                    timer("wait", position),
                    at: step.now + interface.configuration.deadInterval))
        }
        sendHello(position, &step)
        armHello(position, &step)
    }

    /// InterfaceDown.
    private mutating func end(_ position: Int, _ step: inout ProtocolStep) {
        let wasActive = interfaces[position].isActive
        for neighbor in interfaces[position].neighborsInOrder {
            removeNeighbor(neighbor.routerID, position, reason: "interface down", &step)
        }
        interfaces[position].state = .down
        interfaces[position].designatedRouter = IPv4Address(bits: 0)
        interfaces[position].backup = IPv4Address(bits: 0)
        interfaces[position].acknowledgments = []
        removeDatabase(.link(position))
        guard wasActive else { return }
        for name in ["hello", "wait", "ack"] { step.emit(.cancel(timer(name, position))) }
    }

    func timer(_ name: String, _ position: Int) -> RoutingTimer {
        RoutingTimer(name, interfaces[position].name)
    }

    func timer(_ name: String, _ router: IPv4Address, _ position: Int) -> RoutingTimer {
        RoutingTimer(name, "\(interfaces[position].name) \(router)")
    }

    // MARK: Hellos

    mutating func armHello(_ position: Int, _ step: inout ProtocolStep) {
        let interval = interfaces[position].configuration.helloInterval
        let delay = jitter.shorten(interval, byUpTo: 10)
        step.emit(.arm(timer("hello", position), at: step.now + delay))
    }

    /// - Parameter isFarewell: hears nobody any more.
    mutating func sendHello(
        _ position: Int, isFarewell: Bool = false, _ step: inout ProtocolStep
    ) {
        let interface = interfaces[position]
        let subnet = interface.subnets.first?.prefix
        let isSubnet = version == .v2 && interface.sham == nil
        let hello = OSPFHello(
            networkMask: isSubnet ? subnet?.networkMask ?? 0 : 0,
            interfaceID: version == .v3 ? interface.number : 0,
            options: options(interface.area), priority: interface.configuration.priority,
            helloInterval: interface.helloSeconds, deadInterval: UInt32(interface.deadSeconds),
            designatedRouter: interface.designatedRouter, backupDesignatedRouter: interface.backup,
            neighbors: isFarewell ? [] : interface.neighborsInOrder.map(\.routerID))
        let group = OSPFPacket.allRouters(version)
        send(.hello(hello), to: interface.sham?.remote ?? group, position, &step)
    }

    /// RFC 2328 §10.5.
    mutating func take(
        _ hello: OSPFHello, _ packet: OSPFPacket, from source: IPAddress, _ position: Int,
        _ step: inout ProtocolStep
    ) {
        if let difference = difference(hello, position) {
            return reject(position, "\(difference) from \(source)")
        }
        let isNew = interfaces[position].neighbors[packet.routerID] == nil
        guard !isNew || interfaces[position].neighbors.count < Self.neighborsMax else {
            return reject(position, "more than \(Self.neighborsMax) neighbors")
        }
        var neighbor =
            interfaces[position].neighbors[packet.routerID]
            ?? OSPFNeighbor(routerID: packet.routerID, address: source, since: step.now)
        if let sequence = packet.cryptographicSequence {
            guard sequence >= neighbor.cryptographicSequence ?? 0 else {
                return reject(position, "an old cryptographic sequence number from \(source)")
            }
            neighbor.cryptographicSequence = sequence
        }
        let before = neighbor
        neighbor.address = source
        neighbor.interfaceID = hello.interfaceID
        neighbor.priority = hello.priority
        neighbor.designatedRouter = hello.designatedRouter
        neighbor.backupDesignatedRouter = hello.backupDesignatedRouter
        neighbor.hearsUs = hello.neighbors.contains(routerID)
        interfaces[position].neighbors[packet.routerID] = neighbor
        step.emit(
            .arm(
                timer("inactivity", packet.routerID, position),
                at: step.now + interfaces[position].configuration.deadInterval))
        if isNew { generation += 1 }
        let peer = OSPFPeer(position: position, router: packet.routerID)
        if neighbor.hearsUs {
            becomeBidirectional(peer, &step)
        } else {
            becomeUnidirectional(peer, &step)
            // It learns at once that it is heard, and need not wait for our next Hello.
            if isNew { sendHello(position, &step) }
        }
        if before.interfaceID != neighbor.interfaceID || before.address != neighbor.address {
            isTopologyDirty = true
            areRoutesDirty = true
        }
        heed(neighbor, before: isNew ? nil : before, position, &step)
    }

    /// What of a Hello differs from what this link is configured to be.
    private func difference(_ hello: OSPFHello, _ position: Int) -> String? {
        let interface = interfaces[position]
        if hello.helloInterval != interface.helloSeconds {
            return "hello interval \(hello.helloInterval)"
        }
        if hello.deadInterval != UInt32(interface.deadSeconds) {
            return "dead interval \(hello.deadInterval)"
        }
        if hello.options.contains(.external) != takesExternals(interface.area) {
            return "another kind of area"
        }
        let mask = interface.subnets.first?.prefix.networkMask
        if version == .v2, !interface.isPointToPoint, hello.networkMask != mask {
            return "network mask \(IPv4Address(bits: hello.networkMask))"
        }
        return nil
    }

    /// What a Hello means for the election (§10.5, the last steps).
    private mutating func heed(
        _ neighbor: OSPFNeighbor, before: OSPFNeighbor?, _ position: Int,
        _ step: inout ProtocolStep
    ) {
        guard !interfaces[position].isPointToPoint,
            let now = interfaces[position].neighbors[neighbor.routerID], now.state >= .twoWay
        else { return }
        let own = neighbor.designation
        let isDesignated = neighbor.designatedRouter == own
        let isBackup = neighbor.backupDesignatedRouter == own
        if interfaces[position].state == .waiting {
            // BackupSeen (§9.2).
            let isAlone = neighbor.backupDesignatedRouter.bits == 0
            if isBackup || isDesignated && isAlone { endWaiting(position, &step) }
            return
        }
        let wasDesignated = before?.designatedRouter == own
        let wasBackup = before?.backupDesignatedRouter == own
        if isDesignated != wasDesignated || isBackup != wasBackup
            || before?.priority != neighbor.priority
        {
            elect(position, &step)
        }
    }

    mutating func endWaiting(_ position: Int, _ step: inout ProtocolStep) {
        guard interfaces[position].state == .waiting else { return }
        step.emit(.cancel(timer("wait", position)))
        interfaces[position].state = .designatedRouterOther
        elect(position, &step)
    }

    // MARK: The election

    mutating func elect(_ position: Int, _ step: inout ProtocolStep) {
        let interface = interfaces[position]
        guard interface.isActive, !interface.isPointToPoint, interface.state != .waiting else {
            return
        }
        let designation = interface.designation(routerID)
        let claim: OSPFElection.Claim =
            switch interface.state {
            case .designatedRouter: .designated
            case .backup: .backup
            default: .none
            }
        let others = interface.neighborsInOrder.filter { $0.state >= .twoWay }.map { neighbor in
            OSPFElection.Candidate(
                priority: neighbor.priority, routerID: neighbor.routerID,
                designation: neighbor.designation,
                claim: neighbor.designatedRouter == neighbor.designation
                    ? .designated
                    : neighbor.backupDesignatedRouter == neighbor.designation ? .backup : .none)
        }
        let result = OSPFElection(
            own: .init(
                priority: interface.configuration.priority, routerID: routerID,
                designation: designation, claim: claim), others: others)
        take(result, designation, position, &step)
    }

    private mutating func take(
        _ result: OSPFElection, _ designation: IPv4Address, _ position: Int,
        _ step: inout ProtocolStep
    ) {
        let before = interfaces[position]
        interfaces[position].designatedRouter = result.designatedRouter
        interfaces[position].backup = result.backup
        interfaces[position].state =
            result.designatedRouter == designation
            ? .designatedRouter
            : result.backup == designation ? .backup : .designatedRouterOther
        guard
            before.designatedRouter != result.designatedRouter || before.backup != result.backup
                || before.state != interfaces[position].state
        else { return }
        generation += 1
        isTopologyDirty = true
        // AdjOK? (§10.3).
        for neighbor in interfaces[position].neighborsInOrder where neighbor.state >= .twoWay {
            reconsider(OSPFPeer(position: position, router: neighbor.routerID), &step)
        }
        // Others need not wait to hear who speaks for the network.
        sendHello(position, &step)
    }

    /// Whether databases are to be kept alike with a neighbor (§10.4).
    private func shouldBeAdjacent(_ neighbor: OSPFNeighbor, _ position: Int) -> Bool {
        let interface = interfaces[position]
        if interface.isPointToPoint { return true }
        return interface.state == .designatedRouter || interface.state == .backup
            || neighbor.designation == interface.designatedRouter
            || neighbor.designation == interface.backup
    }

    private mutating func reconsider(_ peer: OSPFPeer, _ step: inout ProtocolStep) {
        guard let neighbor = neighbor(peer) else { return }
        let should = shouldBeAdjacent(neighbor, peer.position)
        if neighbor.state == .twoWay, should {
            beginExchange(peer, &step)
        } else if neighbor.state > .twoWay, !should {
            set(peer, .twoWay, reason: "no adjacency is needed", &step)
        }
    }

    // MARK: Neighbors

    func neighbor(_ peer: OSPFPeer) -> OSPFNeighbor? {
        interfaces[peer.position].neighbors[peer.router]
    }

    /// Changes a neighbor that is there.
    mutating func update(_ peer: OSPFPeer, _ change: (inout OSPFNeighbor) -> Void) {
        guard var neighbor = interfaces[peer.position].neighbors.removeValue(forKey: peer.router)
        else { return }
        change(&neighbor)
        interfaces[peer.position].neighbors[peer.router] = neighbor
    }

    /// 2-WayReceived.
    mutating func becomeBidirectional(_ peer: OSPFPeer, _ step: inout ProtocolStep) {
        guard let neighbor = neighbor(peer), neighbor.state == .initial,
            !neighbor.isUnreachable
        else { return }
        set(peer, .twoWay, reason: nil, &step)
        watch(peer, &step)
        elect(peer.position, &step)
        reconsider(peer, &step)
    }

    /// 1-WayReceived.
    private mutating func becomeUnidirectional(_ peer: OSPFPeer, _ step: inout ProtocolStep) {
        guard let neighbor = neighbor(peer), neighbor.state >= .twoWay else { return }
        set(peer, .initial, reason: "it does not hear us", &step)
        unwatch(peer.router, peer.position, &step)
        elect(peer.position, &step)
    }

    /// Moves a neighbor to a state, with what follows from reaching or leaving Full.
    mutating func set(
        _ peer: OSPFPeer, _ state: OSPFNeighbor.State, reason: String?,
        _ step: inout ProtocolStep
    ) {
        guard let before = neighbor(peer), before.state != state else { return }
        update(peer) {
            $0.state = state
            $0.stateSince = step.now
            if state <= .exStart { $0.clearLists() }
        }
        generation += 1
        if state < .exStart {
            for name in ["dd", "request", "retransmit"] {
                step.emit(.cancel(timer(name, peer.router, peer.position)))
            }
        }
        // It may be a next hop from now on, or no longer.
        if (before.state >= .twoWay) != (state >= .twoWay) { areRoutesDirty = true }
        guard (before.state == .full) != (state == .full) else { return }
        isTopologyDirty = true
        report(peer.position, peer.router, state == .full ? "up" : "down", reason, &step)
    }

    /// The neighbor is gone: KillNbr, InactivityTimer, LLDown (§10.3).
    mutating func removeNeighbor(
        _ router: IPv4Address, _ position: Int, reason: String, _ step: inout ProtocolStep
    ) {
        let peer = OSPFPeer(position: position, router: router)
        guard neighbor(peer) != nil else { return }
        set(peer, .initial, reason: reason, &step)
        unwatch(router, position, &step)
        interfaces[position].neighbors[router] = nil
        step.emit(.cancel(timer("inactivity", router, position)))
        generation += 1
        isTopologyDirty = true
        areRoutesDirty = true
        if interfaces[position].isUp { elect(position, &step) }
    }

    // MARK: BFD

    /// The neighbor is gone in this event. That its Hellos still come, or come again, does not
    /// make it one: BFD, which it has too, is to find the way to it first (RFC 5882 §4.1).
    mutating func loseReach(_ peer: OSPFPeer, _ step: inout ProtocolStep) {
        update(peer) { $0.isUnreachable = true }
        set(peer, .initial, reason: "BFD down", &step)
        generation += 1
        isTopologyDirty = true
        areRoutesDirty = true
        elect(peer.position, &step)
    }

    /// BFD found the way to a neighbor that may have waited for that.
    mutating func findReach(_ peer: OSPFPeer, _ step: inout ProtocolStep) {
        update(peer) { $0.isUnreachable = false }
        if neighbor(peer)?.hearsUs == true { becomeBidirectional(peer, &step) }
    }

    private mutating func watch(_ peer: OSPFPeer, _ step: inout ProtocolStep) {
        let interface = interfaces[peer.position]
        guard let parameters = interface.configuration.bfd, let local = interface.address,
            let neighbor = neighbor(peer), neighbor.watch == nil
        else { return }
        let key = BFDKey(
            vrf: configuration.vrf, interface: interface.name, local: local,
            remote: neighbor.address)
        update(peer) { $0.watch = key }
        step.emit(.watch(key, parameters))
    }

    mutating func unwatch(
        _ router: IPv4Address, _ position: Int, _ step: inout ProtocolStep
    ) {
        let peer = OSPFPeer(position: position, router: router)
        guard let key = neighbor(peer)?.watch else { return }
        update(peer) { $0.watch = nil }
        step.emit(.unwatch(key))
    }
}
