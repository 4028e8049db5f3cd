// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing
import Topology

@Suite("The multihomed IP VPN's file")
struct MultihomedTests {
    private let lab: Topology

    init() throws { lab = try TopologyTests.lab("multihomed-ipvpn") }

    private func node(_ name: String) throws -> Node { try #require(lab.node(name)) }

    private func vrf(_ name: String) throws -> VRF { try #require(try node(name).vrf("ipvpn")) }

    @Test func hasFifteenRouters() {
        #expect(lab.nodes.count == 15)
        #expect(lab.nodes.filter { $0.role == .p }.count == 4)
        #expect(lab.nodes.filter { $0.role == .pe }.count == 4)
        #expect(lab.nodes.filter { $0.bgp?.clusterID != nil }.map(\.name) == ["ceres", "janus"])
        #expect(lab.nodes.filter { $0.role == .ce }.count == 7)
        #expect(lab.links.count == 20)
        #expect(lab.lans.map(\.name) == ["site"])
    }

    @Test func isTheNetworkWhoseCoreFails() throws {
        let other = try TopologyTests.lab("multihomed-core-failures")
        func bare(_ lab: Topology) -> [Node] {
            lab.nodes.map { node in
                var node = node
                node.place = Place(line: 1, column: 1)
                return node
            }
        }
        #expect(bare(lab) == bare(other))
        #expect(lab.core == other.core && lab.links == other.links && lab.lans == other.lans)
        // Every link between provider nodes, and every P router.
        let core = lab.links.filter {
            lab.node($0.a.node)?.interface($0.a.interface)?.isCore == true
        }
        #expect(core.count == 14)
        let events = other.tests.flatMap(\.events)
        for link in core { #expect(events.contains(.linkDown(.init(link: link.name)))) }
        for node in lab.nodes where node.role == .p {
            #expect(events.contains(.kill(node: node.name)))
        }
    }

    @Test func aProviderEdgeAnswersFromItsFirstAttachment() throws {
        #expect(try vrf("liber").sourceAddresses.map(\.description) == ["4.0.0.98"])
        #expect(try vrf("juno").sourceAddresses.map(\.description) == ["4.0.0.22"])
        #expect(try vrf("ceres").sourceAddresses.map(\.description) == ["4.0.0.46"])
    }

    @Test func namesStandForAddresses() throws {
        let luna = try #require(try vrf("juno").neighbors.first)
        #expect(luna.name == "luna")
        #expect(luna.address.description == "4.0.0.21")
        #expect(luna.localAddress.description == "4.0.0.22")
        #expect(luna.remoteAS == ASNumber(65500))
        #expect(try vrf("juno").staticRoutes.map(\.nextHop?.description) == ["4.0.0.78"])
        let core = try #require(try node("liber").bgp?.neighbors)
        #expect(core.map(\.address.description) == ["10.0.0.2", "10.0.0.4"])
        #expect(core.allSatisfy { $0.localAddress.description == "10.0.0.7" })
        let site = try #require(try node("luna").bgp?.neighbors)
        #expect(site.map(\.address.description) == ["4.0.0.22", "192.168.1.2"])
    }

    @Test func groupsFillInWhatNeighborsDoNotSay() throws {
        let neighbor = try #require(try vrf("ceres").neighbors.first)
        #expect(neighbor.isPassive && neighbor.isASOverride)
        #expect(neighbor.medOut == 150)
        #expect(neighbor.importPolicy == ["secondary"])
        #expect(neighbor.exportPolicy == ["no-cpe-originated"])
        let client = try #require(try node("janus").bgp?.neighbors.last)
        #expect(client.isRouteReflectorClient)
        #expect(client.families == [.ipv4Unicast, .vpnv4])
        #expect(client.holdTime == 0)
    }

    @Test func everySessionHasAPassword() throws {
        for node in lab.nodes {
            let neighbors = (node.bgp?.neighbors ?? []) + node.vrfs.flatMap(\.neighbors)
            #expect(neighbors.allSatisfy { $0.password != nil }, "\(node.name)")
        }
    }

    @Test func interfacesAreNumberedInTheFilesOrder() throws {
        let luna = try node("luna").interfaces
        #expect(luna.map(\.name) == ["eth1.105", "eth2.150"])
        #expect(luna.map(\.device) == ["eth1", "eth2"])
        #expect(
            luna.map { $0.addresses.map(\.description) } == [["4.0.0.21/30"], ["192.168.1.3/24"]])
        #expect(try node("juno").interfaces.map(\.vrf) == [nil, nil, nil, "ipvpn", "ipvpn"])
        #expect(try node("juno").interfaces.map(\.isCore) == [true, true, true, false, false])
    }

    @Test func theSitesGatewayIsShared() throws {
        for (name, priority) in [("luna", UInt8(250)), ("orcus", 150)] {
            let node = try node(name)
            let group = try #require(node.vrrpGroups.first)
            #expect(group.priority == priority)
            #expect(group.virtualAddresses.map(\.description) == ["192.168.1.1"])
            #expect(group.interface == "eth2.150")
        }
        #expect(try node("saturn").staticRoutes.map(\.nextHop?.description) == ["192.168.1.1"])
    }
}
