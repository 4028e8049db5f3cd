// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Wire

/// A network of routers in a grid with links across it at random, the same in every run.
struct GridNetwork {
    let edges: [[ShortestPaths.Edge]]

    init(nodes count: Int, metricsFrom seed: UInt64 = 11) {
        var random = Jitter(seed: seed)
        var edges = [[ShortestPaths.Edge]](repeating: [], count: count)
        func join(_ a: Int, _ b: Int) {
            guard a != b, b < count, !edges[a].contains(where: { $0.to == b }) else { return }
            let cost = UInt32(10 + random.next() % 90)
            edges[a].append(.init(to: b, cost: cost))
            edges[b].append(.init(to: a, cost: cost))
        }
        var side = 1
        while side * side < count { side += 1 }
        for node in 0..<count {
            if (node + 1) % side != 0 { join(node, node + 1) }
            join(node, node + side)
        }
        for _ in 0..<count / 2 {
            join(Int(random.next() % UInt64(count)), Int(random.next() % UInt64(count)))
        }
        self.edges = edges
    }

    static func system(_ node: Int) -> SystemID { SystemID(bits: 0x1000_0000_0000 + UInt64(node)) }

    static func loopback(_ node: Int) -> IPPrefix {
        IPPrefix(host: IPAddress(family: .ipv4, bits: 0x0a00_0000 + UInt128(node)))
    }

    /// What a router of it tells in IS-IS.
    /// - Parameter metricChange: added to the metric of its first link.
    func packet(
        _ node: Int, sequence: UInt32, metricChange: UInt32 = 0
    ) throws(WireError) -> [UInt8] {
        var neighbors = edges[node].map {
            ISISReachedNode(ISISNodeID(Self.system($0.to)), metric: $0.cost)
        }
        neighbors[0].metric += metricChange
        let lsp = ISISLinkState(
            level: .two, lifetime: 60_000, id: LSPID(ISISNodeID(Self.system(node))),
            sequence: sequence, flags: .levelTwo,
            tlvs: stride(from: 0, to: neighbors.count, by: 23).map {
                .neighbors(Array(neighbors.dropFirst($0).prefix(23)))
            } + [.ipv4Prefixes([ISISPrefix(Self.loopback(node), metric: 0)])])
        return try ISISPacket.linkState(lsp).encoded()
    }
}
