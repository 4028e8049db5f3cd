// SPDX-License-Identifier: Apache-2.0

import Kernel
import KernelObjects
import Primitives

/// A failed next hop with 100,000 prefixes behind it: what the engine and the kernel need to move
/// them as one, beside what they need to move each.
enum GroupBench {
    static let bench = Bench(
        name: "groups",
        explanation: """
            100,000 VPN prefixes lose their next hop and have a second one. Engine: from the loss
            of the link to the change that moves all of them, beside all that follows for each
            prefix. Kernel: one group is replaced, beside each route. Aim: 10 ms for either.
            """, run: { try run() })

    static let prefixCount = 100_000
    private static let rounds = 5

    private static func run() throws -> [Figure] {
        var engine = GroupedTables()
        var (moved, followed): (Samples, Samples) = ([], [])
        for _ in 1...rounds {
            let times = try engine.loseLink()
            moved.add(times.moved.milliseconds)
            followed.add(times.followed.milliseconds)
        }
        return [
            Figure(
                name: "engine, until the group moves", unit: "ms", ours: moved,
                baselines: [("each prefix", followed)], aim: 10)
        ] + (try AddressFamily.allCases.map(kernelFigure))
    }

    private static func kernelFigure(_ family: AddressFamily) throws -> Figure {
        let lab = try GroupLab(family)
        var (ours, plain): (Samples, Samples) = ([], [])
        var told: Samples = []
        try lab.makePlainRoutes()
        for round in 1...rounds { plain.add(try lab.replaceEach(to: round % 2).milliseconds) }
        try lab.makeGroupedRoutes()
        for round in 1...rounds { told.add(try lab.replaceGroup(to: round % 2).milliseconds) }
        try lab.quieten()
        for round in 1...rounds { ours.add(try lab.replaceGroup(to: round % 2).milliseconds) }
        return Figure(
            name: "kernel, \(family == .ipv4 ? "IPv4" : "IPv6")", unit: "ms", ours: ours,
            baselines: [
                ("each route replaced", plain), ("telling of each route", told),
            ], aim: 10)
    }
}
