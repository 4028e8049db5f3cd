// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing
import Topology

@testable import weft

@Suite struct TemplateTextTests {
    @Test func `the list of labs and templates`() throws {
        try expectGolden("new", TemplateListText.text())
        let json = TemplateListText.json
        #expect(json["labs"]?.array.map { $0["name"]?.string } == TemplateSummary.labs.map(\.name))
        let site = json["templates"]?.array.first { $0["name"] == "site" }
        #expect(site?["parameters"]?[0]?["name"] == "pe")
    }

    @Test func `what each instance became`() throws {
        let lab = try #require(TemplateSummary.labs.first { $0.name == "provider" })
        let file = try TopologyFile(Array(lab.text.utf8))
        try expectGolden("plan-instances", InstanceText.text(file.instances))
        let rows = InstanceText.json(file.instances).array
        let ring = try #require(rows.first { $0["name"] == "p-1" })
        #expect(ring["in"] == "p")
        #expect(ring["nodes"] == ["p-1"])
        #expect(ring["links"] == ["p-1-p-2"])
        let edge = try #require(rows.first { $0["name"] == "pe1" })
        #expect(edge["adds-to"] == ["rr-1", "rr-2"])
    }
}
