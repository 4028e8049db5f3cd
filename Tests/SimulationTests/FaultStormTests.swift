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
                timeless(network.show(name, .transports)).text,
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

    /// A lab with what can be done to it.
    struct Lab: CustomStringConvertible, Sendable {
        let description: String
        let make: @Sendable () -> VirtualNetwork
        let links: [String]
        let sessions: [(node: String, key: NeighborKey)]
        /// Knowledge after a quiet start, and after every delay of a start.
        let calm: [String]

        init(
            _ description: String, links: [String], _ make: @escaping @Sendable () -> VirtualNetwork
        ) {
            self.description = description
            self.make = make
            self.links = links
            var started = make()
            started.startAll()
            started.run(for: .seconds(60))
            calm = FaultStormTests.knowledge(started)
            sessions = started.names.flatMap { name in
                (started.show(name, .neighbors)["neighbors"]?.array ?? []).compactMap { row in
                    row["address"]?.string.map { (name, key($0, vrf: row["vrf"]?.string)) }
                }
            }
        }

        /// One thing that goes wrong, or right again.
        func disturb(_ network: inout VirtualNetwork, _ chance: inout Chance) {
            let node = network.names[Int.random(in: 0..<network.names.count, using: &chance)]
            let link = links[Int.random(in: 0..<links.count, using: &chance)]
            let session = sessions[Int.random(in: 0..<sessions.count, using: &chance)]
            switch Int.random(in: 0..<10, using: &chance) {
            case 0: network.kill(node, silently: true)
            case 1: network.kill(node)
            case 2: network.stop(node)
            case 3, 4: network.start(node)
            case 5: network.setLink(link, isUp: false)
            case 6, 7: network.setLink(link, isUp: true)
            case 8: network.command(session.node, .deactivate(session.key))
            default: network.command(session.node, .activate(session.key))
            }
        }

        func repair(_ network: inout VirtualNetwork) {
            network.run(for: .milliseconds(20))
            for link in links { network.setLink(link, isUp: true) }
            network.startAll()
            for session in sessions { network.command(session.node, .activate(session.key)) }
        }
    }

    /// What LDP gives out depends on who asked first: its labels are all the same here.
    private static func masked(_ knowledge: [String]) -> [String] {
        knowledge.map { line in
            let words = line.split(omittingEmptySubsequences: false) { "[]{},:".contains($0) }
            let parts = words.map { word in
                Int(word).map { (1000..<2000).contains($0) } == true ? "LABEL" : String(word)
            }
            return parts.sorted().joined(separator: " ")
        }
    }

    @Test(arguments: 1...2)
    func `after a storm a core that signals itself is what it was`(seed: UInt64) {
        let links = MultihomedLab.signalled.links.map(\.name) + ["site"]
        let lab = Lab("signalled", links: links) {
            VirtualNetwork(LabPlan(MultihomedLab.signalled))
        }
        for (now, was) in zip(Self.masked(Self.storm(lab, seed)), Self.masked(lab.calm))
        where now != was { Issue.record("seed \(seed): \(now)\nwas \(was)") }
    }

    static let labs = [
        Lab("multihomed", links: MultihomedLab.topology.links.map(\.name) + ["site"]) {
            VirtualNetwork(MultihomedLab.plan)
        },
        Lab("transports", links: (1...4).map { "pe\($0)-p" }) {
            TransportLab.make(count: 4) { n, configuration in
                configuration.transportChoice.pairs =
                    n == 1 ? [.init(endpoint: value("10.0.0.2"), transport: "p2p")] : []
                configuration.transports[1].isAdvertised = n == 3
                if n == 4 { configuration.transportChoice.provider = "mpls" }
            }
        },
    ]

    @Test(arguments: labs, 1...12)
    func `after any storm the lab is what it was`(lab: Lab, seed: UInt64) {
        for (now, was) in zip(Self.storm(lab, seed), lab.calm) where now != was {
            Issue.record("seed \(seed): \(now)\nwas \(was)")
        }
    }

    /// What all nodes know long after many faults and their repair.
    private static func storm(_ lab: Lab, _ seed: UInt64) -> [String] {
        var chance = Chance(state: seed)
        var network = lab.make()
        network.startAll()
        for _ in 0..<40 {
            lab.disturb(&network, &chance)
            let pauses: [Duration] = [
                .zero, .microseconds(150), .milliseconds(1), .milliseconds(120), .seconds(3),
                .seconds(15),
            ]
            network.run(for: pauses[Int.random(in: 0..<pauses.count, using: &chance)])
        }
        lab.repair(&network)
        // Hold timers, retransmissions that have backed off, and the preempt delay.
        network.run(for: .seconds(600))
        return knowledge(network)
    }
}
