// SPDX-License-Identifier: Apache-2.0

// Kills and shortages on whole labs, each in a sandbox of its own: a process that forks wants a
// single thread. Prints one JSON object, {rounds, complaints}, which a test then judges.

import Glibc
import Kernel
import Primitives

func scenario(_ name: String) -> (() throws -> JSON)? {
    switch name {
    case "up": KillScenarios.up
    case "sweep": { try KillScenarios.sweep("host") }
    case "sweep-rootless": { try KillScenarios.sweep("rootless") }
    case "test": KillScenarios.test
    case "probes": KillScenarios.probes
    case "down": KillScenarios.down
    case "exec": KillScenarios.exec
    case "router": KillScenarios.router
    case "signal-up": SignalScenarios.up
    case "signal-test": SignalScenarios.test
    case "signal-users": SignalScenarios.users
    case "signal-down": SignalScenarios.down
    case "descriptors": ShortageScenarios.descriptors
    case "disk": ShortageScenarios.disk
    case "several": ShortageScenarios.several
    case "stale": ShortageScenarios.stale
    case "processes": ShortageScenarios.processes
    case "microvm-boot": MicroVMScenarios.boot
    case "microvm-signals": MicroVMScenarios.signals
    case "microvm-running": MicroVMScenarios.running
    case "microvm-cache": MicroVMScenarios.cache
    case "microvm-ike": MicroVMScenarios.ike
    case "microvm-memory": MicroVMScenarios.memory
    default: nil
    }
}

func scenarioMain() -> Int32 {
    let words = CommandLine.arguments
    guard words.count == 3, let body = scenario(words[2]) else {
        print("usage: CrashScenarios WEFT SCENARIO")
        return 2
    }
    WeftProcess.program = words[1]
    do {
        return try Sandbox.run {
            do {
                say(try body())
                return 0
            } catch {
                say(["failure": .string("\(error)")])
                return 1
            }
        }
    } catch {
        say(["failure": .string("\(error)")])
        return 1
    }
}

/// At once: forked children end without a look at buffers.
func say(_ found: JSON) { StandardStream.output.write((found.text + "\n").utf8) }

exit(scenarioMain())
