// SPDX-License-Identifier: Apache-2.0

import Kernel
import Primitives
import Testing
import Topology

/// What is done with topology files without a lab.
@Suite struct ValidateTests {
    static let right =
        "name: lab\nnodes: {a: {role: ce}, b: {role: ce}}\nlinks: [{endpoints: [a, b]}]\n"
    static let wrong = "name: lab\nnodes:\n  é: {role: cee, \tcolour: 1}\r\n"

    @Test func `several files, each with its mistakes below its lines`() throws {
        let right = try TemporaryFile()
        let wrong = try TemporaryFile()
        try FileSystem.write(right.path, Self.right)
        try FileSystem.write(wrong.path, "name: lab\nnodes:\n  a: {role: cee}\n")
        let outcome = try WeftRun.run(["validate", right.path, wrong.path])
        let (rightPath, wrongPath) = (right.path, wrong.path)
        #expect(outcome.status == 2)
        #expect(outcome.output == "\(rightPath) is right: 2 nodes, 1 link, 0 LANs, 0 tests\n")
        #expect(
            outcome.complaint == """
                \(wrongPath):3:13: error: 'role' must be one of pe, p, ce, rr, host, \
                not 'cee'; did you mean 'ce'?
                    a: {role: cee}
                              ^
                weft: 1 of 2 files are wrong

                """)
        let twice = try WeftRun.run(["validate", right.path, right.path])
        #expect(twice.status == 0)
    }

    @Test func `JSON has a list with an entry for every file`() throws {
        let right = try TemporaryFile()
        let wrong = try TemporaryFile()
        try FileSystem.write(right.path, Self.right)
        try FileSystem.write(wrong.path, Self.wrong)
        let outcome = try WeftRun.run(["validate", "--json", right.path, wrong.path, "/"])
        #expect(outcome.status == 2)
        #expect(outcome.complaint == "")
        let answer = try JSON(parsing: outcome.output)
        let paths = [right.path, wrong.path, "/"]
        #expect(answer.array.map { $0["file"]?.string } == paths)
        #expect(answer.array.map { $0["valid"]?.bool } == [true, false, false])
        #expect(answer[0]?["diagnostics"] == [])
        let mistakes = try #require(answer[1]?["diagnostics"]?.array)
        #expect(mistakes.map { $0["line"]?.int } == [3, 3, 3])
        #expect(mistakes.map { $0["column"]?.int } == [3, 13, 19])
        #expect(mistakes.first?["message"]?.string?.hasPrefix("'é' in 'nodes' must be") == true)
        #expect(answer[2]?["diagnostics"] == [["message": "/ is a directory, not a topology file"]])
    }

    @Test func `a dash is the standard input`() throws {
        let right = try WeftRun.start(["validate", "-"], input: Self.right).outcome()
        #expect(right.output.hasPrefix("<stdin> is right"))
        let plan = try WeftRun.start(["plan", "-"], input: Self.right).outcome()
        #expect(plan.status == 0)
        #expect(plan.output.contains("eth1"))
        let wrong = try WeftRun.start(["plan", "-"], input: "name: lab\n").outcome()
        #expect(wrong.status == 2)
        #expect(wrong.complaint.hasPrefix("<stdin>:1:1: error: a topology needs 'nodes'"))
    }

    @Test func `what cannot be read is said in a sentence`() throws {
        func complaint(_ path: String) throws -> String {
            let outcome = try WeftRun.run(["validate", path])
            #expect(outcome.status == 2)
            return outcome.complaint
        }
        let file = try TemporaryFile()
        try FileSystem.write(file.path, String(repeating: "#", count: Topology.fileSizeMax + 1))
        let path = file.path
        let tooLarge = try complaint(path)
        #expect(tooLarge == "weft: \(path) has more than 4194304 bytes\n")
        #expect(try complaint("/usr") == "weft: /usr is a directory, not a topology file\n")
        #expect(try complaint("/ust") == "weft: there is no file /ust; did you mean /usr?\n")
        #expect(try complaint("/usr/binn").contains("did you mean /usr/bin?"))
        #expect(
            try complaint("/no/such/lab.yaml") == "weft: there is no file /no/such/lab.yaml\n")
        #expect(
            try complaint("/proc/self/mem")
                == "weft: /proc/self/mem cannot be read: Input/output error\n")
    }

    @Test func `the schema is printed as it is`() throws {
        let outcome = try WeftRun.run(["schema"])
        #expect(outcome.output == Topology.jsonSchema.indentedText + "\n")
    }
}
