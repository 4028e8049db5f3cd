// SPDX-License-Identifier: Apache-2.0

import Kernel
import Primitives

/// How long the verbs take that people wait for again and again, from the start of the program to
/// its end.
enum CommandBench {
    private static let rounds = 11

    static let bench = Bench(
        name: "commands",
        explanation: """
            each from the start of the program to its end; beside it how long the kernel takes to
            start and end a program that does nothing (true). Aims: `weft validate` and `weft plan`
            of a file of 1,000 nodes, each with BGP, under 200 ms; `weft show`, `ls` and
            `exec -- true` on a lab of 100 nodes under 50 ms.
            """, run: { try files() + lab() })

    /// 1,000 nodes that are never built.
    private static func files() throws -> [Figure] {
        let path = "/tmp/bench-commands-\(ChildProcess.pid).yaml"
        try FileSystem.write(path, "name: thousand\n" + LineTopology.text(1000, hasBGP: true))
        defer { FileSystem.remove(path) }
        return try ["validate", "plan"].map { verb in
            try figure("\(verb), 1000 nodes", [verb, path], aim: 200)
        }
    }

    private static func lab() throws -> [Figure] {
        let name = "bench-commands"
        let lab = try BenchedLab(name, LineTopology.text(100, hasBGP: true), substrate: "rootless")
        defer { lab.end() }
        let commands: [(String, [String])] = [
            ("show", ["show", "n50", "route", "--lab", name]),
            ("ls", ["ls", name]), ("exec", ["exec", "--lab", name, "n50", "--", "true"]),
        ]
        return try commands.map { try figure("\($0), 100 nodes", $1, aim: 50) }
    }

    private static func figure(_ title: String, _ words: [String], aim: Double) throws -> Figure {
        let weft = try BenchedLab.program()
        var (ours, plain): (Samples, Samples) = ([], [])
        for _ in 1...rounds {
            plain.add(try time(["true"]))
            ours.add(try time([weft] + words))
        }
        return Figure(
            name: title, unit: "ms", ours: ours, baselines: [("true", plain)], aim: aim)
    }

    private static func time(_ command: [String]) throws -> Double {
        let start = MonotonicClock.now
        let result = try Subprocess.run(command)
        guard result.isSuccess else {
            throw Failure("\(command.joined(separator: " ")): \(result.complaint)")
        }
        return (MonotonicClock.now - start).milliseconds
    }
}
