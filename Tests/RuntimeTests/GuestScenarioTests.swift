// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

/// VRFs and VLANs need the kernel of a microVM. One run there is judged by many tests.
@Suite("Probes and captures with VRFs and VLANs")
struct GuestScenarioTests {
    private static let outcome = Result { try ScenarioRunner.runInMicroVM("guest") }
    let found: JSON

    init() throws {
        found = try Self.outcome.get()
        try #require(found["failure"] == nil, "\(found.text)")
    }

    @Test func `every probe works in IPv6 within a VRF, and not outside of it`() {
        let vrf = found["vrf"]
        #expect(vrf?["ping"]?["received"] == 3)
        #expect(vrf?["outside"]?["received"] == 0)
        let hops = vrf?["traceroute"]?["hops"]?.array.map { $0["from"]?.string }
        #expect(hops == ["fd01::2", "fd02::3"])
        #expect(vrf?["traceroute"]?["reached"] == true)
        #expect(vrf?["path-mtu"]?["text"] == "1400 passes, 1401 is refused by fd01::2 with 1400")
        #expect((vrf?["outage"]?["sent"]?.int ?? 0) > 0)
        #expect(vrf?["outage"]?["lost"] == 0)
    }

    @Test func `a cable is captured below its VLAN, whose tag is seen both ways`() {
        let wire = found["wire"]
        #expect(wire?["holds"]?["offending"] == 0)
        let first = wire?["offends"]?["first"]
        #expect(
            first?["text"]?.string?.hasSuffix(
                ", 802.1Q 105, IPv4 10.1.0.1 > 10.1.0.2, ICMP echo request") == true)
        #expect(
            first?["octets"]?.string?.dropFirst(24).hasPrefix("8100" + "0069" + "0800" + "45")
                == true)
        #expect(wire?["never"]?["offending"] == 6)
    }

    @Test func `labels in GRE are told from ESP around them`() {
        let tunnel = found["tunnel"]
        for name in ["clear", "protected"] {
            #expect(tunnel?[name]?["offending"] == 0)
            #expect(tunnel?[name]?["missing"] == [])
            #expect(tunnel?[name]?["packets"]?.int ?? 0 >= 3)
        }
        func first(_ name: String) -> String {
            tunnel?[name]?["first"]?["text"]?.string ?? ""
        }
        #expect(tunnel?["wrong"]?["offending"] == 3)
        #expect(
            first("wrong").hasSuffix(
                "IPv4 10.1.0.1 > 10.1.0.2, GRE key 1234, MPLS 16, "
                    + "IPv4 10.1.0.1 > 10.9.0.1, ICMP echo request"))
        #expect(tunnel?["unlike"]?["offending"] == 3)
        #expect(first("unlike").hasSuffix("IPv4 10.1.0.1 > 10.1.0.2, ESP SPI 0x100 sequence 4"))
    }
}
