// SPDX-License-Identifier: Apache-2.0

import Engine
import KernelObjects
import Primitives
import Testing
import Topology

@testable import Plan

private let nowhere = Place(line: 1, column: 1)

private func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

/// A provider core from loopbacks and links; interfaces are named after the neighbour.
private func topology(_ names: [String], _ links: [(String, String, UInt32)]) throws -> Topology {
    var nodes: [Node] = []
    for (index, name) in names.enumerated() {
        let loopback = try address("10.0.0.\(index + 1)")
        let routerID = try #require(loopback.v4)
        nodes.append(
            Node(name: name, role: .pe, loopbacks: [loopback], routerID: routerID, place: nowhere))
    }
    var topology = Topology(name: "core", nodes: nodes)
    for (index, (a, b, metric)) in links.enumerated() {
        for (node, peer, host) in [(a, b, 1), (b, a, 2)] {
            let at = try #require(topology.nodes.firstIndex { $0.name == node })
            let own = InterfaceAddress(try address("172.16.\(index).\(host)"), length: 30)
            topology.nodes[at].interfaces.append(
                Interface(name: peer, device: peer, addresses: [own], isCore: true))
        }
        topology.links.append(
            TopologyLink(
                name: "\(a)-\(b)", a: Endpoint(node: a, interface: b),
                b: Endpoint(node: b, interface: a), metric: metric))
    }
    return topology
}

@Suite("Static core paths")
struct CorePathTests {
    /// a — b — c, with a costly shortcut a — c.
    private func line() throws -> Topology {
        try topology(["a", "b", "c"], [("a", "b", 10), ("b", "c", 10), ("a", "c", 30)])
    }

    private func path(_ topology: Topology, _ from: String, _ to: String) throws -> CorePaths.Path {
        let node = try #require(topology.node(from))
        let prefix = IPPrefix(host: try #require(topology.node(to)?.loopbacks.first))
        let paths = CorePaths(topology).paths(from: node)
        return try #require(paths.first { $0.destination == prefix })
    }

    @Test func theCheaperWayWins() throws {
        let path = try path(try line(), "a", "c")
        #expect(path.nextHop.interface == "b")
        #expect(path.nextHop.gateway.description == "172.16.0.2")
        #expect(path.metric == 20)
    }

    @Test func theLabelIsTheDestinationsOnEveryRouter() throws {
        let plan = LabPlan(try line())
        let a = try #require(plan.router("a"))
        let b = try #require(plan.router("b"))
        #expect(a.tunnels.map(\.nextHop.labels) == [[], [Label(1002)]])
        let transit = try #require(b.labelSwitches.first { $0.label == Label(1002) })
        #expect(transit.nextHop.labels.isEmpty, "the penultimate hop pops")
        #expect(transit.nextHop.interface == "c")
    }

    @Test func ofEqualWaysTheFirstLinkOfTheFileIsTaken() throws {
        let square = try topology(
            ["a", "b", "c", "d"], [("a", "c", 10), ("a", "b", 10), ("c", "d", 10), ("b", "d", 10)])
        #expect(try path(square, "a", "d").nextHop.interface == "c")
    }

    @Test func anIslandHasNoPaths() throws {
        let islands = try topology(["a", "b", "c"], [("a", "b", 10)])
        let c = try #require(islands.node("c"))
        #expect(CorePaths(islands).paths(from: c).isEmpty)
    }

    @Test func withoutACoreThereAreNeitherPathsNorLabels() throws {
        var topology = try line()
        topology.core.mode = .none
        let plan = LabPlan(topology)
        #expect(plan.routers.allSatisfy { $0.tunnels.isEmpty && $0.labelSwitches.isEmpty })
        #expect(plan.routers.allSatisfy { !$0.interfaces.contains(where: \.carriesMPLS) })
        #expect(!plan.features.contains(.mpls))
        let sysctls = plan.objects.namespaces.flatMap(\.sysctls)
        #expect(!sysctls.contains { $0.path.contains("mpls") })
    }
}

@Suite("Kernel objects of a plan")
struct KernelPlanTests {
    /// A PE with a VRF and a VLAN to a CE that shares a LAN with another CE.
    private func topology() throws -> Topology {
        func interface(_ name: String, _ own: String, vlan: UInt16? = nil, vrf: String? = nil)
            throws
            -> Interface
        {
            Interface(
                name: vlan.map { "\(name).\($0)" } ?? name, device: name, vlan: vlan,
                addresses: [try #require(InterfaceAddress(own))], vrf: vrf)
        }
        let vrf = VRF(
            name: "red", routeDistinguisher: try #require(RouteDistinguisher("1:1")),
            loopbacks: [try address("10.9.9.9")])
        let pe = Node(
            name: "pe", role: .pe, routerID: IPv4Address(bits: 1),
            interfaces: [try interface("eth1", "4.0.0.1/30", vlan: 105, vrf: "red")], vrfs: [vrf],
            place: nowhere)
        let group = VRRPGroup(
            interface: "eth2", group: 7, virtualAddresses: [try address("192.168.1.1")])
        let ce = Node(
            name: "ce", role: .ce, routerID: IPv4Address(bits: 2),
            interfaces: [
                try interface("eth1", "4.0.0.2/30", vlan: 105),
                try interface("eth2", "192.168.1.3/24"),
            ], vrrpGroups: [group], place: nowhere)
        let host = Node(
            name: "host", role: .host, routerID: IPv4Address(bits: 3),
            interfaces: [try interface("eth1", "192.168.1.9/24")], place: nowhere)
        return Topology(
            name: "lab", nodes: [pe, ce, host],
            links: [
                TopologyLink(
                    name: "pe-ce", a: Endpoint(node: "pe", interface: "eth1.105"),
                    b: Endpoint(node: "ce", interface: "eth1.105"), vlan: 105)
            ],
            lans: [
                LAN(
                    name: "site",
                    endpoints: [
                        Endpoint(node: "ce", interface: "eth2"),
                        Endpoint(node: "host", interface: "eth1"),
                    ])
            ])
    }

    private func namespace(_ name: String) throws -> NamespaceObjects {
        try #require(LabPlan(try topology()).objects.namespaces.first { $0.name == name })
    }

    @Test func aVLANStandsOnItsVethAndInItsVRF() throws {
        let links = try namespace("pe").links
        #expect(links.map(\.name) == ["lo", "red", "eth1", "eth1.105"])
        #expect(links[1].kind == .vrf(table: 1001))
        #expect(links[2].kind == .veth(peer: LinkEnd(namespace: "ce", link: "eth1")))
        #expect(links[2].master == nil)
        #expect(links[3].kind == .vlan(parent: "eth1", identifier: 105))
        #expect(links[3].master == "red")
    }

    @Test func aVRFsLoopbackIsOnItsDevice() throws {
        let addresses = try namespace("pe").addresses.map { "\($0.link) \($0.address)" }
        #expect(addresses == ["red 10.9.9.9/32", "eth1.105 4.0.0.1/30"])
    }

    @Test func aVRFsSourceAddressComesFirstOnItsDevice() throws {
        var topology = try topology()
        topology.nodes[0].vrfs[0].sourceAddresses = [try address("4.0.0.1")]
        let objects = try #require(LabPlan(topology).objects.namespaces.first)
        let onDevice = objects.addresses.filter { $0.link == "red" }.map(\.address.description)
        #expect(onDevice == ["4.0.0.1/32", "10.9.9.9/32"])
    }

    @Test func aLANIsABridgeWithAPortForEachEndpoint() throws {
        let links = try namespace("lan:site").links
        #expect(links.map(\.name) == ["br0", "ce", "host"])
        #expect(links[2].kind == .veth(peer: LinkEnd(namespace: "host", link: "eth1")))
        #expect(links[2].master == "br0")
        let end = try #require(try namespace("host").links.last)
        #expect(end.kind == .veth(peer: LinkEnd(namespace: "lan:site", link: "host")))
    }

    @Test func aVRRPGroupHasADownMacvlanWithTheVirtualMAC() throws {
        let device = try #require(try namespace("ce").links.first { $0.name == "vrrp7" })
        #expect(device.kind == .macvlan(parent: "eth2"))
        #expect(device.mac?.description == "00:00:5e:00:01:07")
        #expect(!device.isUp)
    }

    @Test func aHostDoesNotForward() throws {
        #expect(try namespace("host").sysctls.contains(Sysctl("net/ipv4/ip_forward", "0")))
        #expect(try namespace("ce").sysctls.contains(Sysctl("net/ipv4/ip_forward", "1")))
    }

    @Test func theFeaturesAreThoseOfTheLinks() throws {
        let plan = LabPlan(try topology())
        #expect(plan.features == [.namespaces, .veth, .vlan, .vrf, .macvlan, .bridge])
    }

    @Test func planningTwiceGivesTheSamePlan() throws {
        #expect(LabPlan(try topology()) == LabPlan(try topology()))
    }
}
