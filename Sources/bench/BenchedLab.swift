// SPDX-License-Identifier: Apache-2.0

import Kernel
import Primitives

/// A lab that the weft program runs, as for any user.
struct BenchedLab {
    let name: String
    private let weft: String

    /// - Parameter topology: the file's text without its name.
    init(_ name: String, _ topology: String, substrate: String = "microvm") throws {
        self.name = name
        weft = try Self.program()
        let path = "/tmp/\(name)-\(ChildProcess.pid).yaml"
        try FileSystem.write(path, "name: \(name)\n" + topology)
        defer { FileSystem.remove(path) }
        try run(["up", path, "--substrate", substrate])
    }

    /// The program that was built beside this one.
    static func program() throws -> String {
        try FileSystem.canonicalPath("/proc/self/exe").replacingLast(with: "weft")
    }

    /// Takes it down.
    func end() { _ = try? run(["down", name]) }

    /// Runs a shell script in a node to its end, and gives what it printed.
    @discardableResult
    func exec(_ node: String, _ script: String) throws -> String {
        try run(["exec", "--lab", name, node, "--", "sh", "-ec", script])
    }

    @discardableResult
    func run(_ words: [String]) throws -> String {
        let result = try Subprocess.run([weft] + words)
        guard result.isSuccess else {
            throw Failure("weft \(words.joined(separator: " ")): \(result.complaint)")
        }
        return result.text
    }
}
