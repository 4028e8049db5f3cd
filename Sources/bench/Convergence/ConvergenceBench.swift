// SPDX-License-Identifier: Apache-2.0

import Kernel
import Primitives

/// A ring of routers that speak IS-IS loses a cable.
enum ConvergenceBench {
    private static let rounds = 3
    private static let engines: [RoutingEngine] = [.weft, .frr]
    /// How long nothing happens before the cable breaks: what engines hold back after changes, they
    /// hold back for less.
    private static let quiet = Duration.seconds(7)
    private static let probeInterval = Duration.milliseconds(1)

    static let bench = Bench(
        name: "convergence",
        explanation: """
            \(RingNetwork.count) routers in a ring with IS-IS (level 2, point-to-point links, no
            BFD), \(rounds) rounds; FRR is zebra and isisd.
            Boot: from the start of the first process until every kernel has the shortest paths to
            all loopbacks. Failover: one end of a cable goes down and its other end's carrier with
            it, until every kernel has the new paths, by what the kernels themselves tell (route
            monitors), looked at again in their tables afterwards. Lost: the longest time without an
            answer of probes that leave every millisecond from r0 to r20, whose way is now the other
            one round. Hellos go every 3 seconds; shortest paths follow a change after a quiet time
            at once, again after 50 ms, later after 200 ms (FRR: spf-delay-ietf). FRR's own packets
            follow each other after a second at the earliest (lsp-gen-interval 1, its least), and
            it lists its database every second (csnp-interval 1). Aim: no slower than FRR.
            """,
        run: run)

    /// In milliseconds.
    private struct Round {
        var boot: Double
        var failover: Double
        var lost: Double
    }

    private static func run() throws -> [Figure] {
        for daemon in ["zebra", "isisd"] where !FileSystem.exists("/usr/lib/frr/\(daemon)") {
            throw Failure("FRR's \(daemon) is not installed: `make bench` installs it")
        }
        var found: [RoutingEngine: [Round]] = [:]
        for _ in 0..<rounds {
            for engine in engines { found[engine, default: []].append(try round(engine)) }
        }
        func figure(_ name: String, _ value: (Round) -> Double) -> Figure {
            Figure(
                name: name, unit: "ms", ours: Samples(found[.weft, default: []].map(value)),
                baselines: [("FRR", Samples(found[.frr, default: []].map(value)))], timesAim: 1)
        }
        return [
            figure("boot", \.boot), figure("failover of all tables", \.failover),
            figure("lost at failover", \.lost),
        ]
    }

    private static func round(_ engine: RoutingEngine) throws -> Round {
        let lab = try BenchLab("the ring", RingNetwork.topology)
        let names = (0..<RingNetwork.count).map(RingNetwork.name)
        let watch = try KernelWatch(lab, names)
        watch.want(RingNetwork.gateways(isBroken: false))
        let starts = try names.map { try engine.prepare(lab, $0) }
        let began = MonotonicClock.now
        let running = try starts.map { try $0() }
        let booted = try watch.wait(for: .seconds(120))
        try watch.verify()
        try Waiting.rest(quiet)
        for engine in running { try engine.checkLife() }
        let (failover, lost) = try breakCable(lab, watch)
        for engine in running { try engine.checkLife() }
        withExtendedLifetime(running) {}
        return Round(
            boot: (booted - began).milliseconds, failover: failover.milliseconds,
            lost: lost.milliseconds)
    }

    private static func breakCable(
        _ lab: BenchLab, _ watch: KernelWatch
    ) throws -> (failover: Duration, lost: Duration) {
        let cable = RingNetwork.brokenCable
        let ends = [cable, cable + 1].map(RingNetwork.name)
        let far = 2 * cable
        let meter = try Meter(
            lab, from: RingNetwork.name(0), RingNetwork.loopback(0), to: RingNetwork.name(far),
            RingNetwork.loopback(far), interval: probeInterval)
        _ = try meter.firstAnswered()
        let link = try lab.interface(of: ends[1], towards: ends[0])
        watch.want(RingNetwork.gateways(isBroken: true))
        let began = MonotonicClock.now
        try lab.set(link, of: ends[1], isUp: false)
        let converged = try watch.wait(for: .seconds(60))
        // For the probes that follow to come back.
        try Waiting.rest(.milliseconds(500))
        try watch.verify()
        return (converged - began, try meter.longestGap())
    }
}
