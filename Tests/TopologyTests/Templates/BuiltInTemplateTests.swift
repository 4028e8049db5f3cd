// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Topology

@Suite struct BuiltInTemplateTests {
    private static let folder = Files.topologies.deletingLastPathComponent()
        .appending(path: "Templates")

    private func texts(_ folder: String) throws -> [String: String] {
        let files = try Files.all(in: Self.folder.appending(path: folder), ending: "yaml")
        return try Dictionary(
            uniqueKeysWithValues: files.map { file in
                let name = file.deletingPathExtension().lastPathComponent
                return (name, try String(contentsOf: file, encoding: .utf8))
            })
    }

    @Test func `the program carries the templates as they are`() throws {
        #expect(try texts("topology") == BuiltInTemplates.texts)
        #expect(try texts("labs") == StarterLabs.texts)
    }

    @Test(arguments: BuiltInTemplates.texts.keys.sorted())
    func `a template says what a topology could say`(_ name: String) throws {
        let text = try #require(BuiltInTemplates.texts[name])
        let (root, mistakes) = try YAMLDocument.read(Array(text.utf8))
        let node = try #require(root)
        var validator = Validator()
        validator.check(node, .mapping(Language.template), "the template")
        #expect(mistakes + validator.diagnostics == [])
        let template = Template(name: name, node, isBuiltIn: true)
        #expect(template.mistakes() == [])
        #expect(!template.description.isEmpty)
        #expect(template.parameters.allSatisfy { !$0.description.isEmpty })
    }

    @Test(arguments: StarterLabs.texts.keys.sorted())
    func `a lab to start from is right, and has tests`(_ name: String) throws {
        let lab = try topology(try #require(StarterLabs.texts[name]))
        #expect(lab.name == name)
        #expect(!lab.description.isEmpty)
        #expect(lab.tests.contains { !$0.checks.isEmpty })
    }
}
