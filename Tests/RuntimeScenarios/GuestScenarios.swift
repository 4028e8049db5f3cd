// SPDX-License-Identifier: Apache-2.0

import Kernel
import Primitives
import Runtime
import Wire

/// What needs VRFs or VLANs, which the kernel of a microVM has.
enum GuestScenarios {
    static func all() throws -> JSON {
        [
            "vrf": try vrf(), "wire": try WireScenarios.limitsBelowVLAN(),
            "tunnel": try tunnel(),
        ]
    }

    /// Echo requests with a label in GRE, first in the clear and then in ESP, as iproute2 makes
    /// them. Nobody answers: what matters is the cable.
    private static func tunnel() throws -> JSON {
        let left = try Node("left")
        let right = try Node("right")
        try Node.join((left, "eth0", "10.1.0.1/24"), (right, "eth0", "10.1.0.2/24"))
        for (node, own, peer) in [(left, 1, 2), (right, 2, 1)] {
            try node.ip(
                "link add gre1 type gre local 10.1.0.\(own) remote 10.1.0.\(peer) key 1234 ttl 64")
            // Else it solicits routers in the tunnel, whenever it likes.
            try node.sysctl("net/ipv6/conf/gre1/disable_ipv6", "1")
            try node.ip("link set gre1 up")
        }
        try left.ip("route add 10.9.0.0/24 encap mpls 16 dev gre1")
        let never = [try address("10.9.0.1")].map { IPPrefix(host: $0) }
        func measure(_ judge: WireJudge) throws -> JSON {
            try WireScenarios.capture(left, judge) {
                try WireScenarios.ping(left, "10.9.0.1", answers: 0)
            }
        }
        let clear = try measure(
            WireJudge(only: [.mplsInGRE], some: [.mplsInGRE], labels: [Label(16)]))
        let wrong = try measure(WireJudge(labels: [Label(17)], never: never))
        let ends = "src 10.1.0.1 dst 10.1.0.2"
        let key = "0x" + String(repeating: "5a", count: 20)
        for node in [left, right] {
            try node.ip(
                "xfrm state add \(ends) proto esp spi 0x100 reqid 1 mode transport "
                    + "aead rfc4106(gcm(aes)) \(key) 128")
        }
        try left.ip(
            "xfrm policy add \(ends) proto gre dir out tmpl \(ends) proto esp reqid 1 "
                + "mode transport")
        let protected = try measure(WireJudge(only: [.esp], some: [.esp], never: never))
        let unlike = try measure(WireJudge(only: [.mplsInGRE]))
        return ["clear": clear, "wrong": wrong, "protected": protected, "unlike": unlike]
    }

    /// left – middle – right, where left and right have all of it in a VRF, and an unreachable
    /// default VRF. Probes of IPv6 within the VRF.
    private static func vrf() throws -> JSON {
        let left = try Node("left")
        let middle = try Node("middle")
        let right = try Node("right")
        for node in [left, right] {
            try node.ip("link add red type vrf table 10")
            try node.ip("link set red up")
        }
        try Node.connect((left, "eth0"), (middle, "eth0"))
        try Node.connect((middle, "eth1"), (right, "eth0"))
        try left.ip("link set eth0 master red")
        try right.ip("link set eth0 master red")
        for (node, link, text) in [
            (left, "eth0", "fd01::1/64"), (middle, "eth0", "fd01::2/64"),
            (middle, "eth1", "fd02::2/64"), (right, "eth0", "fd02::3/64"),
        ] {
            try node.ip("link set \(link) mtu \(link == "eth1" ? 1400 : 1500) up")
            try node.ip("address add \(text) dev \(link) nodad")
            try node.sysctl("net/ipv6/icmp/ratelimit", "0")
        }
        try right.ip("link set eth0 mtu 1400")
        try left.ip("route add default via fd01::2 vrf red")
        try right.ip("route add default via fd02::2 vrf red")
        try middle.sysctl("net/ipv6/conf/all/forwarding", "1")
        let path = ProbePath(device: "red", destination: try address("fd02::3"))
        return [
            "ping": try ProbeHandle(
                left,
                .ping(path, count: 3, interval: .milliseconds(5), timeout: .seconds(1))
            ).result(),
            "outside": try ProbeHandle(
                left,
                .ping(
                    ProbePath(destination: path.destination), count: 1,
                    interval: .milliseconds(5), timeout: .milliseconds(300))
            ).result(),
            "traceroute": try ProbeHandle(
                left, .traceroute(path, hopsMax: 8, timeout: .seconds(1))
            ).result(),
            "path-mtu": try ProbeHandle(
                left, .pathMTU(path, node: "left", mtu: 1400, timeout: .seconds(1))
            ).result(),
            "outage": try ProbeScenarios.measure(left, right, path) {},
        ]
    }
}
