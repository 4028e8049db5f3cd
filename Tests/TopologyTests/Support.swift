// SPDX-License-Identifier: Apache-2.0

import Foundation
import Primitives
import Testing
import Topology

/// The files that tests read, found from this one.
enum Files {
    static let tests = URL(filePath: #filePath).deletingLastPathComponent()
    static let topologies = tests.deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Topologies")

    /// The files of a folder with one extension, by name.
    static func all(in folder: URL, ending: String) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == ending }
            .sorted { $0.lastPathComponent < $1.lastPathComponent }
    }
}

/// The mistakes of a file, as `weft validate` prints them.
struct Mistakes: Error, CustomStringConvertible {
    var description: String
}

/// Reads a topology; a test that expects one to be right fails with all its mistakes.
func topology(_ bytes: [UInt8], file: String = "FILE") throws -> Topology {
    do throws(TopologyErrors) {
        return try Topology.parse(bytes)
    } catch {
        let lines = error.diagnostics.map { $0.text(file: file) }
        throw Mistakes(description: lines.joined(separator: "\n"))
    }
}

func topology(_ text: String) throws -> Topology { try topology(Array(text.utf8)) }

/// One of the labs under Topologies.
func lab(_ name: String) throws -> Topology {
    let url = Files.topologies.appending(path: name + ".yaml")
    return try topology(Array(try Data(contentsOf: url)), file: name + ".yaml")
}

/// The mistakes of a text; none where it is right.
func mistakes(_ bytes: [UInt8]) -> [Diagnostic] {
    do throws(TopologyErrors) {
        _ = try Topology.parse(bytes)
        return []
    } catch {
        return error.diagnostics
    }
}

func mistakes(_ text: String) -> [String] {
    mistakes(Array(text.utf8)).map { "\($0.place): \($0.message)" }
}
