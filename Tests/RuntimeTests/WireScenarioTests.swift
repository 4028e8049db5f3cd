// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@Suite("A captured cable")
struct WireScenarioTests {
    private static let outcome = Result { try ScenarioRunner.run("wire") }
    let found: JSON

    init() throws {
        found = try Self.outcome.get()
        try #require(found["failure"] == nil, "\(found.text)")
    }

    private func packets(_ name: String, _ kind: String) -> Int64? {
        found[name]?["kinds"]?.array.first { $0["kind"]?.string == kind }?["packets"]?.int
    }

    @Test func `a limit holds when only what it allows passes, both ways`() {
        let result = found["holds"]
        #expect(result?["offending"] == 0)
        #expect(result?["missing"] == [])
        #expect(result?["lost"] == 0)
        #expect(packets("holds", "icmp") == 12)
    }

    @Test func `the first packet that offends is told with its direction`() {
        let result = found["offends"]
        #expect(result?["offending"] == 6)
        #expect(result?["missing"] == ["esp"])
        #expect(result?["first"]?["direction"] == "left to right")
        let text = result?["first"]?["text"]?.string ?? ""
        #expect(text.hasPrefix("Ethernet "))
        #expect(text.hasSuffix(", IPv4 10.1.0.1 > 10.1.0.2, ICMP echo request"))
        let octets = result?["first"]?["octets"]?.string ?? ""
        #expect(octets.dropFirst(24).hasPrefix("0800" + "45"))
    }

    @Test func `an address that must not be read is found`() {
        #expect(found["never"]?["offending"] == 6)
        #expect(packets("never", "icmp") == 12)
    }

    @Test func `a cable that was pulled is captured again`() {
        #expect(packets("cut", "icmp") == 6)
        #expect(found["cut"]?["missing"] == [])
    }
}
