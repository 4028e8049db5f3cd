// SPDX-License-Identifier: Apache-2.0

import Glibc
import Kernel

/// Where another project's daemons run: a /run of their own, that is there as long as they are.
final class DaemonRoom {
    private let mounts: MountNamespace
    private let files: [String: String]

    /// - Parameter files: their configuration files below /run, and what stands in them.
    init(_ files: [String: String]) throws {
        self.files = files
        // Coming back from other mounts leaves a process in the root directory.
        let directory = Surroundings.directory
        defer { Surroundings.changeDirectory(directory) }
        mounts = try MountNamespace { MountNamespace.cover("/run", with: "tmpfs") }
    }

    /// Starts a program that stays in the foreground.
    func start(_ words: [String], _ namespace: Namespace) throws -> BenchChild {
        guard FileSystem.exists(words[0]) else {
            throw Failure("\(words[0]) is missing: `make bench` installs it")
        }
        return try BenchChild(words[0], in: namespace) { _ in
            do throws(SystemError) {
                try mounts.enter()
                try furnish()
                try silence()
                throw ChildProcess.replace(words, environment: ["PATH": "/usr/sbin:/usr/bin"])
            } catch {
                StandardStream.error.write("\(words[0]): \(error)\n".utf8)
                return 127
            }
        }
    }

    /// FRR gives up root's rights and must be able to make its sockets.
    private func furnish() throws(SystemError) {
        mkdir("/run/frr", 0o755)
        for (path, text) in files { try FileSystem.write(path, text) }
        guard let user = getpwnam("frr") else { return }
        for path in ["/run/frr"] + files.keys where path.hasPrefix("/run/frr") {
            chown(path, user.pointee.pw_uid, user.pointee.pw_gid)
        }
    }

    private func silence() throws(SystemError) {
        let nowhere = try FileDescriptor.open("/dev/null", O_RDWR)
        for stream in [StandardStream.input, .output, .error] { try stream.become(nowhere.raw) }
    }
}
