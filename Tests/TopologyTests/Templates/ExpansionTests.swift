// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import Topology

@Suite("Templates of a topology")
struct ExpansionTests {
    private static let star = """
        name: star
        nodes: {hub: {role: ce, bgp: {as: 1}}}
        templates:
          leaf:
            parameters:
              hub: {form: node}
              net: {form: prefix, default: 10.8.0.0/13}
              own: {form: prefix, default: <net / 24 + n>}
            policies: {all: [{then: accept}]}
            nodes:
              <name>:
                role: ce
                bgp: {as: <100 + n>, neighbors: {<hub>: {import: accept, export: all}}}
              <hub>: {bgp: {neighbors: {<name>: {import: accept}}}}
            links:
              - {endpoints: [<hub>, <name>], addresses: [<own(1) / 24>, <own(2) / 24>]}
            lans: {<name>-lan: {endpoints: [<name>]}}
            tests: [{name: all see the hub, checks: [ping: {from: <name>, to: <hub>}]}]
        """

    @Test func `a template is repeated, and adds to what is there`() throws {
        let file = try TopologyFile(
            Array((Self.star + "\nuse: [{template: leaf, repeat: 3, as: l<n>, hub: hub}]\n").utf8))
        let lab = file.topology
        #expect(lab.nodes.map(\.name) == ["hub", "l1", "l2", "l3"])
        #expect(lab.node("l3")?.bgp?.autonomousSystem == ASNumber(103))
        let neighbors = try #require(lab.node("hub")?.bgp?.neighbors)
        #expect(neighbors.map(\.name) == ["l1", "l2", "l3"])
        #expect(neighbors.map(\.address.description) == ["10.8.1.2", "10.8.2.2", "10.8.3.2"])
        #expect(lab.links.map(\.name) == ["hub-l1", "hub-l2", "hub-l3"])
        #expect(lab.lans.map(\.name) == ["l1-lan", "l2-lan", "l3-lan"])
        #expect(lab.policies.count == 1, "what all instances say alike is there once")
        #expect(lab.tests.map(\.checks.count) == [3], "tests of one name are one")
        #expect(file.instances.map(\.name) == ["l1", "l2", "l3"])
        #expect(file.instances[1].nodes == ["l2"])
        #expect(file.instances[1].links == ["hub-l2"])
        #expect(file.instances[1].lans == ["l2-lan"])
        #expect(file.instances[1].extended == ["hub"])
    }

    @Test func `what the file says itself stands before what a template says`() throws {
        let lab = try topology(
            Self.star.replacing("{hub: {role", with: "{l1: {bgp: {as: 7}}, hub: {role")
                + "\nuse: [{template: leaf, as: l1, hub: hub}]\n")
        #expect(lab.nodes.map(\.name) == ["l1", "hub"])
        #expect(lab.node("l1")?.bgp?.autonomousSystem == ASNumber(7))
        #expect(lab.node("hub")?.bgp?.neighbors.first?.remoteAS == ASNumber(7))
    }

    @Test func `no instances, and instances without a number`() throws {
        let none = Self.star + "\nuse: [{template: leaf, repeat: 0, hub: hub}]\n"
        #expect(try topology(none).nodes.count == 1)
        let one = Self.star + "\nuse: [{template: leaf, hub: hub}]\n"
        #expect(try topology(one).nodes.map(\.name) == ["hub", "leaf"])
        let two = Self.star + "\nuse: [{template: leaf, repeat: 2, hub: hub}]\n"
        #expect(try topology(two).nodes.map(\.name) == ["hub", "leaf-1", "leaf-2"])
    }

    @Test func `templates are made of templates`() throws {
        let lab = try topology(
            """
            name: rings
            use: [{template: p-ring, as: core, size: 3}, {template: p-ring, as: metro, size: 4}]
            """)
        #expect(lab.nodes.count == 7)
        #expect(
            lab.links.map(\.name).prefix(3) == ["core-1-core-2", "core-2-core-3", "core-3-core-1"])
        #expect(lab.links.last?.name == "metro-4-metro-1")
    }

    @Test func `a file's own template stands before one of Weft's`() throws {
        let lab = try topology(
            """
            name: own
            templates: {site: {nodes: {<name>: {role: host}}}}
            use: [{template: site, repeat: 2}]
            """)
        #expect(lab.nodes.map(\.role) == [.host, .host])
    }

    @Test func `a mistake in a template is told once, where it stands`() {
        let text =
            Self.star.replacing("hub: {form: node}", with: "hub: {form: nod}")
            .replacing("{then: accept}", with: "{than: accept}")
            .replacing("<100 + n>", with: "<100 + m>")
            + "\nuse: [{template: leaf, repeat: 3, as: l<n>, hub: hub}]\n"
        #expect(
            mistakes(text) == [
                "6:19: 'form' must be one of text, name, node, number, flag, address, prefix, time, "
                    + "as-number, not 'nod'; did you mean 'node'?",
                "9:23: unknown key 'than' in a policy's term; did you mean 'then'?",
                "13:19: the template has no parameter 'm'",
            ])
    }

    @Test func `a mistake that a use makes is told with its places`() {
        let text =
            Self.star + """

                use:
                  - {template: leaf, repeat: 200, as: l<n>, hub: hub, net: 10.8.0.0/17}
                  - {template: leaf, repeat: 2, as: m<n>, hub: hubb}
                """
        #expect(
            mistakes(text) == [
                "20:5: in '<net / 24 + n>': 10.8.0.0/17 has no /24 number 128 after 10.8.0.0/24, "
                    + "in 'l128': template 'leaf', line 8",
                "21:48: no node 'hubb'; did you mean 'hub'?",
            ])
    }

    @Test func `a use that names what is not there, or is`() {
        let nodes = Self.star.replacing("{hub: {role", with: "{d: {role: host}, hub: {role")
        let text =
            nodes + """

                use:
                  - {template: lead, hub: hub}
                  - {template: leaf, hub: hub, nets: 10.0.0.0/8}
                  - {template: leaf, as: b}
                  - {template: leaf, as: c, hub: "a b"}
                  - {template: leaf, hub: hub, repeat: 10001}
                  - {templat: leaf, hub: hub}
                  - {template: leaf, hub: hub, repeat: 2, as: same}
                  - {template: leaf, as: d, hub: hub}
                """
        #expect(
            mistakes(text) == [
                "20:16: no template 'lead'; did you mean 'leaf'?",
                "21:32: the template 'leaf' has no parameter 'nets'; did you mean 'net'?",
                "22:5: the template 'leaf' needs 'hub'",
                "23:34: 'hub' must be a name of letters, digits, '-' and '_' such as pe-1, not 'a b'",
                "24:40: 'repeat' must be a number from 0 to 10000, not '10001'",
                "25:5: a use needs 'template': the template: one of this file's, or of those that "
                    + "Weft has (weft new)",
                "26:47: the instance 'same' is there already (26:5); 'as' needs <n>",
                "27:5: the node 'd' is there already (2:9), in 'd': template 'leaf', line 11",
            ])
    }

    @Test func `two instances that do not agree`() {
        let text = """
            name: x
            nodes: {a: {role: pe, bgp: {as: 1}}}
            templates:
              vpn:
                parameters: {number: {form: number}}
                nodes: {a: {vrfs: {red: {rd: "1:<number>", target: "1:1"}}}}
            use: [{template: vpn, as: one, number: 1}, {template: vpn, as: two, number: 2}]
            """
        #expect(
            mistakes(text) == [
                "7:44: nodes.a.vrfs.red.rd says another thing already by 'one' (7:7), in 'two': "
                    + "template 'vpn', line 6"
            ])
    }

    @Test func `templates that use each other end`() {
        let text = """
            name: x
            templates:
              a: {use: [{template: b}]}
              b: {use: [{template: a}]}
            use: [{template: a}]
            """
        #expect(
            mistakes(text) == [
                "5:7: the template 'a' uses itself: a, b, a, in 'b': template 'b', line 4, used by "
                    + "template 'a', line 3"
            ])
    }

    @Test func `spoiled templates are answered like any other`() {
        let text = Self.star + "\nuse: [{template: leaf, repeat: 3, as: l<n>, hub: hub}]\n"
        var generator = MutationTests.Generator(state: 16)
        var rejected = 0
        for _ in 0..<300 {
            let found = mistakes(MutationTests.spoil(Array(text.utf8), &generator))
            rejected += found.isEmpty ? 0 : 1
            #expect(found.allSatisfy { $0.place.expansion == 0 && !$0.message.contains("\n") })
            #expect(found.map(\.place) == found.map(\.place).sorted())
        }
        #expect(rejected > 150)
    }

    @Test func `an expansion without measure is stopped`() {
        let text = """
            name: x
            templates:
              wide: {use: [{template: more, repeat: 10000, as: <name>-<n>}]}
              more: {nodes: {<name>: {role: host, static: {10.0.0.0/8: discard}}}}
            use: [{template: wide, repeat: 10000, as: w<n>}]
            """
        #expect(mistakes(text) == ["5:7: the templates come to more than 250000 values"])
    }
}
