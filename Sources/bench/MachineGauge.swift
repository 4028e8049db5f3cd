// SPDX-License-Identifier: Apache-2.0

import Kernel
import Primitives

/// How fast this machine is just now: figures of a shared machine mean little without it.
struct MachineGauge {
    /// Milliseconds for a fixed loop of dependent arithmetic, over the repetitions.
    let loop: Samples
    /// /proc/loadavg's first three fields.
    let load: String
    let processorCount: Int

    private static let steps = 20_000_000
    private static let repetitions = 9

    init() throws {
        var loop = Samples([])
        var state: UInt64 = 1
        for _ in 0..<Self.repetitions {
            let began = MonotonicClock.now
            for _ in 0..<Self.steps {
                state ^= state << 13
                state ^= state >> 7
                state ^= state << 17
            }
            loop.add((MonotonicClock.now - began).milliseconds)
        }
        // Looked at, so that the loop is not left out.
        guard state != 0 else { throw Failure("xorshift has no zero state") }
        self.loop = loop
        load = try FileSystem.read("/proc/loadavg").split(separator: " ").prefix(3)
            .joined(separator: " ")
        processorCount = try FileSystem.read("/proc/cpuinfo").split(separator: "\n")
            .filter { $0.hasPrefix("processor") }.count
    }

    var text: String {
        let best = loop.values.min() ?? 0
        let usual = loop.median ?? 0
        return """
            \(processorCount) processors, load \(load); a fixed loop takes \
            \(FigureText.number(usual)) ms, \(FigureText.number(best)) ms at best
            """
    }

    var json: JSON {
        ["processors": JSON(processorCount), "load": .string(load), "loop-ms": loop.json]
    }
}
