// SPDX-License-Identifier: Apache-2.0

import Kernel
import Primitives

/// Whole labs, as a user runs them.
enum LabBench {
    /// With the aim for the whole, in seconds.
    private static let topologies: [(path: String, aim: Double?)] = [
        ("Topologies/multihomed-ipvpn.yaml", 15), ("Topologies/ce-bgp-vrrp.yaml", nil),
    ]

    static let bench = Bench(
        name: "lab",
        explanation: """
            seconds from `weft test` to the end of the program, and its parts: boot (of the
            substrate), build (kernel objects, router processes), converge (until checks held,
            before any event), checks (looks and probes), events (until they had happened and their
            checks held), teardown. Aim: the multihomed lab in under 15 s in the microVM without KVM
            on 2 cores.
            """,
        run: { try topologies.flatMap { try run($0.path, aim: $0.aim) } })

    private static func run(_ path: String, aim: Double?) throws -> [Figure] {
        let began = MonotonicClock.now
        let report = try test(path)
        let total = (MonotonicClock.now - began).seconds
        let name = report["lab"]?.string ?? path
        for check in report["tests"]?.array.flatMap({ $0["checks"]?.array ?? [] }) ?? []
        where check["status"] != "passed" {
            let line = "\(name): \(check["title"]?.string ?? "") did not pass\n"
            StandardStream.error.write(line.utf8)
        }
        let parts = (report["phases"]?.array ?? []).map { phase in
            Figure(
                name: "  \(phase["name"]?.string ?? "")", unit: "s",
                ours: [phase["seconds"]?.double ?? 0])
        }
        return [Figure(name: name, unit: "s", ours: [total], aim: aim)] + parts
    }

    /// Runs `weft test` and reads its report. It takes its lab down by itself, on Ctrl-C too.
    private static func test(_ path: String) throws -> JSON {
        let weft = try FileSystem.canonicalPath("/proc/self/exe").replacingLast(with: "weft")
        let (reader, writer) = try DescriptorPair.pipe().split()
        let output = FileDescriptor(owning: reader)
        let input = FileDescriptor(owning: writer)
        let pid = try ChildProcess.fork([]) {
            do throws(SystemError) {
                try StandardStream.output.become(StandardStream.error.rawValue)
                // It reads no input: a descriptor that is inherited.
                try StandardStream.input.become(input.raw)
                throw ChildProcess.replace(
                    [weft, "test", path, "--json", "/dev/fd/0"],
                    environment: Environment.all)
            } catch {
                StandardStream.error.write("\(error)\n".utf8)
                return 127
            }
        }
        input.discard()
        var text: [UInt8] = []
        while case let piece = try output.read(64 << 10), !piece.isEmpty { text += piece }
        let exit = try ChildProcess.wait(for: pid)
        guard let report = try? JSON(parsing: String(decoding: text, as: UTF8.self)) else {
            throw Failure("weft test \(path) ended with status \(exit.status ?? -1)")
        }
        return report
    }
}

extension FileDescriptor {
    /// Closes it here and now.
    fileprivate consuming func discard() {}
}

extension String {
    /// The path of another file in the same directory.
    func replacingLast(with name: String) -> String {
        split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
            + "/" + name
    }
}
