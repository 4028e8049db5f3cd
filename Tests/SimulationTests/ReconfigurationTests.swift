// SPDX-License-Identifier: Apache-2.0

import Engine
import Plan
import Primitives
import Simulation
import Testing
import Topology

/// A lab that is changed while it runs ends up as one that never was anything else.
@Suite struct ReconfigurationTests {
    static let names = [
        "multihomed-ipvpn", "basic-l3vpn", "6vpe", "mixed-transports", "l3vpn-over-mgre",
        "dual-stack-site", "ce-bgp-vrrp",
    ]

    /// Everything that is known and forwarded by, but for ages, for labels that PEs chose freely,
    /// and for the order that follows from them.
    static func state(_ network: VirtualNetwork, _ name: String) -> [String] {
        let queries: [Query] = [
            .routes(vrf: nil, prefix: nil, source: nil), .vrfs, .mpls, .transports, .vrrp,
            .interfaces,
        ]
        return queries.map { timeless(network.show(name, $0)).text }
            + network.states(name) + network.forwarding(name).map(withoutLabels).sorted()
    }

    private static let untold: Set<String> = [
        "age", "label", "label-ipv6", "labels", "vpn-label", "last-error",
    ]

    private static func timeless(_ json: JSON) -> JSON {
        switch json {
        case .object(let members):
            .object(
                members.filter { !untold.contains($0.name) }
                    .map { .init($0.name, timeless($0.value)) })
        case .array(let elements): .array(elements.map(timeless).sorted { $0.text < $1.text })
        default: json
        }
    }

    private static func withoutLabels(_ line: String) -> String {
        (try? JSON(parsing: line)).map { timeless($0).text } ?? line
    }

    static func fresh(_ topology: Topology) -> VirtualNetwork {
        var network = VirtualNetwork(LabPlan(topology))
        network.startAll()
        network.run(for: .seconds(60))
        return network
    }

    static func expectSame(
        _ network: VirtualNetwork, _ topology: Topology, _ comment: String
    ) {
        let other = fresh(topology)
        #expect(network.names.sorted() == other.names.sorted(), "\(comment)")
        for name in other.names {
            let (seen, wanted) = (state(network, name), state(other, name))
            #expect(seen == wanted, "\(comment): \(name)")
        }
    }

    @Test(arguments: names, 1...2)
    func `random edits lead to the state of a fresh start`(name: String, seed: Int) {
        var chance = Chance(state: UInt64(seed))
        let original = Self.lab(name)
        var topology = original
        var network = Self.fresh(topology)
        var story: [String] = []
        for _ in 0..<4 {
            let count = Int.random(in: 1...3, using: &chance)
            for _ in 0..<count { story.append(topology.edit(&chance)) }
            network.change(to: LabPlan(topology))
            network.run(for: Self.quiet)
            Self.expectSame(network, topology, "\(name) \(seed) \(story)")
        }
        network.change(to: LabPlan(original))
        network.run(for: Self.quiet)
        Self.expectSame(network, original, "\(name) \(seed) back after \(story)")
    }

    private static func lab(_ name: String) -> Topology {
        name == "multihomed-ipvpn" ? MultihomedLab.topology : MultihomedLab.topology(named: name)
    }

    /// Longer than the quarantine of labels.
    private static let quiet = Duration.seconds(90)

    /// How long each established session of a node has been up.
    private func sessions(_ network: VirtualNetwork) -> [String: Int64] {
        let rows = network.names.flatMap { name in
            (network.show(name, .neighbors)["neighbors"]?.array ?? []).compactMap { row in
                row["uptime"]?.int.map { ("\(name) \(row["address"]?.string ?? "")", $0) }
            }
        }
        return Dictionary(rows) { first, _ in first }
    }

    @Test func `a customer edge joins and leaves, and no other session notices`() throws {
        let whole = MultihomedLab.topology(named: "6vpe")
        let name = try #require(whole.nodes.last { $0.role == .ce && $0.bgp != nil }?.name)
        let without = whole.without(name)
        var network = Self.fresh(without)
        let before = sessions(network)
        network.change(to: LabPlan(whole))
        network.run(for: .seconds(60))
        Self.expectSame(network, whole, "joined")
        let joined = sessions(network)
        for (session, age) in before { #expect(joined[session] ?? 0 >= age + 60, "\(session)") }
        #expect(joined.count > before.count)
        network.change(to: LabPlan(without))
        network.run(for: .seconds(60))
        Self.expectSame(network, without, "left")
        #expect(sessions(network).keys.sorted() == before.keys.sorted())
    }

    @Test func `a policy is evaluated again without a message more than it takes`() throws {
        var topology = MultihomedLab.topology
        var network = Self.fresh(topology)
        let before = sessions(network)
        for index in topology.policies.indices { topology.policies[index].terms = [] }
        network.change(to: LabPlan(topology))
        network.run(for: .seconds(60))
        Self.expectSame(network, topology, "no terms")
        let after = sessions(network)
        #expect(after.keys.sorted() == before.keys.sorted())
        for (session, age) in before { #expect(after[session] ?? 0 > age, "\(session)") }
    }
}

extension Topology {
    /// A small change that keeps the topology sound.
    mutating func edit(_ chance: inout Chance) -> String {
        func pick(_ count: Int) -> Int { Int.random(in: 0..<max(count, 1), using: &chance) }
        let node = pick(nodes.count)
        let kind = pick(10)
        switch kind {
        case 0: return editNeighbor(of: node, pick(64), pick(5))
        case 1:
            guard !links.isEmpty else { return "-" }
            let link = pick(links.count)
            links[link].metric = UInt32(1 + pick(40))
            return "metric of \(links[link].name) \(links[link].metric)"
        case 2: return editVRF(of: node, pick(8), pick(5))
        case 3:
            guard let ce = nodes.filter({ $0.role == .ce }).map(\.name).sorted().last,
                nodes.count > 3, !isTracked(ce)
            else { return "-" }
            self = without(ce)
            return "without \(ce)"
        case 4:
            guard let policy = policies.indices.randomElement(using: &chance),
                !policies[policy].terms.isEmpty
            else { return "-" }
            policies[policy].terms.removeLast()
            return "shorter \(policies[policy].name)"
        case 5:
            core.labelBase = Label(UInt32(900 + 100 * pick(4)))
            return "label base \(core.labelBase)"
        case 6:
            nodes[node].staticRoutes.append(
                StaticRoute(prefix: value("10.\(200 + pick(50)).0.0/16"), nextHop: nil))
            return "static route at \(nodes[node].name)"
        case 7:
            guard !nodes[node].vrrpGroups.isEmpty else { return "-" }
            nodes[node].vrrpGroups[0].priority = UInt8(1 + 3 * node + 50 * pick(4))
            return "priority at \(nodes[node].name)"
        case 8:
            nodes[node].routerID = IPv4Address(bits: nodes[node].routerID.bits ^ 0x0001_0000)
            return "router ID of \(nodes[node].name)"
        default:
            guard nodes[node].bgp != nil else { return "-" }
            nodes[node].bgp?.clusterID = IPv4Address(bits: 0x0a0a_0a00 + UInt32(pick(200)))
            return "cluster of \(nodes[node].name)"
        }
    }

    private mutating func editNeighbor(
        of node: Int, _ which: Int, _ what: Int
    ) -> String {
        let own = nodes[node].bgp?.neighbors.count ?? 0
        let vrf = nodes[node].vrfs.indices.first { !nodes[node].vrfs[$0].neighbors.isEmpty }
        func change(_ neighbor: inout Neighbor) -> String {
            switch what {
            case 0: neighbor.importPolicy = which % 2 == 0 ? ["accept"] : ["reject"]
            case 1: neighbor.exportPolicy = which % 2 == 0 ? ["accept"] : ["reject"]
            case 2: neighbor.medOut = UInt32(which)
            case 3: neighbor.holdTime = UInt16(30 + which)
            default: neighbor.isNextHopSelf.toggle()
            }
            return "neighbor \(neighbor.name) \(what)"
        }
        let name = nodes[node].name
        if let vrf, which % 2 == 0 || own == 0 {
            let count = nodes[node].vrfs[vrf].neighbors.count
            return "\(name): " + change(&nodes[node].vrfs[vrf].neighbors[which % count])
        }
        guard var bgp = nodes[node].bgp, own > 0 else { return "-" }
        defer { nodes[node].bgp = bgp }
        return "\(name): " + change(&bgp.neighbors[which % own])
    }

    private mutating func editVRF(of node: Int, _ which: Int, _ what: Int) -> String {
        guard !nodes[node].vrfs.isEmpty else { return "-" }
        let vrf = which % nodes[node].vrfs.count
        switch what {
        case 0: nodes[node].vrfs[vrf].importTargets = []
        case 1: nodes[node].vrfs[vrf].exportTargets = []
        case 2:
            nodes[node].vrfs[vrf].routeDistinguisher = value("\(node + 1):\(77 + vrf)")
        case 3: nodes[node].vrfs[vrf].staticRoutes = []
        default:
            nodes[node].vrfs[vrf].staticRoutes.append(
                StaticRoute(prefix: value("10.\(100 + which).0.0/16"), nextHop: nil))
        }
        return "VRF of \(nodes[node].name) \(what)"
    }

    private func isTracked(_ node: String) -> Bool {
        nodes.contains { other in
            other.vrrpGroups.contains { !$0.tracks.isEmpty } && other.name != node
        } && nodes.first { $0.name == node }?.vrrpGroups.isEmpty == false
    }

    /// The same without a node, its cables, and the sessions with it.
    func without(_ name: String) -> Topology {
        var rest = self
        let gone = Set(
            nodes.filter { $0.name == name }.flatMap(\.interfaces).flatMap(\.addresses)
                .map(\.address))
        rest.nodes.removeAll { $0.name == name }
        let cables = links.filter { $0.a.node == name || $0.b.node == name }
        rest.links.removeAll { $0.a.node == name || $0.b.node == name }
        let free = Set(cables.flatMap { [$0.a, $0.b] })
        for index in rest.lans.indices { rest.lans[index].endpoints.removeAll { $0.node == name } }
        for index in rest.nodes.indices {
            let node = rest.nodes[index].name
            rest.nodes[index].interfaces.removeAll {
                free.contains(Endpoint(node: node, interface: $0.name))
            }
            rest.nodes[index].bgp?.neighbors.removeAll { gone.contains($0.address) }
            for vrf in rest.nodes[index].vrfs.indices {
                rest.nodes[index].vrfs[vrf].neighbors.removeAll { gone.contains($0.address) }
            }
        }
        return rest
    }
}
