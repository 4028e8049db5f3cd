// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import Topology

@testable import Graph

/// Labs to draw.
enum Labs {
    static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// The file names under Topologies/.
    static let files: [String] = {
        let names =
            (try? FileManager.default.contentsOfDirectory(
                atPath: root.appending(path: "Topologies").path)) ?? []
        return names.filter { $0.hasSuffix(".yaml") }.sorted()
    }()

    static func file(_ name: String) throws -> Drawing {
        let data = try Data(contentsOf: root.appending(path: "Topologies/\(name)"))
        return try drawing(String(decoding: data, as: UTF8.self))
    }

    static func drawing(_ text: String) throws -> Drawing {
        Drawing(try Topology.parse(Array(text.utf8)))
    }

    /// A ring of P routers, a PE on each, and customers with a host each in one of nine VRFs.
    static func provider(edges: Int, sites: Int) throws -> Drawing {
        var nodes: [String] = []
        var links: [String] = []
        for edge in 0..<edges {
            let vrfs = (0..<sites).filter { $0 % edges == edge }.map { $0 % 9 }
            let list = Set(vrfs).sorted().map { "v\($0): {rd: 1:\($0 + 1), target: 1:\($0 + 1)}" }
            nodes.append("p\(edge): {role: p, loopback: 10.0.\(edge).1}")
            nodes.append(
                "pe\(edge): {role: pe, loopback: 10.0.\(edge).2, bgp: {as: 1}, "
                    + "vrfs: {\(list.joined(separator: ", "))}}")
            links.append("{endpoints: [p\(edge), p\((edge + 1) % edges)]}")
            links.append("{endpoints: [pe\(edge), p\(edge)]}")
        }
        for site in 0..<sites {
            nodes.append("ce\(site): {role: ce, loopback: 10.1.\(site / 250).\(site % 250 + 1)}")
            nodes.append("host\(site): {role: host}")
            links.append("{endpoints: [pe\(site % edges), ce\(site)], vrf: v\(site % 9)}")
            links.append("{endpoints: [ce\(site), host\(site)]}")
        }
        let text = """
            name: made-\(edges)-\(sites)
            nodes:
              \(nodes.joined(separator: "\n  "))
            links:
              - \(links.joined(separator: "\n  - "))
            """
        return try drawing(text)
    }
}
