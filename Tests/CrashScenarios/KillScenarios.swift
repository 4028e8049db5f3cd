// SPDX-License-Identifier: Apache-2.0

import Glibc
import Kernel
import Primitives

/// SIGKILL of each process of a lab on this kernel, at many moments of a command's life.
enum KillScenarios {
    /// Whom a kill is for: a process's name, or the command itself.
    enum Victim: String, CaseIterable {
        case command
        case keeper = "weft-keeper"
        case supervisor = "weft-lab"
        case router = "weft-a"
    }

    /// A moment that a command's progress makes.
    struct Moment {
        var name: String
        var isNow: (WeftProcess) -> Bool
    }

    private static func line(_ number: Int) -> Moment {
        Moment(name: "after line \(number)") { $0.lineCount >= number }
    }

    private static func file(_ name: String) -> Moment {
        Moment(name: "once \(name) is there") { _ in
            FileSystem.exists("/run/weft/crash/\(name)")
        }
    }

    private static func process(_ name: String) -> Moment {
        Moment(name: "once \(name) runs") { _ in !Processes.named(name).isEmpty }
    }

    /// Runs a command and kills the victim at the moment, or as soon after as there is one.
    private static func kill(
        _ victim: Victim, of command: WeftProcess, at moment: Moment
    ) throws {
        let hasCome = try command.wait {
            moment.isNow(command) && (victim == .command || Processes.kill(victim.rawValue))
        }
        if victim == .command, hasCome { ChildProcess.signal(command.pid, SIGKILL) }
    }

    // MARK: up

    /// States that `up` passes through, each with each victim.
    static func up() throws -> JSON {
        let lab = try CrashLab()
        let moments =
            ["lock", "socket", "log"].map(file)
            + ["weft-keeper", "weft-lab", "weft-a", "weft-b"].map(process)
            + [line(1), line(2), line(3), line(4)]
        for moment in moments {
            for victim in Victim.allCases {
                lab.round("\(victim) \(moment.name)") {
                    let command = try lab.starting("up")
                    try kill(victim, of: command, at: moment)
                    if victim != .command {
                        try lab.expectCivil(command)
                    } else {
                        try command.end()
                    }
                }
            }
        }
        return lab.result
    }

    /// Moments evenly over the time that `up` takes.
    static func sweep(_ substrate: String) throws -> JSON {
        let lab = try CrashLab(substrate: substrate)
        let began = MonotonicClock.now
        try lab.up()
        let whole = MonotonicClock.now - began
        try lab.expectDown()
        for part in 0..<24 {
            lab.round("the command after \(part)/20 of the time") {
                let command = try lab.starting("up")
                usleep(UInt32(max(0, whole.nanoseconds / 1000 * Int64(part) / 20)))
                ChildProcess.signal(command.pid, SIGKILL)
                try command.end()
            }
        }
        return lab.result
    }

    // MARK: test, down, exec

    /// Every line that `test` prints is a moment: checks, outages, captures, events.
    static func test() throws -> JSON {
        let lab = try CrashLab()
        for number in [3, 5, 6, 7, 8, 9, 12, 14, 16] {
            var victims: [Victim] = number % 2 == 0 ? [.command] : [.command, .supervisor]
            if number == 6 { victims += [.keeper, .router] }
            for victim in victims {
                lab.round("test: \(victim) \(line(number).name)") {
                    let command = try lab.starting("test")
                    try kill(victim, of: command, at: line(number))
                    if victim == .command {
                        try command.end()
                    } else {
                        try lab.expectCivil(command, [0, 1, 3])
                        if command.status == 3, !command.lastWord.contains("nothing of it is left")
                        {
                            throw Complaint("says \(command.lastWord)")
                        }
                    }
                }
            }
        }
        return lab.result
    }

    /// Probes of a step that is measured.
    static func probes() throws -> JSON {
        let lab = try CrashLab()
        for name in ["weft-outage", "weft-answer", "weft-wire", "weft-ping", "weft-traceroute"] {
            lab.round("test: \(name)") {
                let command = try lab.starting("test")
                let hadVictim = try command.wait { Processes.kill(name) }
                try lab.expectCivil(command, [0, 1])
                guard hadVictim || name == "weft-traceroute" || name == "weft-ping" else {
                    throw Complaint("\(name) was never seen")
                }
                if ["weft-outage", "weft-wire"].contains(name),
                    !command.output.contains("the probe ended without a result")
                {
                    throw Complaint("what has become of \(name) is not told: \(command.output)")
                }
            }
        }
        return lab.result
    }

    static func down() throws -> JSON {
        let lab = try CrashLab()
        for part in 0..<8 {
            for victim in [Victim.command, .supervisor, .keeper] {
                lab.round("down: \(victim) after \(part) ms") {
                    try lab.up()
                    let command = try lab.weft("down", lab.name)
                    usleep(UInt32(part) * 1000)
                    if victim == .command {
                        ChildProcess.signal(command.pid, SIGKILL)
                    } else {
                        Processes.kill(victim.rawValue)
                    }
                    if victim == .command {
                        try command.end()
                    } else {
                        try lab.expectCivil(command, [0, 2, 3])
                    }
                }
            }
        }
        return lab.result
    }

    /// Tools in nodes, one of which will not go when it is told to.
    static func exec() throws -> JSON {
        let lab = try CrashLab()
        let stubborn = "trap '' TERM HUP INT; while :; do sleep 1000; done"
        for victim in ["weft", "weft-lab", "sleep", "weft-keeper"] {
            lab.round("exec: \(victim)") {
                try lab.up()
                let script = victim == "sleep" ? "sleep 1000; exit 7" : stubborn
                let client = try lab.weft("exec", "a", "--", "sh", "-c", script)
                _ = try client.wait { !Processes.named("sleep").isEmpty }
                Processes.kill(victim)
                if victim == "weft-keeper" { ChildProcess.signal(client.pid, SIGKILL) }
                try client.end()
                if victim == "sleep", client.status != 7 { throw Complaint(client.complaint) }
                if victim == "weft-lab" { try lab.expectCivil(client, [3]) }
                if victim != "weft-lab" {
                    guard lab.eventually({ Processes.named("sleep").isEmpty }) else {
                        throw Complaint("the tool goes on")
                    }
                    try lab.expectDown()
                }
            }
        }
        return lab.result
    }

    /// A running lab goes on without one of its routers, and says which died of what.
    static func router() throws -> JSON {
        let lab = try CrashLab()
        lab.round("router") {
            try lab.up()
            Processes.kill("weft-b")
            func node(_ index: Int) -> JSON? { lab.hello?["nodes"]?[index] }
            guard lab.eventually({ node(1)?["state"] == "stopped" }),
                node(1)?["last-error"] == "ended by signal 9", node(0)?["state"] == "running"
            else { throw Complaint("\(lab.hello?["nodes"]?.text ?? "no lab")") }
            let list = try lab.weft("ls", lab.name)
            try list.end()
            guard list.output.contains("ended by signal 9") else { throw Complaint(list.output) }
            guard try lab.weft("set", "start", "b").end().status == 0 else {
                throw Complaint("b does not start again")
            }
            try lab.expectDown()
        }
        return lab.result
    }
}
