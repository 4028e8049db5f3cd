// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

extension Interoperability {
    /// A VPN over a core that knows nothing of MPLS, in a microVM: pe1 is ours, pe2 is FRR, and
    /// between them is a GRE tunnel with a key.
    @Suite("FRR is a provider edge of our VPN over GRE")
    struct TunnelTests {
        private let topology = """
            core: {mode: ip}
            transports: {wire: {encapsulation: gre, key: 1234}}
            nodes:
              pe1:
                role: pe
                loopback: 10.0.0.1
                bgp: {as: 65000, neighbors: {pe2: {families: [vpnv4, vpnv6]}}}
                vrfs:
                  blue:
                    rd: "65000:1"
                    target: "65000:100"
                    static: {10.1.0.1/32: 192.168.1.2, 2001:db8:1::1/128: 2001:db8:101::2}
              pe2:
                role: pe
                loopback: 10.0.0.2
                bgp: {as: 65000}
                vrfs: {blue: {rd: "65000:2", target: "65000:100"}}
              p: {role: p, loopback: 10.0.0.10}
              ce1:
                role: ce
                loopback: [10.1.0.1, 2001:db8:1::1]
                static: {0.0.0.0/0: 192.168.1.1, "::/0": 2001:db8:101::1}
              ce2:
                role: ce
                loopback: [10.2.0.1, 2001:db8:2::1]
                static: {0.0.0.0/0: 192.168.2.1, "::/0": 2001:db8:102::1}
            links:
              - {endpoints: [pe1, p]}
              - {endpoints: [pe2, p], subnet: 10.9.0.0/30}
              - {endpoints: [pe1, ce1], vrf: blue, subnet: [192.168.1.0/30, "2001:db8:101::/64"]}
              - {endpoints: [pe2, ce2], vrf: blue, subnet: [192.168.2.0/30, "2001:db8:102::/64"]}
            """

        private let labelOfPE2: (ipv4: Int64, ipv6: Int64) = (5000, 6000)

        private func run(_ body: (TestLab, FRR) throws -> Void) throws {
            try TestLab.run("tunnel", substrate: "microvm", topology) { lab in
                try lab.removeOurRouter("pe2")
                // Encapsulated packets take the core, whatever leads to the tunnel.
                try lab.shell(
                    "pe2",
                    """
                    ip route add table 200 default via 10.9.0.2
                    ip rule add pref 100 iif lo ipproto gre lookup 200
                    """)
                try body(lab, try FRR(lab, "pe2", configuration: configuration()))
            }
        }

        private func configuration() throws -> String {
            try Template.fill(
                "frr/provider-edge-gre.conf",
                [
                    "name": "pe2", "as": "65000", "loopback": "10.0.0.2", "peer": "10.0.0.1",
                    "tunnel": "gre-pe1", "vrf": "blue", "rd": "65000:2", "target": "65000:100",
                    "vpn-label": "\(labelOfPE2.ipv4)", "vpn-label-ipv6": "\(labelOfPE2.ipv6)",
                    "customer": "10.2.0.1/32", "customer-gateway": "192.168.2.2",
                    "customer-ipv6": "2001:db8:2::1/128",
                    "customer-gateway-ipv6": "2001:db8:102::2",
                ])
        }

        private func ping(_ lab: TestLab, _ from: String, _ source: String, _ to: String) throws {
            try lab.eventually("an answer from \(to) at \(from)") {
                try lab.run(from, ["ping", "-c1", "-W2", "-I\(source)", to])
                    .contains(" 0% packet loss")
            }
        }

        /// Debian's FRR asks the kernel for an IPv4 next hop of an IPv6 route and is refused
        /// (its issue 21031), so that iproute2 has to say what FRR's table says.
        private func installIPv6(_ lab: TestLab, label: Int64) throws {
            try lab.shell(
                "pe2",
                """
                ip -6 route add 2001:db8:1::1/128 vrf blue encap mpls \(label) \
                    via inet6 ::ffff:10.0.0.1 dev gre-pe1 onlink
                """)
        }

        /// The labels with which a router's neighbor sent a prefix.
        private func labels(_ lab: TestLab, of prefix: String) throws -> [Int64?] {
            try lab.routes("received", "pe1", "pe2").filter { $0.prefix == prefix }.map(\.label)
        }

        /// What FRR says of a VPN route that we sent.
        private func label(_ frr: FRR, _ family: String, of prefix: String) throws -> Int64? {
            let answer = try frr.json("show bgp \(family) vpn \(prefix) json")
            return answer["65000:1"]?["paths"]?[0]?["remoteLabel"]?.int
        }

        @Test func `routes of both families cross the session, packets the tunnel`() throws {
            try run { lab, frr in
                for (prefix, label) in [
                    ("10.2.0.1/32", labelOfPE2.ipv4), ("2001:db8:2::1/128", labelOfPE2.ipv6),
                ] {
                    try lab.eventually("\(prefix) at pe1", is: [label]) {
                        try labels(lab, of: prefix)
                    }
                }
                try lab.eventually("10.1.0.1/32 at pe2", is: 16) {
                    try label(frr, "ipv4", of: "10.1.0.1/32")
                }
                try lab.eventually("2001:db8:1::1/128 at pe2", is: 17) {
                    try label(frr, "ipv6", of: "2001:db8:1::1/128")
                }
                try ping(lab, "ce1", "10.1.0.1", "10.2.0.1")
                try ping(lab, "ce2", "10.2.0.1", "10.1.0.1")
                try installIPv6(lab, label: 17)
                try ping(lab, "ce1", "2001:db8:1::1", "2001:db8:2::1")
            }
        }
    }
}
