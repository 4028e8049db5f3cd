// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// What peers tell in an operational session: addresses and labels (RFC 5036 §3.5.5 to §3.5.11).
extension LDPInstance {
    mutating func take(
        _ body: LDPMessage.Body, _ message: LDPMessage, from peer: LDPIdentifier,
        _ step: inout ProtocolStep
    ) {
        switch body {
        case .address(let addresses): add(addresses, of: peer, &step)
        case .addressWithdraw(let addresses): remove(addresses, of: peer, &step)
        case .labelMapping(let binding): map(binding, of: peer, &step)
        case .labelWithdraw(let binding): withdraw(binding, of: peer, &step)
        case .labelRequest(let binding): answer(binding, message, from: peer)
        // Our labels stay bound whoever wants them, and requests are answered at once.
        case .labelRelease, .labelAbortRequest: break
        case .keepAlive, .notification, .hello, .initialization: break
        }
    }

    // MARK: Addresses

    private mutating func add(
        _ addresses: [IPAddress], of peer: LDPIdentifier, _ step: inout ProtocolStep
    ) {
        let known = peers[peer]?.session?.addresses ?? []
        guard known.count + addresses.count <= Limit.addresses else {
            lastError = "more than \(Limit.addresses) addresses from \(peer)"
            return
        }
        peers[peer]?.session?.addresses.formUnion(addresses)
        settle(whatLeadsTo: addresses, &step)
    }

    private mutating func remove(
        _ addresses: [IPAddress], of peer: LDPIdentifier, _ step: inout ProtocolStep
    ) {
        peers[peer]?.session?.addresses.subtract(addresses)
        settle(whatLeadsTo: addresses, &step)
    }

    private mutating func settle(
        whatLeadsTo addresses: [IPAddress], _ step: inout ProtocolStep
    ) {
        generation += 1
        let gateways = Set(addresses)
        let concerned = fecs.filter { entry in
            entry.value.route.nextHops.contains { gateways.contains($0.gateway) }
        }
        for prefix in concerned.keys.sorted() { settle(prefix, &step) }
    }

    // MARK: Labels

    private mutating func map(
        _ binding: LDPBinding, of peer: LDPIdentifier, _ step: inout ProtocolStep
    ) {
        guard let label = binding.label else { return }
        for case .prefix(let prefix) in binding.fec {
            let known = peers[peer]?.session?.bindings
            let old = known?[prefix]
            guard old != label else { continue }
            guard old != nil || (known?.count ?? 0) < Limit.bindings else {
                lastError = "more than \(Limit.bindings) labels from \(peer)"
                release([.prefix(prefix)], label, to: peer)
                continue
            }
            generation += 1
            peers[peer]?.session?.bindings[prefix] = label
            if let old { release([.prefix(prefix)], old, to: peer) }
            settle(prefix, &step)
        }
    }

    /// Every withdrawal is answered with a release (RFC 5036 §3.5.10.1).
    private mutating func withdraw(
        _ binding: LDPBinding, of peer: LDPIdentifier, _ step: inout ProtocolStep
    ) {
        release(binding.fec, binding.label, to: peer)
        guard let bindings = peers[peer]?.session?.bindings else { return }
        for element in binding.fec {
            let concerned: [IPPrefix] =
                switch element {
                case .prefix(let prefix): [prefix]
                case .prefixes(let family): bindings.keys.filter { $0.family == family }
                case .wildcard: Array(bindings.keys)
                }
            for prefix in concerned.sorted()
            where binding.label == nil || bindings[prefix] == binding.label {
                guard peers[peer]?.session?.bindings.removeValue(forKey: prefix) != nil else {
                    continue
                }
                generation += 1
                settle(prefix, &step)
            }
        }
    }

    private mutating func release(
        _ fec: [LDPFECElement], _ label: Label?, to peer: LDPIdentifier
    ) {
        send(.labelRelease(LDPBinding(fec, label: label)), to: peer)
    }

    /// With the label, or that there is none (RFC 5036 §3.5.8).
    private mutating func answer(
        _ binding: LDPBinding, _ message: LDPMessage, from peer: LDPIdentifier
    ) {
        for element in binding.fec {
            switch element {
            case .prefix(let prefix):
                if let label = fecs[prefix]?.label {
                    send(
                        .labelMapping(
                            LDPBinding([element], label: label, requestID: message.id)), to: peer)
                } else {
                    send(
                        .notification(
                            LDPStatus(
                                .noRoute, messageID: message.id,
                                messageType: message.kind.rawValue)), to: peer)
                }
            case .prefixes(.ipv4): sendBindings(to: peer)
            case .prefixes(.ipv6), .wildcard: break
            }
        }
    }
}
