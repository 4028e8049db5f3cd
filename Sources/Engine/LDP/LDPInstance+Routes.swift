// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// FECs: which prefixes have labels, which labels, and what the tables are told of them.
extension LDPInstance {
    // MARK: From the table

    /// The active route to a prefix is another one. That its new next hop's label is already known
    /// is what liberal retention is for: forwarding changes in this very call.
    mutating func offer(
        _ prefix: IPPrefix, _ route: OfferedRoute?, _ step: inout ProtocolStep
    ) {
        guard let route, isFEC(prefix, route) else { return remove(prefix, &step) }
        if fecs[prefix] == nil { fecs[prefix] = LDPFEC(route: route) }
        fecs[prefix]?.route = route
        settle(prefix, &step)
    }

    /// BGP distributes labels of its own (RFC 8277).
    private func isFEC(_ prefix: IPPrefix, _ route: OfferedRoute) -> Bool {
        prefix.family == .ipv4 && route.source != .bgp
            && (prefix.isHost || !configuration.isHostsOnly)
    }

    mutating func remove(_ prefix: IPPrefix, _ step: inout ProtocolStep) {
        guard fecs[prefix] != nil else { return }
        unbind(prefix, &step)
        fecs[prefix] = nil
        unsettled.remove(prefix)
        generation += 1
    }

    // MARK: Settling

    /// FECs that a peer's labels were used for, or might be: they are settled when a route is
    /// offered in this event, or else right after it, so that a label that only changes its way on
    /// is not taken back from everybody in between.
    mutating func unsettle(_ prefixes: [IPPrefix], _ step: inout ProtocolStep) {
        guard !prefixes.isEmpty else { return }
        unsettled.formUnion(prefixes)
        step.emit(.arm(Timers.settle, at: step.now))
    }

    mutating func settleAll(_ step: inout ProtocolStep) {
        for prefix in unsettled.sorted() { settle(prefix, &step) }
    }

    /// Brings labels and the way on in line with the route and the peers' labels.
    mutating func settle(_ prefix: IPPrefix, _ step: inout ProtocolStep) {
        unsettled.remove(prefix)
        guard let fec = fecs[prefix] else { return }
        if fec.route.source == .direct { return settleEgress(prefix, &step) }
        let hops = labelled(fec.route.nextHops, to: prefix)
        guard !hops.isEmpty else { return lose(prefix, fec, &step) }
        fecs[prefix]?.lingersUntil = nil
        let metric = configuration.tracksIGPMetric ? fec.route.metric : 1
        guard !fec.isTransit || hops != fec.nextHops || metric != fec.metric else { return }
        generation += 1
        if fec.label == nullLabel { unbind(prefix, &step) }
        if !fec.isTransit { bind(prefix, labels.allocate(for: .prefix(prefix)), &step) }
        fecs[prefix]?.nextHops = hops
        fecs[prefix]?.metric = metric
        if let label = fecs[prefix]?.label { step.emit(.setLabel(label, .forward(hops))) }
        step.emit(
            .setPath(LabelSwitchedPath(destination: prefix, nextHops: hops, metric: metric)))
    }

    /// The way on has no label yet. Where the one before still works, as after a repair that the
    /// interior protocol knows of before the new next hop's labels have come, it is kept for a
    /// moment: make before break.
    private mutating func lose(
        _ prefix: IPPrefix, _ fec: LDPFEC, _ step: inout ProtocolStep
    ) {
        let end = fec.lingersUntil ?? step.now + Self.lingering
        guard end > step.now, !fec.nextHops.isEmpty,
            labelled(fec.nextHops, to: prefix) == fec.nextHops
        else { return unbind(prefix, &step) }
        guard fec.lingersUntil == nil else { return }
        fecs[prefix]?.lingersUntil = end
        step.emit(.arm(Timers.linger(prefix), at: end))
    }

    /// Many times what labels take to come from a peer whose session is up.
    private static let lingering = Duration.seconds(1)

    /// Its packets end here: the last router but one is to pop (RFC 3031 §3.16).
    private mutating func settleEgress(_ prefix: IPPrefix, _ step: inout ProtocolStep) {
        guard fecs[prefix]?.label != nullLabel else { return }
        unbind(prefix, &step)
        bind(prefix, nullLabel, &step)
        generation += 1
    }

    /// The hops of a route whose routers have told a label, with it. Labels of others are not used,
    /// whatever they are: where the route has no loop, the path has none.
    private func labelled(
        _ hops: [ForwardingNextHop], to prefix: IPPrefix
    ) -> [ForwardingNextHop] {
        hops.compactMap { hop in
            guard interfacesUp.contains(hop.interface),
                let label = session(owning: hop.gateway)?.bindings[prefix]
            else { return nil }
            return ForwardingNextHop(
                gateway: hop.gateway, interface: hop.interface,
                labels: label == .implicitNull ? [] : [label])
        }
    }

    /// The session with the router that an address belongs to, by what it has told of itself.
    private func session(owning address: IPAddress) -> LDPSession? {
        var owner: LDPPeer?
        for peer in peers.values
        where peer.session?.isOperational == true
            && peer.session?.addresses.contains(address) == true
        {
            if owner.map({ peer.identifier < $0.identifier }) ?? true { owner = peer }
        }
        return owner?.session
    }

    // MARK: Our labels

    /// Binds a label, and tells every peer.
    private mutating func bind(
        _ prefix: IPPrefix, _ label: Label?, _ step: inout ProtocolStep
    ) {
        guard let label else {
            lastError = "all labels of the range are in use"
            return
        }
        fecs[prefix]?.label = label
        tellAll(.labelMapping(LDPBinding([.prefix(prefix)], label: label)))
    }

    /// Takes a label back, if there is one, and the way on out of the tables.
    private mutating func unbind(_ prefix: IPPrefix, _ step: inout ProtocolStep) {
        guard let fec = fecs[prefix] else { return }
        fecs[prefix]?.label = nil
        fecs[prefix]?.nextHops = []
        fecs[prefix]?.lingersUntil = nil
        if let label = fec.label {
            generation += 1
            tellAll(.labelWithdraw(LDPBinding([.prefix(prefix)], label: label)))
            if fec.isTransit {
                step.emit(.removeLabel(label))
                labels.release(label, from: .prefix(prefix), at: step.now)
                armQuarantine(&step)
            }
        }
        if !fec.nextHops.isEmpty { step.emit(.removePath(prefix)) }
    }

    private mutating func tellAll(_ body: LDPMessage.Body) {
        for peer in peers.keys.sorted() where peers[peer]?.session?.isOperational == true {
            send(body, to: peer)
        }
    }

    /// All bindings, to a peer that knows none or asks for all.
    mutating func sendBindings(to peer: LDPIdentifier) {
        for (prefix, fec) in fecs.sorted(by: { $0.key < $1.key }) {
            guard let label = fec.label else { continue }
            send(.labelMapping(LDPBinding([.prefix(prefix)], label: label)), to: peer)
        }
    }
}
