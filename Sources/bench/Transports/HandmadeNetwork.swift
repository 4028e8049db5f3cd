// SPDX-License-Identifier: Apache-2.0

/// The network of `TransportWay.topology` made with iproute2, in namespaces named as its nodes.
struct HandmadeNetwork {
    /// ce2's address, in both networks.
    static let target = "10.1.2.2"
    /// Waits until packets pass.
    static let waiting = "until ping -c1 -W1 \(target) >/dev/null; do :; done"

    private let way: TransportWay

    init(_ way: TransportWay) { self.way = way }

    /// A command that runs in ce1 once a server listens in ce2 and packets pass.
    func inCE1(_ command: String) -> String {
        """
        ip netns exec ce2 iperf3 -s -1 -D
        ip netns exec ce1 sh -ec "\(Self.waiting)"
        ip netns exec ce1 \(command)
        """
    }

    /// Shell commands; no single quotes.
    var script: String {
        (Self.nodes + Self.links + (1...2).flatMap(edge)).joined(separator: "\n")
    }

    private static let nodes =
        ["mount -t tmpfs none /run"]
        + ["ce1", "pe1", "p", "pe2", "ce2"].flatMap { node in
            [
                "ip netns add \(node)", "ip -n \(node) link set lo up",
                "ip netns exec \(node) sysctl -qw net.ipv4.ip_forward=1 "
                    + "net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0 "
                    + "net.mpls.platform_labels=1000 net.mpls.ip_ttl_propagate=0",
            ]
        }

    private static let links =
        (1...2).flatMap { n in
            link("pe\(n)", "p", "172.16.\(n).1", "172.16.\(n).2", mtu: 1516)
                + link("pe\(n)", "ce\(n)", "10.1.\(n).1", "10.1.\(n).2", mtu: 1500)
                + [
                    "ip -n ce\(n) route add default via 10.1.\(n).1",
                    "ip -n pe\(n) addr add 10.0.0.\(n)/32 dev lo",
                    "ip -n p route add 10.0.0.\(n)/32 via 172.16.\(n).1",
                    "ip -n pe\(n) link add red type vrf table 1001",
                    "ip -n pe\(n) link set red up",
                    "ip -n pe\(n) link set ce\(n) master red",
                ]
        }

    private static func link(
        _ a: String, _ b: String, _ atA: String, _ atB: String, mtu: Int
    ) -> [String] {
        [
            "ip link add \(b) netns \(a) type veth peer name \(a) netns \(b)",
            "ip -n \(a) link set \(b) mtu \(mtu) up", "ip -n \(b) link set \(a) mtu \(mtu) up",
            "ip -n \(a) addr add \(atA)/30 dev \(b)", "ip -n \(b) addr add \(atB)/30 dev \(a)",
        ]
    }

    /// What pe1 and pe2 do with packets to the other one's customer, and with those that come.
    private func edge(_ n: Int) -> [String] {
        let (pe, other) = ("pe\(n)", 3 - n)
        let to = "ip -n \(pe) route add 10.1.\(other).0/30 table 1001 encap mpls"
        let core = "ip -n \(pe) route add 10.0.0.\(other)/32 via 172.16.\(n).2"
        guard way != .mpls else {
            return [
                core, "\(to) 100\(other)/50\(other) via inet 172.16.\(n).2 dev p onlink",
                "ip netns exec \(pe) sysctl -qw net.mpls.conf.p.input=1",
                "ip netns exec p sysctl -qw net.mpls.conf.\(pe).input=1",
                "ip netns exec p sysctl -qw net.mpls.platform_labels=2000",
                "ip -n p -f mpls route add 100\(n) via inet 172.16.\(n).1 dev \(pe)",
            ] + decapsulation(pe, n, "p")
        }
        let remote = way.isMultipoint ? "" : "remote 10.0.0.\(other)"
        return [
            core,
            "ip -n \(pe) link add way type gre local 10.0.0.\(n) \(remote) key 1234 ttl 64",
            "ip -n \(pe) link set way mtu \(way.isProtected ? 1438 : 1472) up",
            "ip netns exec \(pe) sysctl -qw net.mpls.conf.way.input=1",
        ] + neighbour(pe, other)
            + ["\(to) 50\(other) via inet 10.0.0.\(other) dev way onlink"]
            + decapsulation(pe, n, "way") + (way.isProtected ? protection(pe, n, other) : [])
    }

    private func neighbour(_ pe: String, _ other: Int) -> [String] {
        guard way.isMultipoint else { return [] }
        return [
            "ip -n \(pe) neigh add 10.0.0.\(other) lladdr 10.0.0.\(other) dev way nud permanent"
        ]
    }

    private func decapsulation(_ pe: String, _ n: Int, _ device: String) -> [String] {
        [
            "ip -n \(pe) link add stub type dummy", "ip -n \(pe) link set stub master red up",
            "tc -n \(pe) qdisc add dev \(device) clsact",
            "tc -n \(pe) filter add dev \(device) ingress protocol mpls_uc flower "
                + "mpls_label 50\(n) mpls_bos 1 action mpls pop protocol ip pipe "
                + "action mirred ingress redirect dev stub",
            "ip -n \(pe) -f mpls route add 50\(n) dev red",
        ]
    }

    /// ESP in transport mode with AES-GCM, one key for each direction.
    private func protection(_ pe: String, _ n: Int, _ other: Int) -> [String] {
        func state(_ from: Int, _ to: Int) -> String {
            let key = String(repeating: "\(from)", count: 40)
            return "ip -n \(pe) xfrm state add src 10.0.0.\(from) dst 10.0.0.\(to) proto esp "
                + "spi 0x10\(from) reqid 1 mode transport aead \"rfc4106(gcm(aes))\" 0x\(key) 128"
        }
        func policy(_ from: Int, _ to: Int, _ direction: String) -> String {
            "ip -n \(pe) xfrm policy add src 10.0.0.\(from)/32 dst 10.0.0.\(to)/32 proto gre "
                + "dir \(direction) tmpl src 10.0.0.\(from) dst 10.0.0.\(to) proto esp "
                + "reqid 1 mode transport"
        }
        return [
            state(n, other), state(other, n), policy(n, other, "out"), policy(other, n, "in"),
        ]
    }
}
