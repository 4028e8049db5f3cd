// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// A program of the host that our work is compared with.
struct HostTool {
    let path: String

    init(path: String) { self.path = path }

    /// Finds a program in PATH. That it is missing fails the test: a comparison that was not made
    /// proves nothing.
    init(_ name: String, package: String) throws {
        let directories = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        let candidates = (directories.map(String.init) + ["/usr/sbin", "/sbin"]).map {
            "\($0)/\(name)"
        }
        path = try #require(
            candidates.first { FileManager.default.isExecutableFile(atPath: $0) },
            "\(name) is not installed: `make test` installs it, or `apt-get install \(package)`")
    }

    struct Output {
        let status: Int32
        let standardOutput: String
        let standardError: String
    }

    /// Runs the program to its end.
    func run(_ arguments: [String]) throws -> Output {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        let scratch = FileManager.default.temporaryDirectory
            .appendingPathComponent("weft-\(UUID().uuidString)")
        try Data().write(to: scratch)
        defer { try? FileManager.default.removeItem(at: scratch) }
        // Errors go to a file, so that no pipe can fill up while another is read.
        process.standardError = try FileHandle(forWritingTo: scratch)
        process.standardInput = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Output(
            status: process.terminationStatus,
            standardOutput: String(decoding: output, as: UTF8.self),
            standardError: String(decoding: try Data(contentsOf: scratch), as: UTF8.self))
    }
}
