// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// A source file of the package.
struct SourceFile: CustomStringConvertible {
    var path: String
    var lines: [Substring]

    var description: String { path }

    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    /// Every Swift file below a top-level folder.
    static func all(in folder: String) throws -> [SourceFile] {
        let base = root.appending(path: folder)
        let files = try #require(
            FileManager.default.enumerator(at: base, includingPropertiesForKeys: nil))
        return try files.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }.map {
            let text = try String(contentsOf: $0, encoding: .utf8)
            let path = String($0.path.dropFirst(root.path.count + 1))
            return SourceFile(
                path: path, lines: text.split(separator: "\n", omittingEmptySubsequences: false))
        }.sorted { $0.path < $1.path }
    }

    static func everything() throws -> [SourceFile] { try all(in: "Sources") + all(in: "Tests") }

    /// Functions by the line they start on, with their length in lines; braces outside strings and
    /// comments are what counts.
    var functions: [(line: Int, length: Int)] {
        lines.indices.filter { Self.startsFunction(lines[$0]) }.compactMap { start in
            var depth = 0
            var hasBody = false
            for index in start..<lines.count {
                let code = Self.withoutTextAndComments(lines[index])
                depth += code.count { $0 == "{" } - code.count { $0 == "}" }
                hasBody = hasBody || code.contains("{")
                if hasBody, depth <= 0 { return (start + 1, index - start + 1) }
                if !hasBody, code.trimmingCharacters(in: .whitespaces).isEmpty { return nil }
            }
            return nil
        }
    }

    private static func startsFunction(_ line: Substring) -> Bool {
        let words = line.split(separator: " ")
        guard
            let keyword = words.first(where: {
                !modifiers.contains(String($0)) && !$0.hasPrefix("@")
            })
        else { return false }
        return keyword == "func" || keyword.hasPrefix("init(") || keyword.hasPrefix("init?(")
            || keyword.hasPrefix("init<") || keyword == "deinit"
    }

    private static let modifiers: Set<String> = [
        "public", "package", "internal", "private", "fileprivate", "static", "final", "mutating",
        "consuming", "borrowing", "nonisolated", "override",
    ]

    private static func withoutTextAndComments(_ line: Substring) -> String {
        String(line).replacing(/"(?:\\.|[^"\\])*"/, with: "").replacing(/\/\/.*/, with: "")
    }
}

@Suite("House rules")
struct TidyTests {
    @Test func filesAreAtMost600Lines() throws {
        for file in try SourceFile.everything() { #expect(file.lines.count <= 601, "\(file)") }
    }

    @Test func linesAreAtMost100Columns() throws {
        for file in try SourceFile.everything() {
            for (index, line) in file.lines.enumerated() where line.count > 100 {
                // A fixture's or message's text may not be breakable.
                #expect(line.contains("\""), "\(file):\(index + 1) has \(line.count) columns")
            }
        }
    }

    @Test func functionsAreAtMost70Lines() throws {
        for file in try SourceFile.everything() {
            for function in file.functions {
                #expect(function.length <= 70, "\(file):\(function.line)")
            }
        }
    }

    @Test func everyFileNamesItsLicence() throws {
        for file in try SourceFile.everything() {
            let head = file.lines.prefix(2).joined(separator: "\n")
            #expect(head.contains("SPDX-License-Identifier: Apache-2.0"), "\(file)")
        }
    }

    @Test func noSourceImportsFoundation() throws {
        for file in try SourceFile.all(in: "Sources") {
            #expect(!file.lines.contains { $0.hasPrefix("import Foundation") }, "\(file)")
        }
    }

    @Test func thePureRoomsImportNoOperatingSystem() throws {
        let pure = [
            "Primitives", "Wire", "KernelObjects", "Topology", "Graph", "Engine", "Plan",
            "Simulation",
        ]
        for file in try pure.flatMap({ try SourceFile.all(in: "Sources/" + $0) }) {
            #expect(!file.lines.contains { $0.hasPrefix("import Glibc") }, "\(file)")
        }
    }

    @Test func onlyTheSystemFloorNamesLibc() throws {
        // The plain netlink loop that the realiser is measured against has nothing above libc.
        let floors = ["Sources/Kernel/", "Sources/bench/Line/Plain", "Sources/bench/Line/Tethers"]
        for file in try SourceFile.all(in: "Sources")
        where !floors.contains(where: { file.path.hasPrefix($0) }) {
            #expect(!file.lines.contains { $0.hasPrefix("import Glibc") }, "\(file)")
        }
    }

    @Test func nothingAdmitsUnfinishedWork() throws {
        let words = /\b(TODO|FIXME|XXX|HACK)\b/
        for file in try SourceFile.all(in: "Sources") {
            #expect(!file.lines.contains { $0.contains(words) }, "\(file)")
        }
    }

    @Test func noTestIsSkippedOrExpectedToFail() throws {
        let words = try Regex(
            [#"XCT"# + "Skip", #"\.dis"# + #"abled\("#, "withKnown" + "Issue"]
                .joined(separator: "|"))
        for file in try SourceFile.all(in: "Tests") {
            #expect(!file.lines.contains { $0.contains(words) }, "\(file)")
        }
    }

    @Test func theFunctionRulerMeasures() {
        let text = [
            "func short() { }", "private static func long(", "    a: Int", ") {", "    x", "}",
        ]
        let file = SourceFile(path: "x", lines: text.map { $0[...] })
        #expect(file.functions.map(\.length) == [1, 5])
    }
}
