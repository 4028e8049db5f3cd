// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Topology

/// Every file in Rejected is wrong, and its .expected says how `weft validate` puts it. After a
/// change on purpose, run with WEFT_RECORD=1 in the environment and look at the difference.
@Suite("Rejected files")
struct RejectedTests {
    static let folder = Files.tests.appending(path: "Rejected")

    static var names: [String] {
        let files = (try? Files.all(in: folder, ending: "yaml")) ?? []
        return files.map { $0.deletingPathExtension().lastPathComponent }
    }

    @Test(arguments: RejectedTests.names)
    func everyMistakeIsReportedInItsPlace(_ name: String) throws {
        let file = Self.folder.appending(path: name + ".yaml")
        let found = mistakes(Array(try Data(contentsOf: file)))
        let text = found.map { $0.text(file: name + ".yaml") + "\n" }.joined()
        let expected = Self.folder.appending(path: name + ".expected")
        if ProcessInfo.processInfo.environment["WEFT_RECORD"] != nil {
            try Data(text.utf8).write(to: expected)
        }
        #expect(!found.isEmpty)
        #expect(text == String(decoding: try Data(contentsOf: expected), as: UTF8.self))
    }

    @Test func theFolderIsFound() { #expect(Self.names.count >= 150) }

    /// What all the files are answered with, a message a line.
    static func messages() throws -> [String] {
        try Files.all(in: folder, ending: "expected").flatMap {
            try String(contentsOf: $0, encoding: .utf8).split(separator: "\n").map { String($0) }
        }
    }

    /// What cannot be shown by a file of reasonable size.
    static let unshown = [
        // The length is tested in YAMLTests.
        "the file has ", "out of memory",
        // libyaml always says what is wrong.
        "cannot be read",
    ]

    @Test func everyMessageOfTheSourcesIsShown() throws {
        let messages = try Self.messages()
        let literals = try MessageSource.files.flatMap { try MessageSource.literals(in: $0) }
        #expect(literals.count > 150)
        for literal in literals where !Self.unshown.contains(literal.fragments[0]) {
            #expect(messages.contains(where: literal.isIn), "\(literal)")
        }
    }

    @Test func everyTableIsShown() throws {
        let messages = try Self.messages()
        func expect(_ text: String) {
            #expect(messages.contains { $0.contains(text) }, "no file is answered: \(text)")
        }
        for kind in Language.kinds {
            // Keys of a user's own are none that a table can know.
            if kind.others == nil { expect("in \(kind.title); ") }
            for key in kind.keys {
                if key.isRequired { expect("\(kind.title) needs '\(key.name)': ") }
                if key.roles != nil { expect("'\(key.name)' does not apply to a") }
            }
            for choice in kind.choices {
                if choice.isRequired { expect("\(kind.title) needs one of '\(choice.names[0])'") }
                #expect(
                    messages.contains {
                        $0.contains(" cannot stand beside ") && $0.hasSuffix(" in \(kind.title)")
                    }, "\(kind.title)")
            }
        }
    }
}

/// The texts of the sources that make messages.
enum MessageSource {
    /// A string literal, without what is interpolated.
    struct Literal: CustomStringConvertible {
        var fragments: [String]
        var file: String

        var description: String { "\(file): \(fragments.joined(separator: "…"))" }

        func isIn(_ message: String) -> Bool {
            var rest = message[...]
            for fragment in fragments {
                guard let range = rest.range(of: fragment) else { return false }
                rest = rest[range.upperBound...]
            }
            return true
        }
    }

    static var files: [URL] {
        get throws {
            let room = Files.topologies.deletingLastPathComponent()
                .appending(path: "Sources/Topology")
            let language = ["Form", "Forms", "Shape", "Validator"].map {
                room.appending(path: "Language/\($0).swift")
            }
            return try language + Files.all(in: room.appending(path: "Resolve"), ending: "swift")
                + Files.all(in: room.appending(path: "YAML"), ending: "swift")
        }
    }

    /// Literals that read like a part of a sentence: with a letter and a blank.
    static func literals(in file: URL) throws -> [Literal] {
        let text = try String(contentsOf: file, encoding: .utf8)
        let code = text.split(separator: "\n").filter { line in
            let line = line.drop { $0 == " " }
            return !line.hasPrefix("//") && !line.hasPrefix("precondition")
        }
        var literals: [[String]] = []
        var rest = code.joined(separator: "\n")[...]
        while let start = rest.firstIndex(of: "\"") {
            rest = rest[rest.index(after: start)...]
            scan(&rest, &literals)
        }
        return literals.filter { fragments in
            fragments.contains { $0.contains { $0.isLetter } && $0.contains(" ") }
        }.map { Literal(fragments: $0, file: file.lastPathComponent) }
    }

    /// Reads to the end of a literal; those in its interpolations are literals of their own.
    private static func scan(_ rest: inout Substring, _ literals: inout [[String]]) {
        var fragments = [""]
        while let character = rest.popFirst(), character != "\"" {
            guard character == "\\", let escaped = rest.popFirst() else {
                fragments[fragments.count - 1].append(character)
                continue
            }
            guard escaped == "(" else {
                fragments[fragments.count - 1].append(escaped == "n" ? "\n" : escaped)
                continue
            }
            var depth = 1
            while depth > 0, let inner = rest.popFirst() {
                if inner == "\"" { scan(&rest, &literals) }
                depth += inner == "(" ? 1 : inner == ")" ? -1 : 0
            }
            fragments.append("")
        }
        literals.append(fragments.filter { !$0.isEmpty })
    }
}
