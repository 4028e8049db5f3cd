// SPDX-License-Identifier: Apache-2.0

import Glibc
import Kernel
import KernelWitness
import Primitives
import Testing

/// Programs of KernelScenarios.
enum Scenario {
    /// Runs one in a process of its own and returns what it found.
    static func run(_ name: String) throws -> JSON {
        try run([neighbour("KernelScenarios"), name])
    }

    /// Runs one on the kernel of a microVM.
    static func runInMicroVM(_ name: String) throws -> JSON {
        let weft = try getenv("WEFT").map { String(cString: $0) } ?? neighbour("weft")
        return try run([weft, "microvm", "--", neighbour("KernelScenarios"), name])
    }

    /// The last line is the scenario's; what stands before it is said along the way.
    private static func run(_ command: [String]) throws -> JSON {
        let witness = Witness(namespace: try Namespace.current())
        let (_, text) = try witness.result(of: command)
        let line = text.split(separator: "\n").last { $0.hasPrefix("{") }
        return try JSON(parsing: String(try #require(line, "\(text)")))
    }

    /// A program next to the test bundle.
    private static func neighbour(_ name: String) throws -> String {
        var path = [CChar](repeating: 0, count: 4096)
        try #require(readlink("/proc/self/exe", &path, path.count - 1) > 0)
        let own = String(
            decoding: path.map(UInt8.init(bitPattern:)).prefix { $0 != 0 }, as: UTF8.self)
        let directory = own.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        return directory.joined(separator: "/") + "/" + name
    }
}
