// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Lets a program that we did not write read a text of ours.
public enum ProgramWitness {
    /// - Parameter input: written to a file, whose name is the last argument.
    /// - Returns: the exit status, and what it said.
    public static func run(
        _ program: String, _ arguments: [String], input: String
    ) throws -> (status: Int32, says: String) {
        let file = FileManager.default.temporaryDirectory
            .appending(path: "weft-witness-\(UUID().uuidString)")
        try input.write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [program] + arguments + [file.path]
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }

    /// What an XML parser says against a text; empty where it is well-formed.
    public static func complaintsOfXML(_ text: String) throws -> String {
        let (status, says) = try run("xmllint", ["--noout", "--nonet", "--huge"], input: text)
        return status == 0 ? "" : says.isEmpty ? "status \(status)" : says
    }

    /// The value of an XPath expression on a text.
    public static func xpath(_ expression: String, of text: String) throws -> String {
        let says = try run("xmllint", ["--nonet", "--huge", "--xpath", expression], input: text)
            .says
        return says.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
