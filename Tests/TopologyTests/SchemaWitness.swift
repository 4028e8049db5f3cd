// SPDX-License-Identifier: Apache-2.0

import Foundation
import Primitives
import Testing

@testable import Topology

/// Debian's jsonschema and PyYAML, asked what they make of a schema and of texts.
enum SchemaWitness {
    struct Case {
        var text: String
        /// nil is that of the whole file.
        var schema: JSON?
    }

    struct Answer {
        /// What is wrong with the schema itself.
        var metaschema: [String]
        /// What is wrong with each text.
        var cases: [[String]]
    }

    static func ask(_ cases: [Case]) throws -> Answer {
        let task: JSON = [
            "schema": Topology.jsonSchema,
            "cases": .array(
                cases.map { item in
                    .object(
                        [.init("text", .string(item.text))]
                            + (item.schema.map { [.init("schema", $0)] } ?? []))
                }),
        ]
        let answer = try JSON(parsing: try run(task.text))
        func texts(_ value: JSON?) -> [String] { value?.array.compactMap(\.string) ?? [] }
        return Answer(
            metaschema: texts(answer["metaschema"]),
            cases: answer["cases"]?.array.map { texts($0) } ?? [])
    }

    private static func run(_ input: String) throws -> [UInt8] {
        let process = Process()
        // Not the first python3 of the path: Debian's packages are for Debian's.
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = [Files.tests.appending(path: "Schema/validate.py").path]
        let (to, from) = (Pipe(), Pipe())
        process.standardInput = to
        process.standardOutput = from
        try process.run()
        try to.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try to.fileHandleForWriting.close()
        let output = try from.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        try #require(process.terminationStatus == 0)
        return Array(output)
    }
}
