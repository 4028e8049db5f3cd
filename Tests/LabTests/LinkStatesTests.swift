// SPDX-License-Identifier: Apache-2.0

import KernelObjects
import Plan
import Testing
import Topology

@testable import Lab

@Suite struct LinkStatesTests {
    static let text = """
        name: site
        nodes:
          a: {role: ce, loopback: 10.0.0.1}
          b: {role: ce, loopback: 10.0.0.2}
          c: {role: ce, loopback: 10.0.0.3}
        links: [{endpoints: [a, b], subnet: 192.0.2.0/30, vlan: 7}]
        lans:
          office: {endpoints: {a: 10.1.0.1/24, b: 10.1.0.2/24, c: 10.1.0.3/24}}
        """

    var states: LinkStates

    init() throws {
        states = LinkStates(LabPlan(try Topology.parse(Array(Self.text.utf8))))
    }

    func down(_ node: String, _ link: String) -> LinkStates.Setting {
        .init(end: LinkEnd(namespace: node, link: link), isUp: false)
    }

    func up(_ node: String, _ link: String) -> LinkStates.Setting {
        .init(end: LinkEnd(namespace: node, link: link), isUp: true)
    }

    func seen(_ node: String, _ interface: String, _ isUp: Bool) -> LinkStates.Expectation {
        .init(node: node, interface: interface, isUp: isUp)
    }

    @Test mutating func `a pulled link is down at both ends, and both routers see its VLAN go`()
        throws
    {
        let ends = try #require(states.ends(of: "a-b", node: nil))
        let change = states.set(ends, isUp: false)
        #expect(change.settings == [down("a", "eth1"), down("b", "eth1")])
        #expect(change.expectations == [seen("a", "eth1.7", false), seen("b", "eth1.7", false)])
        #expect(states.set(ends, isUp: false) == .init())
        let back = states.set(ends, isUp: true)
        #expect(back.settings == [up("a", "eth1"), up("b", "eth1")])
        #expect(back.expectations == [seen("a", "eth1.7", true), seen("b", "eth1.7", true)])
    }

    @Test mutating func `one end of a link takes the carrier from the other`() throws {
        let ends = try #require(states.ends(of: "a-b", node: "b"))
        let change = states.set(ends, isUp: false)
        #expect(change.settings == [down("b", "eth1")])
        #expect(change.expectations == [seen("a", "eth1.7", false), seen("b", "eth1.7", false)])
    }

    @Test mutating func `a LAN loses its ports, all or one node's`() throws {
        let one = states.set(try #require(states.ends(of: "office", node: "c")), isUp: false)
        #expect(one.settings == [down("lan:office", "c")])
        #expect(one.expectations == [seen("c", "eth1", false)])
        let all = states.set(try #require(states.ends(of: "office", node: nil)), isUp: false)
        #expect(all.settings == [down("lan:office", "a"), down("lan:office", "b")])
        #expect(all.expectations == [seen("a", "eth2", false), seen("b", "eth2", false)])
    }

    @Test mutating func `a dead node's ends are down and only its neighbors are asked`() {
        let change = states.set(node: "a", isAlive: false)
        #expect(change.settings == [down("a", "eth1"), down("a", "eth2")])
        #expect(change.expectations == [seen("b", "eth1.7", false)])
    }

    @Test mutating func `a link pulled while a node is dead stays down when the node comes back`()
        throws
    {
        _ = states.set(node: "a", isAlive: false)
        let ends = try #require(states.ends(of: "a-b", node: nil))
        #expect(states.set(ends, isUp: false).settings == [down("b", "eth1")])
        let back = states.set(node: "a", isAlive: true)
        #expect(back.settings == [up("a", "eth2")])
        #expect(back.expectations == [seen("a", "eth1.7", false), seen("a", "eth2", true)])
    }

    @Test func `names that no link or end has are told apart from those that have`() {
        #expect(states.ends(of: "a-c", node: nil) == nil)
        #expect(states.ends(of: "a-b", node: "c") == nil)
        #expect(states.names == ["a-b", "office"])
    }
}
