// SPDX-License-Identifier: Apache-2.0

import Kernel
import KernelObjects
import Primitives

/// A line of nodes on the kernel: how fast the realiser makes it, beside a plain netlink loop that
/// makes the same objects.
enum LineBench {
    static let bench = Bench(
        name: "line",
        explanation: """
            namespaces in a line with veth pairs and addresses, all up: made by comparing with
            what is there, made again when nothing is missing, and taken down until the kernel
            has destroyed the last. The plain netlink loop compares nothing and has no texts for
            errors. Aim: at most 1.2 times its time to make, 1.3 times to take down.
            """, run: { try run() })

    private static func run() throws -> [Figure] {
        // Larger ones fewer times: the kernel's own time varies less there.
        try [(10, 15), (100, 7), (1000, 3)].flatMap { try figures($0, rounds: $1) }
    }

    /// In milliseconds.
    private struct Times {
        var make: Samples = []
        var again: Samples = []
        var takeDown: Samples = []
    }

    private static func figures(_ count: Int, rounds: Int) throws -> [Figure] {
        let lab = LineLab.objects(count)
        var ours = Times()
        var plain = Times()
        // In turns, so that a busy moment of the machine is shared.
        for _ in 1...rounds {
            try timePlain(count, &plain)
            try timeOurs(lab, &ours)
        }
        func figure(
            _ name: String, _ ours: Samples, _ plain: Samples, timesAim: Double?
        ) -> Figure {
            Figure(
                name: "\(count) namespaces, \(name)", unit: "ms", ours: ours,
                baselines: plain.values.isEmpty ? [] : [("plain netlink", plain)],
                timesAim: timesAim)
        }
        return [
            figure("make", ours.make, plain.make, timesAim: 1.2),
            figure("make again", ours.again, [], timesAim: nil),
            figure("take down", ours.takeDown, plain.takeDown, timesAim: 1.3),
        ]
    }

    /// How long the kernel takes to make them, in milliseconds.
    static func plainTime(_ count: Int) throws(SystemError) -> Double {
        var times = Times()
        try timePlain(count, &times)
        return times.make.median ?? 0
    }

    private static func timePlain(_ count: Int, _ times: inout Times) throws(SystemError) {
        var line = try PlainLine()
        let start = MonotonicClock.now
        try line.make(count)
        times.make.add((MonotonicClock.now - start).milliseconds)
        let tethers = try Tethers(to: line.namespaces)
        let end = MonotonicClock.now
        _ = consume line
        try tethers.wait()
        times.takeDown.add((MonotonicClock.now - end).milliseconds)
    }

    private static func timeOurs(_ lab: LabObjects, _ times: inout Times) throws(SystemError) {
        var realiser: Realiser? = Realiser()
        let start = MonotonicClock.now
        _ = try realiser?.realise(lab)
        let made = MonotonicClock.now
        times.make.add((made - start).milliseconds)
        _ = try realiser?.realise(lab)
        times.again.add((MonotonicClock.now - made).milliseconds)
        let namespaces = lab.namespaces.compactMap { realiser?.namespace($0.name)?.descriptor }
        let tethers = try Tethers(to: namespaces)
        let end = MonotonicClock.now
        realiser = nil
        try tethers.wait()
        times.takeDown.add((MonotonicClock.now - end).milliseconds)
    }
}
