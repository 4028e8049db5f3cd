// SPDX-License-Identifier: Apache-2.0

import Engine
import Glibc
import Kernel
import Primitives
import Runtime

/// A routing engine that can stand in a node: ours, or one to compare it with.
enum RoutingEngine: String, CaseIterable {
    case weft
    case bird = "BIRD"
    case frr = "FRR"

    /// Starts it as a router of a lab. BGP need not be up yet.
    func start(_ lab: BenchLab, _ node: String) throws -> RunningEngine {
        let namespace = try lab.namespace(node)
        let configuration = try lab.configuration(node)
        switch self {
        case .weft:
            // The same way as the supervisor: a fork, and no other program.
            let child = try BenchChild(node, in: namespace) {
                RouterProcess<Router>.main(configuration, control: $0)
            }
            return RunningEngine(pids: [child.pid], children: [child])
        case .bird: return try startBIRD(namespace, configuration)
        case .frr: return try startFRR(namespace, configuration)
        }
    }

    private func startBIRD(
        _ namespace: Namespace, _ configuration: RouterConfiguration
    ) throws -> RunningEngine {
        let text = try EngineTemplate.fill("bird/external-router.conf", configuration)
        let room = try DaemonRoom(["/run/bird.conf": text])
        let words = [
            "/usr/sbin/bird", "-f", "-c", "/run/bird.conf", "-s", "/run/bird.ctl", "-P",
            "/run/bird.pid",
        ]
        let child = try room.start(words, namespace)
        return RunningEngine(pids: [child.pid], children: [child])
    }

    /// bgpd wants to find zebra's socket: where it does not, it tries again seconds later.
    private func startFRR(
        _ namespace: Namespace, _ configuration: RouterConfiguration
    ) throws -> RunningEngine {
        let text = try EngineTemplate.fill("frr/external-router.conf", configuration)
        let room = try DaemonRoom(["/run/frr/zebra.conf": "", "/run/frr/bgpd.conf": text])
        func daemon(_ name: String) throws -> BenchChild {
            try room.start(
                ["/usr/lib/frr/\(name)", "-f", "/run/frr/\(name).conf", "-P", "0"], namespace)
        }
        let zebra = try daemon("zebra")
        let socket = "/proc/\(zebra.pid)/root/run/frr/zserv.api"
        try Waiting.until("zebra's socket") { FileSystem.exists(socket) }
        let bgpd = try daemon("bgpd")
        return RunningEngine(pids: [zebra.pid, bgpd.pid], children: [zebra, bgpd])
    }
}

/// An engine at work; its processes end with it.
struct RunningEngine {
    let pids: [Int32]
    let children: [BenchChild]

    /// - Throws: when one of the processes has ended.
    func checkLife() throws {
        for child in children where !child.isAlive {
            throw Failure("\(child.title) has ended by itself")
        }
    }

    /// Memory that would be free without it, in megabytes: pages that no other process shares.
    func privateMemory() throws -> Double {
        var kilobytes = 0
        for pid in pids {
            let text = try FileSystem.read("/proc/\(pid)/smaps_rollup")
            for line in text.split(separator: "\n") where line.hasPrefix("Private_") {
                kilobytes += line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
            }
        }
        return Double(kilobytes) / 1000
    }
}

/// Looks again and again: for what nobody reports.
enum Waiting {
    /// - Parameter step: how long not to look, so that what is measured has the processor.
    static func until(
        _ what: String, every step: Duration = .microseconds(100), _ isSo: () throws -> Bool
    ) throws {
        let deadline = MonotonicClock.now + .seconds(30)
        while try !isSo() {
            guard MonotonicClock.now < deadline else { throw Failure("no \(what)") }
            usleep(UInt32(step.nanoseconds / 1000))
        }
    }
}
