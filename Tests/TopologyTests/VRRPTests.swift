// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import Topology

@Suite("VRRP groups of two families")
struct VRRPTests {
    /// A router with groups on a LAN of both families.
    private func site(_ groups: String, tests: String = "") -> String {
        """
        name: site
        nodes:
          luna:
            role: ce
            vrrp:
        \(groups)
        lans:
          office: {endpoints: {luna: [192.0.2.2/24, "2001:db8::2/64"]}}
        \(tests)
        """
    }

    private func addresses(_ virtual: String) throws -> [String] {
        let lab = try topology(
            site("      - {lan: office, group: 26, virtual-address: \(virtual)}"))
        let groups = lab.node("luna")?.vrrpGroups ?? []
        return groups.flatMap { $0.virtualAddresses.map(\.description) }
    }

    @Test func anIPv6GroupGetsALinkLocalAddressOfItsNumber() throws {
        #expect(try addresses("\"2001:db8::1\"") == ["fe80::5e00:21a", "2001:db8::1"])
        #expect(try addresses("192.0.2.1") == ["192.0.2.1"])
    }

    @Test func aGivenLinkLocalAddressStandsAndComesFirst() throws {
        #expect(try addresses("[\"2001:db8::1\", \"fe80::1\"]") == ["fe80::1", "2001:db8::1"])
        #expect(try addresses("\"fe80::1\"") == ["fe80::1"])
    }

    private let both = """
              - {lan: office, group: 1, virtual-address: 192.0.2.1}
              - {lan: office, group: 1, virtual-address: "2001:db8::1"}
        """

    @Test func theSameNumberMayStandOnceForEachFamily() throws {
        let groups = try topology(site(both)).node("luna")?.vrrpGroups ?? []
        #expect(groups.map(\.group) == [1, 1])
        #expect(groups.map(\.family) == [.ipv4, .ipv6])
        let twice = both + "\n      - {lan: office, group: 1, virtual-address: \"2001:db8::9\"}"
        #expect(mistakes(site(twice)) == ["8:9: luna has the group 1 there already"])
    }

    @Test func aCheckSaysWhichOfTwoFamilies() throws {
        func tests(_ rest: String) -> String {
            """
            tests:
              - name: t
                checks:
                  - vrrp: {node: luna, lan: office, state: master\(rest)}
            """
        }
        let lab = try topology(site(both, tests: tests(", family: ipv6")))
        guard case .vrrp(_, _, _, let family, _, _) = lab.tests[0].checks[0].kind else {
            Issue.record("not a VRRP check")
            return
        }
        #expect(family == .ipv6)
        let vague = mistakes(site(both, tests: tests("")))
        #expect(
            vague.count == 1 && vague[0].hasSuffix("say which with 'group' or 'family'"),
            "\(vague)")
    }
}
