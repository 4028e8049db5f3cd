// SPDX-License-Identifier: Apache-2.0

import Glibc
import Kernel
import Primitives
import Testing

/// Programs of KernelScenarios.
enum Scenario {
    /// Runs one in a process of its own and returns what it found.
    static func run(_ name: String) throws -> JSON {
        let witness = Witness(namespace: try Namespace.current())
        return try JSON(parsing: try witness.result(of: [try executable(), name]).text)
    }

    /// Next to the test bundle.
    static func executable() throws -> String {
        var path = [CChar](repeating: 0, count: 4096)
        try #require(readlink("/proc/self/exe", &path, path.count - 1) > 0)
        let own = String(
            decoding: path.map(UInt8.init(bitPattern:)).prefix { $0 != 0 }, as: UTF8.self)
        let directory = own.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        return directory.joined(separator: "/") + "/KernelScenarios"
    }
}
