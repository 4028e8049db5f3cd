// SPDX-License-Identifier: Apache-2.0

import Foundation
import Fuzzing
import Primitives
import Testing

/// Generated inputs, the same every time. `make test` has the release program do 200,000 for a
/// decoder (WEFT_FUZZ names it); without it the debug program, many times slower, does fewer.
@Suite("Generated inputs", .serialized)
struct CampaignTests {
    private static let released = ProcessInfo.processInfo.environment["WEFT_FUZZ"]
    private static let inputs = released == nil ? 4_000 : 200_000
    private static let seed = 2026

    @Test("neither trap a decoder, nor hang it, nor make it grow", arguments: FuzzTarget.all)
    func campaign(_ target: FuzzTarget) throws {
        let inputs = max(200, Self.inputs / target.cost)
        let outcome = try Self.run(
            ["campaign", target.name, "\(inputs)", "\(Self.seed)"] + Self.folders(target))
        #expect(outcome.status == 0, "\(outcome.complaint)")
        let result = try JSON(parsing: outcome.output)
        #expect(result["inputs"] == .int(Int64(inputs)))
    }

    @Test("that trap are named, with the input")
    func findingsAreTold() throws {
        // A campaign that cannot find its corpus fails and says so: the alarm is wired.
        let outcome = try Self.run(["campaign", "bgp", "10", "1", "/nowhere"])
        #expect(outcome.status == 1)
        #expect(outcome.complaint.contains("no folder /nowhere"))
    }

    private static func folders(_ target: FuzzTarget) -> [String] {
        let tests = Corpus.folder.deletingLastPathComponent().deletingLastPathComponent()
        let root = tests.deletingLastPathComponent()
        let more =
            target.name == "topology"
            ? [root.appending(path: "Topologies"), tests.appending(path: "TopologyTests/Rejected")]
            : []
        return ([Corpus.folder(of: target)] + more).map(\.path)
    }

    private static func run(
        _ words: [String]
    ) throws -> (status: Int32, output: String, complaint: String) {
        let process = Process()
        process.executableURL = try program()
        process.arguments = words
        let (output, complaint) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = complaint
        try process.run()
        let text = String(
            decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        let errors = complaint.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, text, String(decoding: errors, as: UTF8.self))
    }

    /// The release program, or the debug one next to the test bundle.
    private static func program() throws -> URL {
        if let released { return URL(filePath: released) }
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return URL(filePath: own).deletingLastPathComponent().appending(path: "weft-fuzz")
    }
}
