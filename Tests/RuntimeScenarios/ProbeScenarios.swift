// SPDX-License-Identifier: Apache-2.0

import Glibc
import Kernel
import Primitives
import Runtime

enum ProbeScenarios {
    /// left – middle – right, with IPv4 and IPv6, and routes to the far subnets.
    private static func chain() throws -> (Node, Node, Node) {
        let left = try Node("left")
        let middle = try Node("middle")
        let right = try Node("right")
        try Node.join((left, "eth0", "10.1.0.1/24"), (middle, "eth0", "10.1.0.2/24"))
        try Node.join((middle, "eth1", "10.2.0.2/24"), (right, "eth0", "10.2.0.3/24"))
        for (node, link, text) in [
            (left, "eth0", "fd01::1/64"), (middle, "eth0", "fd01::2/64"),
            (middle, "eth1", "fd02::2/64"), (right, "eth0", "fd02::3/64"),
        ] { try node.ip("address add \(text) dev \(link) nodad") }
        try left.ip("address add 10.0.0.1/32 dev lo")
        try left.ip("route add default via 10.1.0.2")
        try right.ip("route add default via 10.2.0.2")
        try left.ip("route add default via fd01::2")
        try right.ip("route add default via fd02::2")
        try middle.ip("route add 10.0.0.1/32 via 10.1.0.1")
        try middle.sysctl("net/ipv4/ip_forward", "1")
        try middle.sysctl("net/ipv6/conf/all/forwarding", "1")
        for node in [left, middle, right] {
            try node.sysctl("net/ipv4/icmp_ratelimit", "0")
            try node.sysctl("net/ipv6/icmp/ratelimit", "0")
        }
        return (left, middle, right)
    }

    private static func ping(_ node: Node, _ path: ProbePath, count: Int = 3) throws -> JSON {
        try ProbeHandle(
            node,
            .ping(path, count: count, interval: .milliseconds(5), timeout: .milliseconds(500))
        ).result()
    }

    private static func traceroute(_ node: Node, _ path: ProbePath) throws -> JSON {
        try ProbeHandle(node, .traceroute(path, hopsMax: 8, timeout: .milliseconds(300))).result()
    }

    /// Pings and traceroutes along the chain, of both families.
    static func paths() throws -> JSON {
        let (left, middle, right) = try chain()
        defer { withExtendedLifetime(middle) {} }
        let far = ProbePath(
            source: try address("10.0.0.1"), destination: try address("10.2.0.3"))
        let far6 = ProbePath(destination: try address("fd02::3"))
        let result: [JSON.Member] = [
            .init("ping", try ping(left, far)),
            .init("ping-6", try ping(left, far6)),
            .init("traceroute", try traceroute(left, far)),
            .init("traceroute-6", try traceroute(left, far6)),
            .init(
                "traceroute-own",
                try traceroute(right, ProbePath(destination: try address("10.2.0.3")))),
        ]
        return .object(result)
    }

    /// A destination without a route here or there, and one that a router drops in silence.
    static func unreachable() throws -> JSON {
        let (left, middle, right) = try chain()
        defer { withExtendedLifetime(right) {} }
        var result: [JSON.Member] = []
        let nowhere = ProbePath(destination: try address("10.9.9.9"))
        result.append(.init("ping-no-route", try ping(left, nowhere, count: 2)))
        result.append(.init("traceroute-no-route", try traceroute(left, nowhere)))
        result.append(.init("ping-refused", try ping(middle, nowhere, count: 2)))
        result.append(.init("traceroute-refused", try traceroute(middle, nowhere)))
        try middle.ip("route add blackhole 10.9.9.0/24")
        result.append(.init("ping-lost", try ping(left, nowhere, count: 2)))
        result.append(.init("traceroute-lost", try traceroute(left, nowhere)))
        return .object(result)
    }

    /// Outages: none; the way there lost for a while; the way back lost for a while.
    static func outage() throws -> JSON {
        let (left, middle, right) = try chain()
        let path = ProbePath(
            source: try address("10.0.0.1"), destination: try address("10.2.0.3"))
        let none = try measure(left, right, path) {}
        let forward = try measure(left, right, path) {
            try middle.ip("route add blackhole 10.2.0.3/32")
            try middle.ip("route del blackhole 10.2.0.3/32")
        }
        let back = try measure(left, right, path) {
            try right.ip("route add blackhole 10.0.0.1/32")
            try right.ip("route del blackhole 10.0.0.1/32")
        }
        let busy = try (0..<4).map { _ in try middle.spawn { while true {} } }
        let crowded = try measure(left, right, path) {
            _ = try ping(left, path, count: 40)
        }
        for pid in busy {
            ChildProcess.signal(pid, SIGKILL)
            _ = try ChildProcess.wait(for: pid)
        }
        let neverUp = try measure(
            left, right, ProbePath(source: path.source, destination: path.destination), port: 9
        ) {}
        let forward6 = try measure(
            left, right, ProbePath(destination: try address("fd02::3"))
        ) {
            try middle.ip("route add blackhole fd02::3/128")
            try middle.ip("route del blackhole fd02::3/128")
        }
        return [
            "none": none, "forward": forward, "back": back, "crowded": crowded,
            "never-up": neverUp, "forward-6": forward6,
        ]
    }

    /// Path MTUs with a small link in the middle, and with a smaller one at the near end.
    static func pathMTU() throws -> JSON {
        let (left, middle, right) = try chain()
        func measure(_ to: String, _ mtu: UInt32) throws -> JSON {
            let path = ProbePath(destination: try address(to))
            return try ProbeHandle(
                left, .pathMTU(path, node: "left", mtu: mtu, timeout: .milliseconds(300))
            ).result()
        }
        var result: [JSON.Member] = []
        func add(_ name: String, _ mtu: UInt32) throws {
            result.append(.init(name, try measure("10.2.0.3", mtu)))
            result.append(.init("\(name)-6", try measure("fd02::3", mtu)))
        }
        try middle.ip("link set eth1 mtu 1400")
        try right.ip("link set eth0 mtu 1400")
        // What the kernel learns from the first must not hide the router from the second.
        try add("exact", 1400)
        try add("again", 1400)
        try add("too-large", 1450)
        try add("too-small", 1350)
        try left.ip("link set eth0 mtu 1380")
        try add("own", 1380)
        return .object(result)
    }

    static func measure(
        _ near: Node, _ far: Node, _ path: ProbePath, port: UInt16? = nil,
        _ event: () throws -> Void
    ) throws -> JSON {
        let answer = try ProbeHandle(
            far, .answer(device: path.device, address: path.destination))
        let number = try answer.progress()["port"]?.int ?? 0
        let probe = try ProbeHandle(
            near,
            .outage(path, port: port ?? UInt16(number), interval: .milliseconds(1)))
        guard try probe.progress()["started"] == true else { throw Failure("not started") }
        try event()
        let nearReport = try probe.stop()
        return OutageResult.join(near: nearReport, far: try answer.stop())
    }
}
