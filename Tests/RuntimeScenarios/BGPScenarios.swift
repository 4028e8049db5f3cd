// SPDX-License-Identifier: Apache-2.0

import Control
import Engine
import Glibc
import Kernel
import Primitives
import Runtime

func address(_ text: String) throws -> IPAddress {
    guard let address = IPAddress(text) else { throw Failure("\(text) is no address") }
    return address
}

func prefix(_ text: String) throws -> IPPrefix {
    guard let prefix = IPPrefix(text) else { throw Failure("\(text) is no prefix") }
    return prefix
}

func interfaceAddress(_ text: String) throws -> InterfaceAddress {
    guard let address = InterfaceAddress(text) else { throw Failure("\(text) is no address") }
    return address
}

enum BGPScenarios {
    /// A router with a loopback and one external neighbor on `eth0`.
    static func configuration(
        _ name: String, _ number: UInt32, peer: UInt32, password: String? = nil
    ) throws -> RouterConfiguration {
        let local = try address("10.1.0.\(number)")
        let neighbor = NeighborConfiguration(
            name: "peer", address: try address("10.1.0.\(peer)"), localAddress: local,
            remoteAS: ASNumber(65000 + peer), localAS: ASNumber(65000 + number),
            families: [.ipv4Unicast], password: password, importPolicy: ["accept"],
            exportPolicy: ["accept"])
        return RouterConfiguration(
            name: name, routerID: IPv4Address(bits: number),
            autonomousSystem: ASNumber(65000 + number),
            interfaces: [
                InterfaceConfiguration(
                    name: "lo", addresses: [try interfaceAddress("10.0.0.\(number)/32")],
                    isLoopback: true),
                InterfaceConfiguration(
                    name: "eth0", addresses: [try interfaceAddress("10.1.0.\(number)/24")]),
            ], neighbors: [neighbor],
            policies: [])
    }

    static func nodes() throws -> (Node, Node) {
        let a = try Node("a")
        let b = try Node("b")
        try a.ip("address add 10.0.0.1/32 dev lo")
        try b.ip("address add 10.0.0.2/32 dev lo")
        try Node.join((a, "eth0", "10.1.0.1/24"), (b, "eth0", "10.1.0.2/24"))
        return (a, b)
    }

    /// Two routers with a key on their session learn each other's loopback; the session is taken
    /// down and up; a link is lost; both stop.
    static func pair() throws -> JSON {
        let (nodeA, nodeB) = try nodes()
        let configurationA = try configuration("a", 1, peer: 2, password: "s3cret")
        let recording = "/tmp/weft-recording-\(getpid())"
        defer { unlink(recording) }
        // What a killed router left, and what somebody else put there.
        try nodeA.ip("route add 10.77.0.0/24 via 10.1.0.2 metric 20 proto 77")
        try nodeA.ip("route add 10.78.0.0/24 via 10.1.0.2")
        let a = try RouterHandle(nodeA, configurationA, recording: recording)
        let left = try nodeA.ip("route show 10.77.0.0/24") + nodeA.ip("route show 10.78.0.0/24")
        let b = try RouterHandle(
            nodeB, try configuration("b", 2, peer: 1, password: "s3cret"))
        try a.report("session", [("neighbor", "10.1.0.2"), ("state", "established")])
        try b.report("route", [("prefix", "10.0.0.1/32")])
        try a.report("route", [("prefix", "10.0.0.2/32")])
        var result: [JSON.Member] = [
            .init("start-us", JSON(a.startTime.nanoseconds / 1000)),
            .init("left", .string(left)),
            .init("memory-kb", JSON(try a.privateMemory())),
            .init("route-a", .string(try nodeA.ip("route show 10.0.0.2"))),
            .init("route-b", .string(try nodeB.ip("route show 10.0.0.1"))),
            .init("ping", .string(try nodeA.run(["ping", "-c1", "-W2", "10.0.0.2"]))),
            .init(
                "kernel-routes",
                try a.ask(.kernelRoutes, [.init("prefix", "10.0.0.2/32")])),
            .init("neighbors", try a.ask(.show, [.init("query", "neighbors")])),
        ]
        _ = try a.ask(.event, [.init("event", "deactivate"), .init("neighbor", "peer")])
        result.append(.init("deactivated-a", .string(try nodeA.ip("route show 10.0.0.2"))))
        try b.report("route", [("prefix", "10.0.0.1/32")])
        result.append(.init("deactivated-b", .string(try nodeB.ip("route show 10.0.0.1"))))
        try a.forget()
        _ = try a.ask(.event, [.init("event", "activate"), .init("neighbor", "peer")])
        try a.report("route", [("prefix", "10.0.0.2/32")])
        result.append(.init("activated-a", .string(try nodeA.ip("route show 10.0.0.2"))))
        try a.forget()
        try nodeB.ip("link set eth0 down")
        try a.report("link", [("interface", "eth0"), ("up", false)])
        try a.report("route", [("prefix", "10.0.0.2/32")])
        result.append(.init("carrier-lost-a", .string(try nodeA.ip("route show 10.0.0.2"))))
        try a.forget()
        try nodeB.ip("link set eth0 up")
        try a.report("route", [("prefix", "10.0.0.2/32")])
        result.append(.init("carrier-back-a", .string(try nodeA.ip("route show 10.0.0.2"))))
        result.append(.init("stopped-a", JSON(try a.stop())))
        try b.report("session", [("neighbor", "10.1.0.1")])
        kill(b.pid, SIGKILL)
        result.append(.init("killed-b", JSON(b.reap())))
        let difference = try replay(recording, configurationA)
        result.append(.init("replay", .string(difference)))
        return .object(result)
    }

    private static func replay(
        _ path: String, _ configuration: RouterConfiguration
    ) throws -> String {
        let file = try FileDescriptor.open(path)
        var text: [UInt8] = []
        while true {
            let piece = try file.read(1 << 16)
            if piece.isEmpty { break }
            text += piece
        }
        let recording = try Recording(text)
        if let difference = recording.replay(Router(configuration)) { return "\(difference)" }
        return "\(recording.steps.count) steps, same effects"
    }
}
