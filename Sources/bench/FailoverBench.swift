// SPDX-License-Identifier: Apache-2.0

import Kernel
import Primitives

/// Two hosts, two external BGP routers between them, and a way round by a third.
enum FailoverBench {
    private static let rounds = 5
    static let topology = "Topologies/ebgp-failover.yaml"
    private static let routers = ["r1", "r2", "r3"]

    static let bench = Bench(
        name: "failover",
        explanation: """
            two sites joined by eBGP, with a way round (\(topology)), \(rounds) rounds.
            First ping: from the start of the first router process to the first probe answered
            between the hosts; aim: under 500 ms. Lost: from the first probe that was not answered
            until one that was, when r2's end of the link in use goes down and r1's carrier with it;
            probes leave every 0.25 ms; aim: 1 ms.
            Memory: of r1's processes then, private pages (aim: under 2.5 MB), and with the pages
            that others have too, each divided by those who have it. All engines have the same links
            and addresses, and the shortest timers that they can be told.
            """,
        run: run)

    /// What one round found.
    private struct Round {
        var firstPing: Double
        var lost: Double
        var privateMemory: Double
        var proportionalMemory: Double
    }

    private static func run() throws -> [Figure] {
        var found: [RoutingEngine: [Round]] = [:]
        for _ in 0..<rounds {
            for engine in RoutingEngine.allCases {
                found[engine, default: []].append(try round(engine))
            }
        }
        func figure(
            _ name: String, _ unit: String, aim: Double?, _ value: (Round) -> Double
        ) -> Figure {
            let others = RoutingEngine.allCases.filter { $0 != .weft }
            return Figure(
                name: name, unit: unit, ours: Samples(found[.weft, default: []].map(value)),
                baselines: others.map { engine in
                    (engine.rawValue, Samples(found[engine, default: []].map(value)))
                }, aim: aim)
        }
        return [
            figure("first ping", "ms", aim: 500, \.firstPing),
            figure("lost at carrier loss", "ms", aim: 1, \.lost),
            figure("private memory of a router", "MB", aim: 2.5, \.privateMemory),
            figure("its memory in proportion", "MB", aim: nil, \.proportionalMemory),
        ]
    }

    private static func round(_ engine: RoutingEngine) throws -> Round {
        let lab = try BenchLab(topology)
        let hosts = try ["h1", "h2"].map { try RoutingEngine.weft.prepare(lab, $0)() }
        for host in hosts { _ = try host.children[0].wait(for: "ready") }
        guard let far = IPAddress("192.168.2.2") else { throw Failure("no address of h2") }
        let first = try Meter(lab, from: "h1", to: "h2", far)
        let starts = try routers.map { try engine.prepare(lab, $0) }
        let began = MonotonicClock.now
        let running = try starts.map { try $0() }
        let answered = try first.firstAnswered()
        _ = try first.longestGap()
        try waitForBoth(lab)
        let memory = (try running[0].memory("Private_"), try running[0].memory("Pss:"))
        let meter = try Meter(lab, from: "h1", to: "h2", far)
        _ = try meter.firstAnswered()
        let link = try lab.interface(of: "r2", towards: "r1")
        try lab.set(link, of: "r2", isUp: false)
        try waitForWayRound(lab)
        let lost = try meter.longestGap()
        withExtendedLifetime((hosts, running)) {}
        return Round(
            firstPing: (answered - began).milliseconds, lost: lost.milliseconds,
            privateMemory: memory.0, proportionalMemory: memory.1)
    }

    /// Waits until every router uses the routes that it should in the end, and long enough beyond
    /// that for r3's to be known to the others, which only the engines themselves could tell.
    private static func waitForBoth(_ lab: BenchLab) throws {
        try Waiting.until("direct routes", every: .milliseconds(20)) {
            try lab.gateway(of: "r1", to: "192.168.2.0/24") == "10.1.0.2"
                && lab.gateway(of: "r2", to: "192.168.1.0/24") == "10.1.0.1"
                && lab.gateway(of: "r3", to: "192.168.1.0/24") == "10.1.0.5"
                && lab.gateway(of: "r3", to: "192.168.2.0/24") == "10.1.0.9"
        }
        try Waiting.rest(.seconds(1))
    }

    private static func waitForWayRound(_ lab: BenchLab) throws {
        try Waiting.until("the way round", every: .milliseconds(20)) {
            try lab.gateway(of: "r1", to: "192.168.2.0/24") == "10.1.0.6"
                && lab.gateway(of: "r2", to: "192.168.1.0/24") == "10.1.0.10"
        }
    }
}
