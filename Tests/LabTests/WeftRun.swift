// SPDX-License-Identifier: Apache-2.0

import Glibc
import Kernel
import Testing

/// The weft program, as users run it: the one that WEFT names, or the one that was built beside
/// these tests.
struct WeftRun {
    struct Outcome {
        /// Its exit status; nil when a signal ended it.
        var status: Int32?
        var output: String
        var complaint: String

        var lines: [String] { output.split(separator: "\n").map(String.init) }
    }

    /// One that has been started.
    final class Running {
        let pid: pid_t
        private let input: TemporaryFile
        private let output: TemporaryFile
        private let complaint: TemporaryFile

        /// - Parameter words: the program's path and its arguments.
        fileprivate init(_ words: [String], input: String) throws {
            self.input = try TemporaryFile()
            try FileSystem.write(self.input.path, input)
            output = try TemporaryFile()
            complaint = try TemporaryFile()
            let path = words[0]
            var actions = posix_spawn_file_actions_t()
            posix_spawn_file_actions_init(&actions)
            defer { posix_spawn_file_actions_destroy(&actions) }
            posix_spawn_file_actions_addopen(&actions, 0, self.input.path, O_RDONLY, 0)
            posix_spawn_file_actions_addopen(&actions, 1, output.path, O_WRONLY, 0)
            posix_spawn_file_actions_addopen(&actions, 2, complaint.path, O_WRONLY, 0)
            var words = words.map { strdup($0) } + [nil]
            defer { for word in words { free(word) } }
            var pid: pid_t = 0
            let error = posix_spawn(&pid, path, &actions, nil, &words, environ)
            try #require(error == 0, "\(path): \(String(cString: strerror(error)))")
            self.pid = pid
        }

        /// Waits for its end.
        func outcome() throws -> Outcome {
            var state: Int32 = 0
            while waitpid(pid, &state, 0) < 0 { try #require(errno == EINTR) }
            return Outcome(
                status: state & 0x7f == 0 ? state >> 8 & 0xff : nil,
                output: try FileSystem.read(output.path),
                complaint: try FileSystem.read(complaint.path))
        }
    }

    /// - Parameters:
    ///   - input: all that it finds on its standard input.
    ///   - directory: where it starts, if not where the tests run.
    static func start(
        _ arguments: [String], input: String = "", in directory: String? = nil
    ) throws -> Running {
        let move = directory.map { ["/usr/bin/env", "-C", $0] } ?? []
        return try Running(move + [path()] + arguments, input: input)
    }

    /// Starts another program, named by its path.
    static func start(program words: [String], input: String = "") throws -> Running {
        try Running(words, input: input)
    }

    static func run(_ arguments: [String]) throws -> Outcome { try start(arguments).outcome() }

    static func path() throws -> String {
        if let named = Environment["WEFT"], !named.isEmpty { return named }
        return try neighbour("weft")
    }

    /// A program that was built beside these tests.
    static func neighbour(_ name: String) throws -> String {
        let own = try LoadedProgram.path()
        let directory = own.split(separator: "/", omittingEmptySubsequences: false).dropLast()
        let path = directory.joined(separator: "/") + "/\(name)"
        try #require(FileSystem.exists(path), "\(path) is not built")
        return path
    }
}
