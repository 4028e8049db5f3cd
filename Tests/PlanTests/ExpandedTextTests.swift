// SPDX-License-Identifier: Apache-2.0

import Foundation
import Plan
import Testing
import Topology

/// A topology without its templates is the same lab.
@Suite struct ExpandedTextTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static var files: [String] {
        ["Topologies", "Templates/labs"].flatMap { folder in
            let url = root.appending(path: folder)
            let names = try? FileManager.default.contentsOfDirectory(atPath: url.path)
            return (names ?? []).sorted().filter { $0.hasSuffix(".yaml") }.map { folder + "/" + $0 }
        }
    }

    @Test(arguments: ExpandedTextTests.files)
    func `a topology written out without templates comes to the same plan`(_ name: String) throws {
        let text = try Data(contentsOf: Self.root.appending(path: name))
        let file = try TopologyFile(Array(text))
        let expanded = try TopologyFile(Array(file.expandedText.utf8))
        #expect(expanded.instances.isEmpty)
        #expect(LabPlan(expanded.topology.anywhere) == LabPlan(file.topology.anywhere))
        #expect(expanded.expandedText == file.expandedText)
    }

    @Test func `the files are found`() { #expect(Self.files.count >= 15) }

    @Test func `no password is written out`() throws {
        let file = try TopologyFile(
            Array(
                """
                name: x
                bgp-groups: {g: {password: s3cret-1}}
                ipsec: {p: {secret: s3cret-2, secrets: {a: s3cret-3}}}
                nodes: {a: {role: ce, bgp: {as: 1, neighbors: {b: {password: s3cret-4}}}},
                        b: {role: ce, bgp: {as: 2, neighbors: {a: g}}}}
                links: [{endpoints: [a, b]}]
                """.utf8))
        #expect(!file.expandedText.contains("s3cret"))
        #expect(try Topology.parse(Array(file.expandedText.utf8)).nodes.count == 2)
    }
}

extension Topology {
    /// The same with no word of where in a file it stands, nor of passwords.
    fileprivate var anywhere: Topology {
        var topology = self
        let place = Place(line: 1, column: 1)
        for index in nodes.indices { topology.nodes[index].forget(place) }
        for index in transports.indices { topology.transports[index].place = place }
        for index in ipsecProfiles.indices {
            topology.ipsecProfiles[index].place = place
            topology.ipsecProfiles[index].secret = nil
            topology.ipsecProfiles[index].secrets = [:]
        }
        for test in tests.indices {
            topology.tests[test].place = place
            for index in tests[test].checks.indices {
                topology.tests[test].checks[index].place = place
            }
            for index in tests[test].outages.indices {
                topology.tests[test].outages[index].place = place
            }
            for index in tests[test].wires.indices {
                topology.tests[test].wires[index].place = place
            }
        }
        return topology
    }
}

extension Node {
    fileprivate mutating func forget(_ place: Place) {
        self.place = place
        for index in vrfs.indices {
            for neighbor in vrfs[index].neighbors.indices {
                vrfs[index].neighbors[neighbor].password = nil
            }
        }
        for index in (bgp?.neighbors ?? []).indices { bgp?.neighbors[index].password = nil }
        ldp?.password = nil
        isis?.authentication = nil
        for index in (isis?.interfaces ?? []).indices {
            isis?.interfaces[index].authentication = nil
            isis?.interfaces[index].bfd?.authentication = nil
        }
        for instance in ospf.indices {
            for index in ospf[instance].interfaces.indices {
                ospf[instance].interfaces[index].authentication = nil
                ospf[instance].interfaces[index].bfd?.authentication = nil
            }
        }
        for instance in rip.indices { rip[instance].authentication = nil }
    }
}
