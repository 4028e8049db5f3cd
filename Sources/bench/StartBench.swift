// SPDX-License-Identifier: Apache-2.0

import Kernel
import Primitives

/// How long a router process takes until neighbors can reach it.
enum StartBench {
    private static let rounds = 15

    static let bench = Bench(
        name: "start",
        explanation: """
            from the start of one router's processes to a socket that listens for BGP,
            \(rounds) rounds. Ours is forked by its supervisor; the others are programs that are
            executed (bgpd follows zebra, without which it would wait). Aim: under 10 ms.
            """,
        run: run)

    private static func run() throws -> [Figure] {
        var found: [RoutingEngine: Samples] = [:]
        for _ in 0..<rounds {
            for engine in RoutingEngine.allCases {
                found[engine, default: []].add(try round(engine))
            }
        }
        let baselines = RoutingEngine.allCases.filter { $0 != .weft }
            .map { (name: $0.rawValue, samples: found[$0, default: []]) }
        return [
            Figure(
                name: "start of a router", unit: "ms", ours: found[.weft, default: []],
                baselines: baselines, aim: 10)
        ]
    }

    private static func round(_ engine: RoutingEngine) throws -> Double {
        let lab = try BenchLab(FailoverBench.topology)
        let start = try engine.prepare(lab, "r1")
        let began = MonotonicClock.now
        let running = try start()
        guard let pid = running.pids.last else { throw Failure("\(engine) has no process") }
        try Waiting.until("listening socket of \(engine.rawValue)") {
            try running.checkLife()
            return try isListening(pid)
        }
        return (MonotonicClock.now - began).milliseconds
    }

    /// Whether anything in the process's namespace listens for BGP. A line of /proc/net/tcp has a
    /// number, the local address and port, the remote ones, the state (0A is LISTEN).
    private static func isListening(_ pid: Int32) throws -> Bool {
        try FileSystem.read("/proc/\(pid)/net/tcp").split(separator: "\n").contains { line in
            let fields = line.split(separator: " ")
            return fields.count > 3 && fields[1].hasSuffix(":00B3") && fields[3] == "0A"
        }
    }
}
