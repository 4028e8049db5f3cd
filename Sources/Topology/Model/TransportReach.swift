// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Which transports of a topology exist between which provider edges.
///
/// The provider's transport, what a policy of a node in the AS sets, and an advertised one that no
/// pair has for itself exist between all PEs with VRFs of an AS; a pair's between the two. Label
/// switched paths are no part of this.
package struct TransportReach {
    private let transports: [Transport]
    /// PEs with VRFs, in the file's order.
    private var members: [ASNumber: [String]] = [:]
    private var homes: [String: ASNumber] = [:]
    /// Names of transports that exist in the whole AS.
    private var everywhere: [ASNumber: Set<String>] = [:]
    private var pairs: [String: [PairEnd]] = [:]

    private struct PairEnd {
        var peer: String
        var transport: String
    }

    package init(_ topology: Topology) {
        transports = topology.transports
        for pair in topology.core.pairs {
            pairs[pair.a, default: []].append(PairEnd(peer: pair.b, transport: pair.transport))
            pairs[pair.b, default: []].append(PairEnd(peer: pair.a, transport: pair.transport))
        }
        let ofPairs = Set(topology.core.pairs.map(\.transport))
        let advertised = transports.filter { $0.isAdvertised && !ofPairs.contains($0.name) }
        let common = Set(advertised.map(\.name) + [topology.core.transport])
        let named = Dictionary(
            topology.policies.map { ($0.name, $0.transports) }, uniquingKeysWith: +)
        for node in topology.nodes {
            guard let home = node.bgp?.autonomousSystem else { continue }
            everywhere[home, default: common].formUnion(
                node.policyNames.flatMap { named[$0] ?? [] })
            guard node.role == .pe, !node.vrfs.isEmpty else { continue }
            homes[node.name] = home
            members[home, default: []].append(node.name)
        }
    }

    /// The transports that a node has, in the file's order.
    package func transports(of node: String) -> [Transport] {
        transports.filter { !peers(of: node, by: $0.name).isEmpty }
    }

    /// The PEs that a node reaches by a transport: those of its AS in the file's order, then those
    /// of pairs alone.
    package func peers(of node: String, by transport: String) -> [String] {
        var peers: [String] = []
        if let home = homes[node], everywhere[home]?.contains(transport) == true {
            peers = members[home, default: []].filter { $0 != node }
        }
        for end in pairs[node] ?? [] where end.transport == transport && !peers.contains(end.peer) {
            peers.append(end.peer)
        }
        return peers
    }

    /// The transports between two PEs, in the file's order.
    package func transports(between a: String, and b: String) -> [Transport] {
        transports.filter { peers(of: a, by: $0.name).contains(b) }
    }
}

extension Policy {
    /// The transports that its terms set.
    fileprivate var transports: [String] {
        terms.flatMap(\.actions).compactMap { action in
            if case .transport(let name) = action { name } else { nil }
        }
    }
}

extension Node {
    /// The policies that the node's neighbors, VRFs, OSPF and RIP name; once or several times each.
    package var policyNames: [String] {
        let neighbors = (bgp?.neighbors ?? []) + vrfs.flatMap(\.neighbors)
        var names = neighbors.flatMap { $0.importPolicy + $0.exportPolicy }
        names += vrfs.flatMap { $0.importPolicy + $0.exportPolicy }
        names += ospf.flatMap(\.exportPolicy)
        return names + rip.flatMap(\.exportPolicy)
    }
}
