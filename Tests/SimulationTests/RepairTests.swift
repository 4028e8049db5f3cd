// SPDX-License-Identifier: Apache-2.0

import Engine
import Plan
import Primitives
import Simulation
import Testing
import Topology

/// What repairs of the multihomed lab's core cost: nothing, however closely one looks, between any
/// two routers of it and any two sites.
@Suite struct RepairTests {
    /// Probes from one address to another and back.
    struct Flow: Hashable {
        var from: String
        var vrf: String?
        var source: IPAddress
        var to: IPAddress
    }

    private static let topology = MultihomedLab.topology(named: "multihomed-core-failures")
    private static let core = topology.nodes.filter { [.p, .pe].contains($0.role) }
    private static let coreLinks = topology.links.filter { link in
        [link.a, link.b].allSatisfy { end in core.contains { $0.name == end.node } }
    }

    /// Between all routers of the core, and in the VPN between all provider edges.
    private static let flows: [Flow] = core.flatMap { a in
        core.filter { $0.name > a.name }.flatMap { b -> [Flow] in
            guard let source = a.loopbacks.first, let to = b.loopbacks.first else { return [] }
            let plain = Flow(from: a.name, source: source, to: to)
            guard a.role == .pe, b.role == .pe else { return [plain] }
            return [plain, Flow(from: a.name, vrf: "ipvpn", source: source, to: to)]
        }
    }

    private static func started() -> VirtualNetwork {
        var network = VirtualNetwork(LabPlan(topology))
        network.startAll()
        network.run(for: .seconds(60))
        return network
    }

    /// Looks at all flows after every change.
    /// - Returns: what was lost, in words.
    private func losses(
        _ network: inout VirtualNetwork, but without: IPAddress? = nil, for duration: Duration
    ) -> [String] {
        var lost: [String] = []
        let (start, end) = (network.now, network.now + duration)
        let flows = Self.flows.filter { $0.source != without && $0.to != without }
        repeat {
            for flow in flows {
                let echo = network.echo(
                    from: flow.from, vrf: flow.vrf, source: flow.source, to: flow.to)
                if case .answered = echo { continue }
                let path = network.path(from: flow.from, vrf: flow.vrf, to: flow.to)
                let moment = (network.now - start).text
                lost.append("\(moment) \(flow.from) to \(flow.to): \(echo) \(path)")
            }
        } while lost.count < 5 && network.runToChange(until: end)
        return lost
    }

    @Test func `nothing is lost when a link comes back`() {
        #expect(Self.coreLinks.count == 14 && Self.flows.count == 28 + 6)
        var network = Self.started()
        for link in Self.coreLinks {
            network.setLink(link.name, isUp: false)
            network.run(for: .seconds(3))
            network.setLink(link.name, isUp: true)
            let lost = losses(&network, for: .seconds(10))
            #expect(lost.isEmpty, "\(link.name)")
        }
    }

    /// Soon, when LDP has not noticed; and when it has, and begins anew.
    @Test(arguments: [2, 8, 20])
    func `nothing is lost when a silent link speaks again`(seconds: Int) {
        var network = Self.started()
        for link in Self.coreLinks {
            _ = network.impair(link.name, Impairment(loss: .all))
            network.run(for: .seconds(seconds))
            _ = network.impair(link.name, nil)
            let lost = losses(&network, for: .seconds(15))
            #expect(lost.isEmpty, "\(link.name)")
        }
    }

    @Test func `nothing of others is lost when a router comes back`() {
        var network = Self.started()
        for node in Self.core {
            network.kill(node.name)
            network.run(for: .seconds(10))
            network.start(node.name)
            let lost = losses(&network, but: node.loopbacks.first, for: .seconds(30))
            #expect(lost.isEmpty, "\(node.name)")
        }
    }
}
