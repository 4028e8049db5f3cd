// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// Another program run to its end, without a shell.
package enum Subprocess {
    package struct Result: Hashable, Sendable {
        package var exit: ChildProcess.Exit
        package var output: [UInt8]
        /// What it said on standard error.
        package var complaint: String

        package var isSuccess: Bool { exit.status == 0 }
        package var text: String { String(decoding: output, as: UTF8.self) }
    }

    /// The environment of the programs we run: ours, with messages in English, as we read them.
    package static var environment: [String: String] {
        var environment = Environment.all
        environment["LC_ALL"] = "C"
        return environment
    }

    /// Runs a program that is found on PATH.
    /// - Parameters:
    ///   - input: its standard input; empty when nil.
    ///   - directory: where it runs; where we do when nil.
    /// - Throws: when it cannot be started; that it fails shows in the result. A program that does
    ///   not exist ends with status 127.
    package static func run(
        _ arguments: [String], input: borrowing FileDescriptor? = nil, directory: String? = nil
    ) throws(SystemError) -> Result {
        let raw: Int32
        switch input {
        case .some(let file): raw = file.raw
        case .none: raw = -1
        }
        return try Running.start(arguments, input: raw, directory: directory).result()
    }

    /// Runs two programs, the first one's output being the second one's input.
    package static func pipe(
        _ first: [String], to second: [String]
    ) throws(SystemError) -> (first: Result, second: Result) {
        let (reader, writer) = try DescriptorPair.pipe().split()
        // Each end is closed here once its program has it, so that each program notices when the
        // other one ends.
        let source = try start(first, output: FileDescriptor(owning: writer))
        let sink = try start(second, input: FileDescriptor(owning: reader))
        return (try source.result(), try sink.result())
    }

    private static func start(
        _ arguments: [String], input: consuming FileDescriptor
    ) throws(SystemError) -> Running {
        try Running.start(arguments, input: input.raw)
    }

    private static func start(
        _ arguments: [String], output: consuming FileDescriptor
    ) throws(SystemError) -> Running {
        try Running.start(arguments, output: output.raw)
    }

    /// A program that has been started.
    private struct Running: ~Copyable {
        private let pid: Int32
        // Files in memory, not pipes: the program never waits for us to read.
        private let output: FileDescriptor
        private let complaint: FileDescriptor

        private init(
            pid: Int32, output: consuming FileDescriptor, complaint: consuming FileDescriptor
        ) {
            self.pid = pid
            self.output = output
            self.complaint = complaint
        }

        /// - Parameters:
        ///   - input: its standard input; negative means /dev/null.
        ///   - output: its standard output; negative means that `result` has it.
        static func start(
            _ arguments: [String], input: Int32 = -1, output: Int32 = -1, directory: String? = nil
        ) throws(SystemError) -> Running {
            let memory = try FileDescriptor.inMemory("output")
            let complaint = try FileDescriptor.inMemory("complaint")
            let streams = (input, output < 0 ? memory.raw : output, complaint.raw)
            let pid = try ChildProcess.fork { begin(arguments, streams, directory) }
            return Running(pid: pid, output: memory, complaint: complaint)
        }

        /// In the child.
        private static func begin(
            _ arguments: [String], _ streams: (input: Int32, output: Int32, error: Int32),
            _ directory: String?
        ) -> Int32 {
            do throws(SystemError) {
                let none = try FileDescriptor.open("/dev/null", O_RDWR)
                try StandardStream.input.become(streams.input < 0 ? none.raw : streams.input)
                try StandardStream.output.become(streams.output)
                try StandardStream.error.become(streams.error)
                if let directory, chdir(directory) != 0 { throw SystemError("enter \(directory)") }
                throw ChildProcess.replace(arguments, environment: environment)
            } catch {
                StandardStream.error.write("\(error)\n".utf8)
                return 127
            }
        }

        /// Waits for its end.
        borrowing func result() throws(SystemError) -> Result {
            let exit = try ChildProcess.wait(for: pid)
            return Result(
                exit: exit, output: try rewound(output, "output"),
                complaint: String(decoding: try rewound(complaint, "complaint"), as: UTF8.self))
        }
    }

    private static func rewound(
        _ file: borrowing FileDescriptor, _ name: String
    ) throws(SystemError) -> [UInt8] {
        lseek(file.raw, 0, SEEK_SET)
        return try FileSystem.octets(of: file, name)
    }

    /// Whether a program is on PATH.
    package static func exists(_ name: String) -> Bool {
        let path = Environment["PATH"] ?? "/usr/bin:/bin"
        return path.split(separator: ":").contains { access("\($0)/\(name)", X_OK) == 0 }
    }
}
