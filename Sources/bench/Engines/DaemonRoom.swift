// SPDX-License-Identifier: Apache-2.0

import Kernel

/// Where another project's daemons run in a node: a /run and a /var/tmp of their own, that are
/// there as long as they are. The daemons end with the room.
final class DaemonRoom {
    private let mounts: MountNamespace
    private let namespace: Namespace
    private let nursery: Nursery

    init(_ namespace: Namespace) throws {
        self.namespace = namespace
        // Coming back from other mounts leaves a process in the root directory.
        let directory = Surroundings.directory
        defer { Surroundings.changeDirectory(directory) }
        nursery = try Nursery()
        mounts = try MountNamespace {
            for path in ["/run", "/var/tmp"] { MountNamespace.cover(path, with: "tmpfs") }
        }
    }

    /// Writes a configuration file.
    func write(_ path: String, _ text: String) throws {
        try finish("write \(path)") { () throws(SystemError) in try FileSystem.write(path, text) }
    }

    /// Runs a program to its end.
    func run(_ words: [String]) throws {
        try finish(words.joined(separator: " ")) { () throws(SystemError) in
            throw ChildProcess.replace(words, environment: Self.environment)
        }
    }

    /// Starts a program that stays in the foreground.
    func start(_ words: [String]) throws -> BenchChild {
        guard FileSystem.exists(words[0]) else {
            throw Failure("\(words[0]) is missing: `make bench` installs it")
        }
        return try nursery.adopt {
            try BenchChild(words[0], in: namespace, []) { _ in
                inside { () throws(SystemError) in
                    try StandardStream.input.become(FileDescriptor.open("/dev/null").release())
                    let nowhere = try FileDescriptor.openLog("/dev/null")
                    for stream in [StandardStream.output, .error] {
                        try stream.become(nowhere.raw)
                    }
                    throw ChildProcess.replace(words, environment: Self.environment)
                }
            }
        }
    }

    private static let environment = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]

    private func inside(_ body: () throws(SystemError) -> Void) -> Int32 {
        do throws(SystemError) {
            try mounts.enter()
            try body()
            return 0
        } catch {
            StandardStream.error.write("\(error)\n".utf8)
            return 127
        }
    }

    private func finish(_ title: String, _ body: () throws(SystemError) -> Void) throws {
        let pid = try ChildProcess.fork { inside(body) }
        let exit = try ChildProcess.wait(for: pid)
        guard exit.status == 0 else { throw Failure("\(title) did not work") }
    }
}
