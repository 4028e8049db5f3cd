// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

extension LDPInstance {
    package func show(at now: Instant) -> JSON {
        [
            "router-id": JSON(configuration.routerID), "last-error": JSON(lastError),
            "interfaces": JSON(configuration.interfaces.map(interfaceJSON)),
            "neighbors": JSON(
                adjacencies.sorted { $0.key < $1.key }.map { neighborJSON($0, $1, at: now) }),
            "sessions": JSON(peers.sorted { $0.key < $1.key }.map { sessionJSON($1, at: now) }),
            "databases": JSON(
                peers.sorted { $0.key < $1.key }.compactMap { databaseJSON($1) }),
            "paths": JSON(fecs.sorted { $0.key < $1.key }.compactMap { pathJSON($0, $1) }),
        ]
    }

    private func interfaceJSON(_ interface: LDPInterfaceConfiguration) -> JSON {
        let name = interface.interface
        let count = adjacencies.keys.filter { $0.place == .link(name) }.count
        return [
            "interface": .string(name), "address": JSON(interface.address),
            "up": JSON(interfacesUp.contains(name)), "neighbors": JSON(count),
            "synchronised": JSON(synchronised.contains(name)),
        ]
    }

    private func neighborJSON(
        _ key: LDPAdjacency.Key, _ adjacency: LDPAdjacency, at now: Instant
    ) -> JSON {
        var interface: String?
        if case .link(let name) = key.place { interface = name }
        let members: JSON = [
            "address": JSON(adjacency.source), "interface": JSON(interface),
            "targeted": JSON(interface == nil), "ldp-id": .string("\(key.peer)"),
            "hold-time": JSON(adjacency.holdTime?.components.seconds),
            "expires-in": JSON(adjacency.expiry.map { ($0 - now).components.seconds }),
        ]
        return members.compact
    }

    private func sessionJSON(_ peer: LDPPeer, at now: Instant) -> JSON {
        let session = peer.session
        let isActive = configuration.routerID > peer.transportAddress
        let members: JSON = [
            "ldp-id": .string("\(peer.identifier)"),
            "transport-address": JSON(peer.transportAddress),
            "state": .string(session?.state.rawValue ?? "nonexistent"),
            "role": .string(isActive ? "active" : "passive"),
            "keepalive-time": JSON(session?.keepAliveTime.components.seconds),
            "uptime": JSON(
                session.flatMap { $0.isOperational ? (now - $0.since).components.seconds : nil }),
            "labels-received": JSON(session?.bindings.count ?? 0),
            "addresses": JSON((session?.addresses ?? []).sorted()),
            "messages-sent": JSON(session?.sentCount ?? 0),
            "messages-received": JSON(session?.receivedCount ?? 0),
            "last-error": JSON(peer.lastError),
        ]
        return members.compact
    }

    /// Both halves of what is bound, as Junos shows it: input labels are those that the peer gave,
    /// output labels those that it was given.
    private func databaseJSON(_ peer: LDPPeer) -> JSON? {
        guard let session = peer.session, session.isOperational else { return nil }
        let input = session.bindings.sorted { $0.key < $1.key }
        let output = fecs.sorted { $0.key < $1.key }.compactMap { prefix, fec in
            fec.label.map { (key: prefix, value: $0) }
        }
        return [
            "session": .string("\(identifier)--\(peer.identifier)"),
            "input": JSON(input.map { bindingJSON($0.key, $0.value) }),
            "output": JSON(output.map { bindingJSON($0.key, $0.value) }),
        ]
    }

    private func bindingJSON(_ prefix: IPPrefix, _ label: Label) -> JSON {
        ["label": JSON(label.value), "prefix": JSON(prefix)]
    }

    private func pathJSON(_ prefix: IPPrefix, _ fec: LDPFEC) -> JSON? {
        guard !fec.nextHops.isEmpty else { return nil }
        let hops = fec.nextHops.map { hop -> JSON in
            [
                "next-hop": JSON(hop.gateway), "interface": .string(hop.interface),
                "labels": JSON(hop.labels.map { JSON($0.value) }),
            ]
        }
        let members: JSON = [
            "destination": JSON(prefix), "label": JSON(fec.label?.value),
            "metric": JSON(fec.metric), "next-hops": JSON(hops),
        ]
        return members.compact
    }
}
