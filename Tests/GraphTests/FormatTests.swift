// SPDX-License-Identifier: Apache-2.0

import Foundation
import Primitives
import ProgramWitness
import Testing

@testable import Graph

@Suite("Drawings as texts")
struct FormatTests {
    /// A name that every format must tell from its own syntax.
    static let hostile = "<script>alert(1)</script> \"x\" & 'y' \\N ]]> #1; `z`"

    private func hostileLab() throws -> Drawing {
        var drawing = try Labs.file("multihomed-ipvpn.yaml")
        drawing.description = Self.hostile
        drawing.nodes[0].name = Self.hostile
        drawing.vrfs[0] = Self.hostile
        drawing.links[0].name = Self.hostile
        drawing.lans[0].name = Self.hostile
        return drawing
    }

    @Test(arguments: Labs.files)
    func anXMLParserReadsTheSVG(file: String) throws {
        let svg = SVGText(showsSessions: true).text(try Labs.file(file))
        #expect(try ProgramWitness.complaintsOfXML(svg) == "")
    }

    @Test(arguments: Labs.files)
    func graphvizReadsTheDOT(file: String) throws {
        let drawing = try Labs.file(file)
        let dot = DOTText.text(drawing, showsSessions: true)
        let (status, says) = try ProgramWitness.run("dot", ["-Tplain"], input: dot)
        #expect(status == 0, "\(says)")
        let lines = says.split(separator: "\n")
        #expect(
            lines.count { $0.hasPrefix("node ") } == drawing.nodes.count + drawing.lans.count)
        let taps = drawing.lans.reduce(0) { $0 + $1.ends.count }
        #expect(
            lines.count { $0.hasPrefix("edge ") }
                == drawing.links.count + taps + drawing.sessions.count)
    }

    @Test func namesAreTextInEveryFormat() throws {
        let drawing = try hostileLab()
        let svg = SVGText(showsSessions: true).text(drawing)
        #expect(!svg.contains("<script"))
        #expect(try ProgramWitness.complaintsOfXML(svg) == "")
        let (status, says) = try ProgramWitness.run(
            "dot", ["-Tplain"], input: DOTText.text(drawing, showsSessions: true))
        #expect(status == 0, "\(says)")
        let mermaid = MermaidText.text(drawing, showsSessions: true)
        #expect(!mermaid.contains("<script") && !mermaid.contains("\"x\""))
    }

    @Test func everyThingIsNamedForThoseWhoDoNotSeeColours() throws {
        let drawing = try Labs.file("multihomed-ipvpn.yaml")
        let svg = SVGText(showsSessions: true).text(drawing)
        #expect(svg.contains("<title id=\"weft-title\">multihomed-ipvpn</title>"))
        #expect(svg.contains("15 nodes, 20 links, 1 LAN, "))
        for node in drawing.nodes {
            #expect(svg.contains("<title>\(drawing.words(node).markup)</title>"))
        }
        for link in drawing.links {
            #expect(svg.contains("<title>\(drawing.words(link).markup)</title>"))
        }
        // A VRF's name stands at its links, and its colour in the legend.
        #expect(svg.contains(">VLAN 105 ipvpn</text>"))
        #expect(svg.contains(">VRF ipvpn</text>"))
        #expect(svg.contains("prefers-color-scheme:dark"))
    }

    @Test func noSecretIsDrawn() throws {
        for file in Labs.files {
            let drawing = try Labs.file(file)
            let all = [
                SVGText(showsSessions: true).text(drawing),
                DOTText.text(drawing, showsSessions: true),
                MermaidText.text(drawing, showsSessions: true), drawing.json.text,
            ].joined()
            #expect(!all.contains("secret"))
        }
    }
}

@Suite("What is drawn")
struct DrawingTests {
    @Test func everySessionIsDrawnOnceAndReflectorsPointAtClients() throws {
        let drawing = try Labs.file("multihomed-ipvpn.yaml")
        func pairs(_ kind: Drawing.Session.Kind) -> [String] {
            drawing.sessions.filter { $0.kind == kind }
                .map { "\(drawing.nodes[$0.a].name) \(drawing.nodes[$0.b].name)" }.sorted()
        }
        #expect(pairs(.reflector) == ["ceres juno", "ceres liber", "janus juno", "janus liber"])
        #expect(pairs(.internal) == ["ceres janus", "luna orcus"])
        #expect(pairs(.external) == ["ceres orcus", "juno luna"])
        #expect(drawing.sessions.filter { $0.kind == .external }.allSatisfy { $0.vrf == "ipvpn" })
        #expect(drawing.nodes.filter(\.isReflector).map(\.name) == ["ceres", "janus"])
        #expect(drawing.lans.first?.virtualAddresses == [try #require(IPAddress("192.168.1.1"))])
    }

    @Test func aRunningLabMarksWhatIsNotThere() throws {
        var drawing = try Labs.file("multihomed-ipvpn.yaml")
        drawing.mark(nodes: [
            ["name": "luna", "state": "stopped"], ["name": "juno", "state": "running"],
        ])
        let link = try #require(drawing.links.firstIndex { $0.name == "luna-juno" })
        let session = try #require(
            drawing.sessions.firstIndex { drawing.words($0).contains("juno and luna") })
        drawing.mark(
            node: "juno",
            interfaces: [
                "interfaces": [["name": .string(drawing.links[link].b.interface), "up": false]]
            ],
            neighbors: [
                "neighbors": [
                    [
                        "address": "4.0.0.21", "local-address": "4.0.0.22", "vrf": "ipvpn",
                        "state": "active",
                    ]
                ]
            ])
        #expect(drawing.nodes.filter(\.isStopped).map(\.name) == ["luna"])
        #expect(drawing.links.filter(\.isDown).map(\.name) == ["luna-juno"])
        #expect(drawing.sessions[session].state == "active")
        let svg = SVGText(showsSessions: true).text(drawing)
        #expect(svg.contains(">stopped</text>") && svg.contains(">down</text>"))
        #expect(svg.contains("✕"))
    }
}

@Suite("The picture in the README")
struct ReadmePictureTests {
    /// After a change on purpose: run with WEFT_RECORD=1 in the environment, and look at it.
    @Test func itIsWhatWeftGraphDraws() throws {
        let drawn = SVGText(showsSessions: false).text(try Labs.file("multihomed-ipvpn.yaml"))
        let file = Labs.root.appending(path: "Topologies/multihomed-ipvpn.svg")
        if ProcessInfo.processInfo.environment["WEFT_RECORD"] != nil {
            try drawn.write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == drawn)
    }
}
