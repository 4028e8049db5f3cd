// SPDX-License-Identifier: Apache-2.0

import Engine
import Kernel
import Primitives
import Runtime

/// A routing engine that can stand in a node: ours, or one to compare it with.
enum RoutingEngine: String, CaseIterable {
    case weft
    case bird = "BIRD"
    case frr = "FRR"

    /// Does all that need not be done again at every start: configuration files, directories.
    /// - Returns: what starts it as a router of the lab. BGP need not be up then.
    func prepare(_ lab: BenchLab, _ node: String) throws -> () throws -> RunningEngine {
        let namespace = try lab.namespace(node)
        let configuration = try lab.configuration(node)
        switch self {
        case .weft:
            return {
                // The same way as the supervisor: a fork, and no other program.
                let child = try BenchChild(node, in: namespace) {
                    RouterProcess<Router>.main(configuration, control: $0)
                }
                return RunningEngine(children: [child])
            }
        case .bird: return try Self.prepareBIRD(DaemonRoom(namespace), configuration)
        case .frr: return try Self.prepareFRR(DaemonRoom(namespace), configuration)
        }
    }

    private static func prepareBIRD(
        _ room: DaemonRoom, _ configuration: RouterConfiguration
    ) throws -> () throws -> RunningEngine {
        try room.write(
            "/run/bird.conf", EngineTemplate.fill("bird/external-router.conf", configuration))
        let words = [
            "/usr/sbin/bird", "-f", "-c", "/run/bird.conf", "-s", "/run/bird.ctl", "-P",
            "/run/bird.pid",
        ]
        return { RunningEngine(children: [try room.start(words)], room: room) }
    }

    /// As a speaker of IS-IS where ours would be one, of BGP otherwise.
    private static func prepareFRR(
        _ room: DaemonRoom, _ configuration: RouterConfiguration
    ) throws -> () throws -> RunningEngine {
        let speaker = configuration.isis == nil ? "bgpd" : "isisd"
        let template = configuration.isis == nil ? "external-router" : "isis-router"
        try room.run(["mkdir", "/run/frr"])
        try room.write("/run/frr/zebra.conf", "")
        try room.write(
            "/run/frr/\(speaker).conf",
            EngineTemplate.fill("frr/\(template).conf", configuration))
        // It gives up root's rights, and must be able to make its sockets.
        try room.run(["chown", "-R", "frr:frr", "/run/frr"])
        func daemon(_ name: String) throws -> BenchChild {
            try room.start(
                ["/usr/lib/frr/\(name)", "-f", "/run/frr/\(name).conf", "-P", "0"])
        }
        return {
            // The speaker wants to find zebra's socket: where it does not, it tries again seconds
            // later.
            let zebra = try daemon("zebra")
            let socket = "/proc/\(zebra.pid)/root/run/frr/zserv.api"
            try Waiting.until("zebra's socket") { FileSystem.exists(socket) }
            return RunningEngine(children: [zebra, try daemon(speaker)], room: room)
        }
    }
}

/// An engine at work; its processes end with it.
struct RunningEngine {
    let children: [BenchChild]
    /// Where they run, if that is of their own.
    var room: DaemonRoom?

    var pids: [Int32] { children.map(\.pid) }

    /// - Throws: when one of the processes has ended.
    func checkLife() throws {
        for child in children where !child.isAlive {
            throw Failure("\(child.title) has ended by itself")
        }
    }

    /// Memory in megabytes, by the rows of /proc's smaps_rollup that begin so: `Private_` is what
    /// no other process has, `Pss:` shares what is shared among those that have it.
    func memory(_ rows: String) throws -> Double {
        var kilobytes = 0
        for pid in pids {
            let text = try FileSystem.read("/proc/\(pid)/smaps_rollup")
            for line in text.split(separator: "\n") where line.hasPrefix(rows) {
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
            try rest(step)
        }
    }

    static func rest(_ time: Duration) throws {
        _ = try Poller().wait(until: MonotonicClock.now + time)
    }
}
