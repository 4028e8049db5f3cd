// SPDX-License-Identifier: Apache-2.0

import Kernel
import Primitives

/// A line of nodes with a router process in each, as a user starts it: time and memory.
enum RouterLineBench {
    static let bench = Bench(
        name: "routers",
        explanation: """
            `weft up` of a line of nodes with a router process in each, from the command to the last
            router's readiness, for each router; beside it the plain netlink loop that makes the
            same namespaces and links. Memory is what no other process shares (Private_* of
            smaps_rollup). Aim: at most 3 ms and 2.5 MB a router.
            """,
        run: { try [(10, 5), (100, 3), (1000, 1)].flatMap { try figures($0, rounds: $1) } })

    private static func figures(_ count: Int, rounds: Int) throws -> [Figure] {
        var (ours, plain, memory, down): (Samples, Samples, Samples, Samples) = ([], [], [], [])
        for _ in 1...rounds {
            plain.add(try LineBench.plainTime(count) / Double(count))
            let topology = LineTopology.text(count, hasBGP: false)
            let start = MonotonicClock.now
            let lab = try BenchedLab("bench-routers", topology, substrate: "rootless")
            ours.add((MonotonicClock.now - start).milliseconds / Double(count))
            memory.add(try privateMemory(of: lab))
            let end = MonotonicClock.now
            lab.end()
            down.add((MonotonicClock.now - end).milliseconds / Double(count))
        }
        let name = "\(count) routers, each:"
        return [
            Figure(
                name: "\(name) up", unit: "ms", ours: ours, baselines: [("plain netlink", plain)],
                aim: 3),
            Figure(name: "\(name) down", unit: "ms", ours: down),
            Figure(name: "\(name) private memory", unit: "MB", ours: memory, aim: 2.5),
        ]
    }

    /// The median over a lab's routers, in MB of a million octets.
    private static func privateMemory(of lab: BenchedLab) throws -> Double {
        let nodes = try JSON(parsing: lab.run(["ls", lab.name, "--json"]))["nodes"]?.array ?? []
        let all = try nodes.compactMap { $0["pid"]?.int }.map { pid in
            try FileSystem.read("/proc/\(pid)/smaps_rollup").split(separator: "\n")
                .filter { $0.hasPrefix("Private_") }
                .compactMap { Int($0.split(separator: " ").dropFirst().first ?? "") }.reduce(0, +)
        }
        guard let median = Samples(all.map { Double($0) * 1024 / 1_000_000 }).median else {
            throw Failure("\(lab.name) has no routers")
        }
        return median
    }
}
