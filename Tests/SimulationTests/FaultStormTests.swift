// SPDX-License-Identifier: Apache-2.0

import Engine
import Plan
import Primitives
import Simulation
import Testing
import Topology

/// Whatever happens to a lab, once all is well again it is as if nothing had happened.
@Suite struct FaultStormTests {
    /// What all nodes know, without what depends on when they learned it.
    static func knowledge(_ network: VirtualNetwork) -> [String] {
        network.names.flatMap { name in
            [
                timeless(network.show(name, .routes(vrf: nil, prefix: nil, source: nil))).text,
                timeless(network.show(name, .vrfs)).text,
                timeless(network.show(name, .mpls)).text,
                network.show(name, .vrrp).text,
                network.states(name).joined(separator: " "),
            ].map { "\(name): \($0)" }
        }
    }

    private static func timeless(_ json: JSON) -> JSON {
        switch json {
        case .object(let members):
            .object(
                members.filter { $0.name != "age" }.map { .init($0.name, timeless($0.value)) })
        case .array(let elements): .array(elements.map(timeless))
        default: json
        }
    }

    /// Knowledge after a quiet start, and after the preempt delay.
    static let calm: [String] = {
        var network = MultihomedLab.started()
        network.run(for: .seconds(60))
        return knowledge(network)
    }()

    /// One thing that goes wrong, or right again.
    static func disturb(_ network: inout VirtualNetwork, _ chance: inout Chance) {
        let topology = MultihomedLab.topology
        let links = topology.links.map(\.name) + ["site"]
        let sessions = [
            ("juno", key("4.0.0.21", vrf: "ipvpn")), ("ceres", key("4.0.0.45", vrf: "ipvpn")),
            ("luna", key("4.0.0.22")), ("luna", key("192.168.1.2")), ("liber", key("10.0.0.2")),
            ("janus", key("10.0.0.2")),
        ]
        let node = topology.nodes[Int.random(in: 0..<topology.nodes.count, using: &chance)].name
        let link = links[Int.random(in: 0..<links.count, using: &chance)]
        let session = sessions[Int.random(in: 0..<sessions.count, using: &chance)]
        switch Int.random(in: 0..<10, using: &chance) {
        case 0: network.kill(node, silently: true)
        case 1: network.kill(node)
        case 2: network.stop(node)
        case 3, 4: network.start(node)
        case 5: network.setLink(link, isUp: false)
        case 6, 7: network.setLink(link, isUp: true)
        case 8: network.command(session.0, .deactivate(session.1))
        default: network.command(session.0, .activate(session.1))
        }
    }

    static func repair(_ network: inout VirtualNetwork) {
        network.run(for: .milliseconds(20))
        for link in MultihomedLab.topology.links.map(\.name) + ["site"] {
            network.setLink(link, isUp: true)
        }
        network.startAll()
        for node in MultihomedLab.plan.routers {
            for neighbor in node.neighbors {
                network.command(node.name, .activate(neighbor.key))
            }
        }
    }

    @Test(arguments: 1...12)
    func `after any storm the lab is what it was`(seed: UInt64) {
        var chance = Chance(state: seed)
        var network = MultihomedLab.started()
        for _ in 0..<40 {
            Self.disturb(&network, &chance)
            let pauses: [Duration] = [
                .zero, .microseconds(150), .milliseconds(1), .milliseconds(120), .seconds(3),
                .seconds(15),
            ]
            network.run(for: pauses[Int.random(in: 0..<pauses.count, using: &chance)])
        }
        Self.repair(&network)
        // Hold timers, retransmissions that have backed off, and the preempt delay.
        network.run(for: .seconds(600))
        let knowledge = Self.knowledge(network)
        for (now, was) in zip(knowledge, Self.calm) where now != was {
            Issue.record("seed \(seed): \(now)\nwas \(was)")
        }
    }
}
