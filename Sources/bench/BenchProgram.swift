// SPDX-License-Identifier: Apache-2.0

import Kernel
import Primitives

/// From the words of the command line to the exit code.
enum BenchProgram {
    /// All benches, in the order in which they run.
    static let benches: [Bench] = [
        StartBench.bench, LineBench.bench, FailoverBench.bench, LabBench.bench,
        TransportBench.bench, AddedEdgeBench.bench, RouterLineBench.bench, CommandBench.bench,
        GroupBench.bench, ShortestPathsBench.bench, ConvergenceBench.bench,
    ]

    private static func usage() -> Int32 {
        let names = benches.map(\.name).joined(separator: ", ")
        StandardStream.error.write(
            "usage: weft-bench [--json] [BENCH ...]\nbenches: \(names)\n".utf8)
        return 2
    }

    /// Prints as it goes, or one JSON object at the end.
    private static func runAll(_ chosen: [Bench], asJSON: Bool) throws {
        func say(_ text: String) {
            if !asJSON { StandardStream.output.write((text + "\n").utf8) }
        }
        let gauge = try MachineGauge()
        say("this machine: \(gauge.text)")
        var results: [JSON] = []
        for bench in chosen {
            say("\n\(bench.name): \(bench.explanation)\n")
            let figures = try bench.run()
            for line in FigureText.lines(figures) { say(line) }
            let result: JSON = [
                "name": .string(bench.name), "figures": .array(figures.map(FigureText.json)),
            ]
            results.append(result)
        }
        guard asJSON else { return }
        let all: JSON = ["machine": gauge.json, "benches": .array(results)]
        StandardStream.output.write((all.indentedText + "\n").utf8)
    }

    static func run(_ words: [String]) -> Int32 {
        let names = words.filter { $0 != "--json" }
        let chosen = names.isEmpty ? benches : benches.filter { names.contains($0.name) }
        guard chosen.count == (names.isEmpty ? benches.count : names.count) else { return usage() }
        do {
            try runAll(chosen, asJSON: words.contains("--json"))
            return 0
        } catch {
            StandardStream.error.write("weft-bench: \(error)\n".utf8)
            return 1
        }
    }
}
