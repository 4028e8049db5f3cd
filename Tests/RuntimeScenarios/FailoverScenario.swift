// SPDX-License-Identifier: Apache-2.0

import Control
import Engine
import Kernel
import Primitives
import Runtime

/// Two routers with two links and a session over each: the first link is preferred, loses its
/// carrier at the far end, and comes back.
enum FailoverScenario {
    private static func configuration(
        _ name: String, _ number: UInt32, peer: UInt32
    ) throws -> RouterConfiguration {
        var configuration = try BGPScenarios.configuration(name, number, peer: peer)
        configuration.interfaces.append(
            InterfaceConfiguration(
                name: "eth1", addresses: [try interfaceAddress("10.2.0.\(number)/24")]))
        var second = configuration.neighbors[0]
        second.name = "peer by eth1"
        second.address = try address("10.2.0.\(peer)")
        second.localAddress = try address("10.2.0.\(number)")
        second.medOut = 100
        configuration.neighbors.append(second)
        return configuration
    }

    static func run() throws -> JSON {
        let (nodeA, nodeB) = try BGPScenarios.nodes()
        try Node.join((nodeA, "eth1", "10.2.0.1/24"), (nodeB, "eth1", "10.2.0.2/24"))
        let a = try RouterHandle(nodeA, try configuration("a", 1, peer: 2))
        let b = try RouterHandle(nodeB, try configuration("b", 2, peer: 1))
        for router in [a, b] { try settle(router) }
        let path = ProbePath(
            source: try address("10.0.0.1"), destination: try address("10.0.0.2"))
        let before = try nodeA.ip("route show 10.0.0.2")
        let outage = try ProbeScenarios.measure(nodeA, nodeB, path) {
            try a.forget()
            try b.forget()
            try nodeB.ip("link set eth0 down")
            try a.report("route", [("prefix", "10.0.0.2/32")])
            try b.report("route", [("prefix", "10.0.0.1/32")])
        }
        let after = try nodeA.ip("route show 10.0.0.2")
        let outageBack = try ProbeScenarios.measure(nodeA, nodeB, path) {
            try a.forget()
            try b.forget()
            try nodeB.ip("link set eth0 up")
            try a.report("route", [("prefix", "10.0.0.2/32")])
            try b.report("route", [("prefix", "10.0.0.1/32")])
        }
        let back = try nodeA.ip("route show 10.0.0.2")
        _ = try a.stop()
        _ = try b.stop()
        return [
            "before": .string(before), "outage": outage, "after": .string(after),
            "outage-back": outageBack, "back": .string(back),
        ]
    }

    /// Waits until both sessions have brought the far loopback.
    private static func settle(_ router: RouterHandle) throws {
        var established = 0
        _ = try router.wait("two sessions") { message in
            if message["report"]?["state"] == "established" { established += 1 }
            return established == 2
        }
        let far = router.node.name == "a" ? "10.0.0.2/32" : "10.0.0.1/32"
        while true {
            let shown = try router.ask(
                .show, [.init("query", "routes"), .init("prefix", .string(far))])
            let paths = shown["tables"]?[0]?["entries"]?[0]?["paths"]?.array.count ?? 0
            if paths == 2 { return }
            _ = try router.report("route", [("prefix", .string(far))])
        }
    }
}
