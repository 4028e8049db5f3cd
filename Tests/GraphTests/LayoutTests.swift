// SPDX-License-Identifier: Apache-2.0

import Testing
import Topology

@testable import Graph

@Suite("Layout")
struct LayoutTests {
    /// Nothing covers anything: nodes, buses, and every text at a link.
    private func expectNothingCovered(_ drawing: Drawing) {
        let layout = Layout(drawing)
        let boxes = layout.nodes + layout.buses + layout.busLabels + layout.labels.map(\.box)
        #expect(layout.nodes.count == drawing.nodes.count)
        #expect(layout.buses.count == drawing.lans.count)
        for (index, box) in boxes.enumerated() {
            for other in boxes[(index + 1)...] where box.intersects(other) {
                Issue.record("\(drawing.name): \(box) and \(other)")
            }
            #expect(box.x >= 0 && box.y >= 0)
            #expect(box.right <= layout.size.width && box.bottom <= layout.size.height)
        }
        // No line is drawn over a node that it does not end at.
        let graph = PlainGraph(drawing)
        for (edge, path) in zip(graph.edges, layout.paths) {
            for (index, box) in layout.nodes.enumerated() where index != edge.a && index != edge.b {
                #expect(!path.crosses(box), "\(drawing.name): over \(drawing.nodes[index].name)")
            }
        }
    }

    @Test(arguments: Labs.files)
    func nothingIsCoveredInOurOwnLabs(file: String) throws {
        let drawing = try Labs.file(file)
        expectNothingCovered(drawing)
        // Every link's own label finds a place; in a crowd, nearly all.
        let labelled = Set(Layout(drawing).labels.filter { !$0.isEnd }.map(\.path))
        let spare = drawing.links.count / 50
        #expect((drawing.links.count - spare...drawing.links.count).contains(labelled.count))
    }

    @Test(arguments: [(4, 21), (8, 100), (3, 200)])
    func nothingIsCoveredInLargeLabs(edges: Int, sites: Int) throws {
        expectNothingCovered(try Labs.provider(edges: edges, sites: sites))
    }

    @Test func theProviderStandsBetweenItsCustomers() throws {
        let drawing = try Labs.file("multihomed-ipvpn.yaml")
        let layout = Layout(drawing)
        func x(_ name: String) throws -> Double {
            layout.nodes[try #require(drawing.nodes.firstIndex { $0.name == name })].middle.x
        }
        let order = ["saturn", "luna", "juno", "apollo", "liber", "genius"]
        let places = try order.map(x)
        #expect(places == places.sorted() && Set(places).count == places.count)
        let area = try #require(layout.provider)
        for (node, box) in zip(drawing.nodes, layout.nodes) {
            #expect(area.contains(box.middle) == node.role.isProvider, "\(node.name)")
        }
    }

    @Test func theSameLabIsDrawnTheSame() throws {
        let first = SVGText(showsSessions: true).text(try Labs.provider(edges: 5, sites: 40))
        let second = SVGText(showsSessions: true).text(try Labs.provider(edges: 5, sites: 40))
        #expect(first == second)
    }

    @Test func strangeShapesAreDrawnToo() throws {
        for text in [
            "name: one\nnodes: {a: {role: host}}",
            "name: apart\nnodes: {a: {role: pe, loopback: 10.0.0.1, bgp: {as: 1}}, b: {role: host}}",
            """
            name: parallel
            nodes: {a: {role: ce}, b: {role: ce}}
            links: [{endpoints: [a, b]}, {endpoints: [a, b]}, {endpoints: [a, b]}]
            """,
            """
            name: circle
            nodes: {a: {role: ce}, b: {role: ce}, c: {role: ce}}
            links: [{endpoints: [a, b]}, {endpoints: [b, c]}, {endpoints: [c, a]}]
            """,
        ] { expectNothingCovered(try Labs.drawing(text)) }
    }
}
