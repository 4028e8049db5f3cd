// SPDX-License-Identifier: Apache-2.0

import Glibc
import Kernel
import Primitives

/// Ctrl-C, as a terminal sends it to a whole process group, SIGTERM and SIGHUP; once, and twice at
/// once.
enum SignalScenarios {
    private struct Signal {
        var number: Int32
        var count: Int

        static let all = [SIGINT, SIGTERM, SIGHUP].flatMap { number in
            [1, 2].map { Signal(number: number, count: $0) }
        }

        func strike(_ process: WeftProcess) {
            for _ in 0..<count { process.signalGroup(number) }
        }
    }

    /// Interrupted, it says so and nothing is left; or the signal came when all was done.
    private static func expectInterrupted(_ process: WeftProcess) throws {
        let exit = try process.end()
        if exit.signal == SIGINT || exit.signal == SIGTERM || exit.signal == SIGHUP { return }
        guard exit.status == 0 || exit.status == 3 else {
            throw Complaint("ended with \(exit): \(process.complaint)")
        }
        if exit.status == 3, !process.lastWord.hasPrefix("weft: interrupted; nothing of ") {
            throw Complaint("says \(process.lastWord)")
        }
    }

    static func up() throws -> JSON {
        let lab = try CrashLab()
        for signal in Signal.all {
            for line in 0...3 {
                lab.round("up: \(signal) after line \(line)") {
                    let command = try lab.starting("up")
                    _ = try command.wait { command.lineCount >= line }
                    signal.strike(command)
                    try expectInterrupted(command)
                }
            }
        }
        return lab.result
    }

    /// The lab of a test is the test's own, also where it was to be kept.
    static func test() throws -> JSON {
        let lab = try CrashLab()
        for signal in Signal.all {
            for (line, options) in [(4, []), (7, ["--keep"])] {
                lab.round("test: \(signal) after line \(line) \(options)") {
                    let command = try lab.starting(["test"] + options)
                    _ = try command.wait { command.lineCount >= line }
                    signal.strike(command)
                    try expectInterrupted(command)
                    try lab.expectGone()
                }
            }
        }
        return lab.result
    }

    /// Whoever only uses a lab leaves it as it is.
    static func users() throws -> JSON {
        let lab = try CrashLab()
        try lab.up()
        let running = lab.hello?["pid"]
        for signal in Signal.all {
            lab.rounds += 1
            let tool = try lab.weft("exec", "a", "--", "sleep", "1000")
            _ = try tool.wait { !Processes.named("sleep").isEmpty }
            signal.strike(tool)
            let end = try tool.end()
            if end.status != 128 + signal.number { lab.complain("exec: \(signal): \(end)") }
            let show = try lab.weft("show", "a", "route")
            signal.strike(show)
            try show.end()
            if lab.hello?["pid"] != running || !lab.isRunning { lab.complain("\(signal): no lab") }
            if !lab.eventually({ Processes.named("sleep").isEmpty }) {
                lab.complain("\(signal): the tool goes on")
            }
        }
        try lab.expectDown()
        if !lab.eventually({ lab.isGone }) { lab.complain("something is left") }
        return lab.result
    }

    /// One that comes while a lab goes.
    static func down() throws -> JSON {
        let lab = try CrashLab()
        for signal in Signal.all {
            lab.round("down: \(signal)") {
                try lab.up()
                let command = try lab.weft("down", lab.name)
                signal.strike(command)
                try command.end()
            }
        }
        return lab.result
    }
}
