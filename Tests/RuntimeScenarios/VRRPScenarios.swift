// SPDX-License-Identifier: Apache-2.0

import Control
import Engine
import Glibc
import Kernel
import Primitives
import Runtime

enum VRRPScenarios {
    private static let virtualMAC = "00:00:5e:00:01:07"

    private static func configuration(
        _ name: String, _ number: UInt32, priority: UInt8
    ) throws -> RouterConfiguration {
        let group = VRRPConfiguration(
            interface: "eth0", device: "vrrp7", group: 7,
            virtualAddresses: [try address("10.3.0.1")],
            primaryAddress: try address("10.3.0.\(number)"), priority: priority,
            advertisementInterval: .milliseconds(100))
        return RouterConfiguration(
            name: name, routerID: IPv4Address(bits: number),
            interfaces: [
                InterfaceConfiguration(
                    name: "eth0", addresses: [try interfaceAddress("10.3.0.\(number)/24")])
            ], vrrpGroups: [group])
    }

    /// A router's node on the LAN, with the macvlan that the plan would make.
    private static func router(_ name: String, _ number: Int, on lan: Node) throws -> Node {
        let node = try Node(name)
        try join(node, number, lan)
        try node.ip("link add vrrp7 link eth0 address \(virtualMAC) type macvlan mode bridge")
        for link in ["eth0", "vrrp7"] { try node.sysctl("net/ipv4/conf/\(link)/arp_ignore", "1") }
        try node.sysctl("net/ipv4/conf/vrrp7/accept_local", "1")
        try node.sysctl("net/ipv4/conf/eth0/arp_announce", "2")
        return node
    }

    private static func join(_ node: Node, _ number: Int, _ lan: Node) throws {
        try Node.connect((node, "eth0"), (lan, node.name))
        try lan.ip("link set \(node.name) master br0 up")
        try node.ip("address add 10.3.0.\(number)/24 dev eth0")
        try node.ip("link set eth0 up")
    }

    private static func ping(_ node: Node) throws -> JSON {
        let path = ProbePath(destination: try address("10.3.0.1"))
        return try ProbeHandle(
            node, .ping(path, count: 1, interval: .milliseconds(1), timeout: .seconds(2))
        ).result()["received"] ?? .null
    }

    /// Two routers and a host on a bridge: the better one holds the virtual address, is killed and
    /// cut off, and comes back; at last it stops with a goodbye.
    static func takeover() throws -> JSON {
        let lan = try Node("lan")
        try lan.ip("link add br0 type bridge")
        try lan.ip("link set br0 up")
        let best = try router("best", 3, on: lan)
        let other = try router("other", 2, on: lan)
        let host = try Node("host")
        try join(host, 9, lan)
        let arp = try Capture(host, "eth0", "arp and ether src \(virtualMAC)")
        let adverts = try Capture(host, "eth0", "ip proto 112")
        var result: [JSON.Member] = []
        func add(_ name: String, _ value: JSON) { result.append(.init(name, value)) }
        func addresses(_ name: String, _ node: Node) throws {
            add(name, .string(try node.ip("-4 -br address show dev vrrp7")))
        }

        var bestRouter = try RouterHandle(best, try configuration("best", 3, priority: 200))
        try bestRouter.report("vrrp", [("state", "master")])
        let otherRouter = try RouterHandle(other, try configuration("other", 2, priority: 100))
        add("request", .string(try arp.line { $0.contains("who-has 10.3.0.1") }))
        add("reply", .string(try arp.line { $0.contains("is-at") }))
        add("advert", .string(try adverts.line { $0.contains("VRRPv3") }))
        try addresses("best-master", best)
        try addresses("other-backup", other)
        add("ping-best", try ping(host))
        add("neighbour", .string(try host.ip("neigh show 10.3.0.1")))

        try otherRouter.forget()
        // Held still first, so that it cannot tidy up when its link goes.
        ChildProcess.signal(bestRouter.pid, SIGSTOP)
        try best.ip("link set eth0 down")
        ChildProcess.signal(bestRouter.pid, SIGKILL)
        _ = bestRouter.reap()
        try otherRouter.report("vrrp", [("state", "master")])
        try addresses("other-master", other)
        try addresses("best-killed", best)
        add("ping-other", try ping(host))

        try otherRouter.forget()
        bestRouter = try RouterHandle(best, try configuration("best", 3, priority: 200))
        try addresses("best-restarted", best)
        try best.ip("link set eth0 up")
        try bestRouter.report("vrrp", [("state", "master")])
        try otherRouter.report("vrrp", [("state", "backup")])
        try addresses("best-again", best)
        try addresses("other-again", other)
        add("ping-again", try ping(host))

        try otherRouter.forget()
        add("stopped", JSON(try bestRouter.stop()))
        try addresses("best-stopped", best)
        try otherRouter.report("vrrp", [("state", "master")])
        add("ping-after-stop", try ping(host))
        _ = try otherRouter.stop()
        return .object(result)
    }
}
