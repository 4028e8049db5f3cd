// SPDX-License-Identifier: Apache-2.0

import Glibc
import Kernel
import Primitives

/// Runs a scenario of RuntimeScenarios, which forks routers in namespaces, and gives back what it
/// found. It needs to be root, as real namespaces and raw sockets do.
enum ScenarioRunner {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    static func run(_ name: String) throws -> JSON {
        try run([try neighbour("RuntimeScenarios"), name])
    }

    /// Runs one on the kernel of a microVM, which has VRFs.
    static func runInMicroVM(_ name: String) throws -> JSON {
        let weft = try getenv("WEFT").map { String(cString: $0) } ?? neighbour("weft")
        return try run([weft, "microvm", "--", try neighbour("RuntimeScenarios"), name])
    }

    private static func run(_ words: [String]) throws -> JSON {
        let (reader, writer) = try DescriptorPair.pipe().split()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, writer, 1)
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var pid: pid_t = 0
        let error = posix_spawn(&pid, words[0], &actions, nil, &arguments, environ)
        close(writer)
        let output = FileDescriptor(owning: reader)
        guard error == 0 else { throw Failure(description: "\(words): \(error)") }
        var octets: [UInt8] = []
        while true {
            let piece = try output.read(1 << 16)
            if piece.isEmpty { break }
            octets += piece
        }
        var status: Int32 = 0
        waitpid(pid, &status, 0)
        return try JSON(parsing: octets)
    }

    /// A program next to the test bundle.
    private static func neighbour(_ name: String) throws -> String {
        var path = [CChar](repeating: 0, count: 4096)
        guard readlink("/proc/self/exe", &path, path.count - 1) > 0 else {
            throw Failure(description: "this program does not know where it is")
        }
        let bytes = path.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        let own = String(decoding: bytes, as: UTF8.self)
        let directory = own.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        return directory.joined(separator: "/") + "/" + name
    }
}
