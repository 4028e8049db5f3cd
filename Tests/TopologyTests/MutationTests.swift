// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing
import Topology

/// Spoils right files at random: whatever comes of it, the loader answers, with a topology or with
/// mistakes that have a place. A seed makes every run the same.
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

    @Test(arguments: ["multihomed-ipvpn", "basic-l3vpn", "ce-bgp-vrrp", "l3vpn-over-mgre"])
    func areAnsweredLikeAnyOther(_ name: String) throws {
        let url = Files.topologies.appending(path: name + ".yaml")
        let original = Array(try Data(contentsOf: url))
        var generator = Generator(state: 4)
        var rejected = 0
        for _ in 0..<300 {
            let spoiled = Self.spoil(original, &generator)
            let found = mistakes(spoiled)
            rejected += found.isEmpty ? 0 : 1
            #expect(found.allSatisfy { $0.place.line >= 1 && $0.place.column >= 1 })
            #expect(found.allSatisfy { !$0.message.isEmpty && !$0.message.contains("\n") })
            #expect(found.map(\.place) == found.map(\.place).sorted())
        }
        // Comments and free texts may change without harm; most else may not.
        #expect(rejected > 150)
    }
}
