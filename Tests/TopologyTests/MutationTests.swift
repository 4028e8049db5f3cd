// SPDX-License-Identifier: Apache-2.0

import Foundation
import Plan
import Testing

@testable import Topology

/// Spoils right files at random, their bytes or their trees: whatever comes of it, the loader
/// answers, with a topology or with mistakes that have a place in the file. A seed makes every run
/// the same.
@Suite("Spoiled files")
struct MutationTests {
    /// What a value is replaced with: the edges of what the language takes, and YAML's own signs.
    static let values = [
        "", "~", "0", "-1", "4294967295", "99999999999999999999", "true", "\"", "'", "[", "]", "{",
        "}", "[]", "{}", "&x", "*x", "<<: *x", "!t", "|", ">", "? ", "- ", ": ", "#", "%", "@",
        "\t",
        "::", "::1", "::/0", "0.0.0.0/0", "255.255.255.255/32", "10.0.0.0/31", "ffff::/127", "none",
        "discard", "luna", "juno", "site", "ipvpn", "pe", "host", "1:1", "é", "\u{0}", "1e9s", "0s",
    ]

    /// The 64-bit generator of Steele, Lea and Flood (SplitMix).
    struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var z = state
            z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
            z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
            return z ^ (z >> 31)
        }
    }

    static func spoil(_ bytes: [UInt8], _ generator: inout Generator) -> [UInt8] {
        var bytes = bytes
        for _ in 0...Int.random(in: 0...2, using: &generator) {
            switch Int.random(in: 0...4, using: &generator) {
            case 0:
                bytes[Int.random(in: bytes.indices, using: &generator)] =
                    UInt8.random(in: 0...255, using: &generator)
            case 1: bytes.removeSubrange(range(bytes, 40, &generator))
            case 2:
                let part = bytes[range(bytes, 200, &generator)]
                bytes.insert(contentsOf: part, at: range(bytes, 1, &generator).lowerBound)
            default: replaceWord(&bytes, &generator)
            }
        }
        return bytes
    }

    private static func range(
        _ bytes: [UInt8], _ longest: Int, _ generator: inout Generator
    ) -> Range<Int> {
        let start = Int.random(in: bytes.indices, using: &generator)
        return start..<min(bytes.count, start + Int.random(in: 1...longest, using: &generator))
    }

    /// A run of bytes between separators becomes one of the values.
    private static func replaceWord(_ bytes: inout [UInt8], _ generator: inout Generator) {
        let separators = Set(" ,:[]{}\n".utf8)
        let at = Int.random(in: bytes.indices, using: &generator)
        let start = bytes[..<at].lastIndex(where: separators.contains).map { $0 + 1 } ?? 0
        let end = bytes[at...].firstIndex(where: separators.contains) ?? bytes.count
        let value = values.randomElement(using: &generator) ?? ""
        bytes.replaceSubrange(start..<max(start, end), with: value.utf8)
    }

    /// Values of the tree deleted, repeated, or exchanged for others of it.
    static func spoil(_ root: YAMLNode, _ generator: inout Generator) -> YAMLNode {
        var root = root
        for _ in 0...Int.random(in: 0...1, using: &generator) {
            let paths = YAMLTree.paths(root)
            guard let path = paths.randomElement(using: &generator),
                let other = paths.randomElement(using: &generator)
            else { return root }
            let place = Place(line: 1, column: 1)
            var child = YAMLTree.value(root, at: other)
            switch Int.random(in: 0...5, using: &generator) {
            case 0: root = YAMLTree.editing(root, at: path) { YAMLTree.remove(&$0, $1) }
            case 1, 2:
                let sameKey = Bool.random(using: &generator)
                root = YAMLTree.editing(root, at: path) {
                    YAMLTree.duplicate(&$0, $1, sameKey: sameKey)
                }
            case 3:
                let text = values.randomElement(using: &generator) ?? ""
                child = YAMLNode(place: place, content: .scalar(text, isPlain: true))
                fallthrough
            default: root = YAMLTree.editing(root, at: path) { YAMLTree.replace(&$0, $1, child) }
            }
        }
        return root
    }

    /// Every mistake has a text of one line and a place in the file, and they are in order.
    private func expectOrderly(_ found: [Diagnostic], in text: [UInt8]) {
        let lines = String(decoding: text, as: UTF8.self)
            .split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for mistake in found {
            #expect(!mistake.message.isEmpty && !mistake.message.contains(where: \.isNewline))
            let place = mistake.place
            // The end of the file is in the line after the last.
            #expect((1...lines.count + 1).contains(place.line), "\(mistake)")
            let width =
                lines.indices.contains(place.line - 1)
                ? lines[place.line - 1].unicodeScalars.count : 0
            #expect((1...width + 1).contains(place.column), "\(mistake)")
        }
        #expect(found.map(\.place) == found.map(\.place).sorted())
    }

    static let names = try? Files.all(in: Files.topologies, ending: "yaml").map {
        $0.deletingPathExtension().lastPathComponent
    }

    @Test(arguments: MutationTests.names ?? [])
    func areAnsweredLikeAnyOther(_ name: String) throws {
        let url = Files.topologies.appending(path: name + ".yaml")
        let original = Array(try Data(contentsOf: url))
        var generator = Generator(state: 4)
        var rejected = 0
        for _ in 0..<140 {
            let spoiled = Self.spoil(original, &generator)
            let found = mistakes(spoiled)
            rejected += found.isEmpty ? 0 : 1
            expectOrderly(found, in: spoiled)
        }
        // Comments and free texts may change without harm; most else may not.
        #expect(rejected > 70)
    }

    /// What is accepted all the same has a plan.
    @Test(arguments: MutationTests.names ?? [])
    func treesAreAnsweredLikeAnyOther(_ name: String) throws {
        let url = Files.topologies.appending(path: name + ".yaml")
        let original = try #require(try YAMLTree.read(Array(try Data(contentsOf: url))))
        var generator = Generator(state: 5)
        var accepted = 0
        for _ in 0..<60 {
            let text = Array(YAMLTree.text(Self.spoil(original, &generator)).utf8)
            do throws(TopologyErrors) {
                let plan = LabPlan(try Topology.parse(text))
                #expect(plan.routers.count == plan.topology.nodes.count)
                accepted += 1
            } catch {
                expectOrderly(error.diagnostics, in: text)
            }
        }
        #expect((1..<60).contains(accepted))
    }

    /// What Weft accepts, an editor does not mark.
    @Test func theSchemaAcceptsWhatIsAcceptedAllTheSame() throws {
        var generator = Generator(state: 6)
        var accepted: [SchemaWitness.Case] = []
        for name in ["basic-l3vpn", "dual-stack-site", "ce-bgp-vrrp", "l3vpn-over-gre"] {
            let url = Files.topologies.appending(path: name + ".yaml")
            let original = try #require(try YAMLTree.read(Array(try Data(contentsOf: url))))
            for _ in 0..<30 {
                let text = YAMLTree.text(Self.spoil(original, &generator))
                if mistakes(text).isEmpty { accepted.append(.init(text: text)) }
            }
        }
        #expect(accepted.count > 3)
        #expect(try SchemaWitness.ask(accepted).cases == accepted.map { _ in [] })
    }
}
