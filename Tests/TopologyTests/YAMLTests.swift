// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import Topology

@Suite("YAML")
struct YAMLTests {
    private func read(_ text: String) throws -> YAMLNode {
        let (root, diagnostics) = try YAMLDocument.read(Array(text.utf8))
        #expect(diagnostics.isEmpty)
        return try #require(root)
    }

    @Test func everyValueKnowsItsPlace() throws {
        let root = try read("name: lab\nnodes:\n  - {é: [10.0.0.1, \"two words\"]}\n")
        let pair = try #require(root["nodes"]?.elements.first?.pairs.first)
        #expect(pair.key == "é")
        #expect(pair.keyPlace == Place(line: 3, column: 6))
        #expect(pair.value.place == Place(line: 3, column: 9))
        #expect(pair.value.elements.map(\.place.column) == [10, 20])
        #expect(pair.value.elements.map(\.text) == ["10.0.0.1", "two words"])
    }

    @Test func aByteOrderMarkIsSkipped() throws {
        let (root, _) = try YAMLDocument.read([0xef, 0xbb, 0xbf] + Array("name: lab".utf8))
        #expect(root?["name"]?.text == "lab")
    }

    @Test func anAliasRepeatsWhatItsAnchorNames() throws {
        let root = try read("a: &x {k: v}\nb: *x\n")
        #expect(root["b"]?["k"]?.text == "v")
        #expect(root["b"]?["k"]?.place == Place(line: 1, column: 11))
    }

    @Test func aMergedKeyGivesWayToTheMappingsOwn() throws {
        let root = try read(
            """
            a: &a {x: 1, y: 1}
            b: &b {y: 2, z: 2}
            c: {<<: [*a, *b], x: 3}
            """)
        let merged = try #require(root["c"])
        #expect(merged.pairs.map(\.key) == ["x", "y", "z"])
        #expect(merged.pairs.map(\.value.text) == ["3", "1", "2"])
    }

    @Test func nothingIsDifferentFromAnEmptyText() throws {
        let root = try read("a:\nb: ~\nc: \"\"\nd: 'null'\n")
        #expect(root.pairs.map(\.value.isNull) == [true, true, false, false])
    }

    @Test func nestingAliasesCannotPassTheDepthThatNestingCannot() {
        let inner = String(repeating: "[", count: 40) + String(repeating: "]", count: 40)
        let outer = String(repeating: "[", count: 40) + "*x" + String(repeating: "]", count: 40)
        #expect(throws: Diagnostic.self) { try read("a: &x \(inner)\nb: \(outer)\n") }
    }

    @Test func aFileThatIsTooLargeIsNotRead() {
        let found = mistakes([UInt8](repeating: UInt8(ascii: "#"), count: Topology.fileSizeMax + 1))
        #expect(found.map(\.message) == ["the file has 4194305 bytes; at most 4194304"])
    }
}

@Suite("Suggestions")
struct SuggestionTests {
    @Test(arguments: [
        ("naem", "name"), ("familes", "families"), ("PE", "pe"), ("next-hop_self", "next-hop-self"),
    ])
    func aNearNameIsFound(_ word: String, _ name: String) {
        let names = ["name", "families", "pe", "p", "next-hop-self", "as-override"]
        #expect(Suggestion.nearest(to: word, among: names) == name)
    }

    @Test(arguments: ["x", "colour", "", "a-word-that-is-nothing-like-a-key"])
    func aFarNameIsNot(_ word: String) {
        #expect(Suggestion.nearest(to: word, among: ["name", "role", "p"]) == nil)
    }

    @Test func distanceCountsInsertionsDeletionsChangesAndSwaps() {
        func distance(_ a: String, _ b: String) -> Int {
            Suggestion.distance(Array(a.utf8), Array(b.utf8))
        }
        #expect(distance("vlan", "vlan") == 0)
        #expect(distance("vlan", "lan") == 1)
        #expect(distance("vlan", "vlans") == 1)
        #expect(distance("vlan", "vlon") == 1)
        #expect(distance("vlan", "valn") == 1)
        #expect(distance("", "vlan") == 4)
    }
}
