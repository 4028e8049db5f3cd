// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Kernel
import Primitives

/// A small world of its own: processes, mounts, network, /run, /tmp. All that is seen in it was
/// started in it, and it goes with its first process, which is whoever runs a scenario.
enum Sandbox {
    /// A directory of the sandbox's own for files that are not looked at.
    static let work = "/run/work"
    /// What stands for the user's home directory.
    static let home = "/run/home"

    /// Runs `body` as the sandbox's first process; gives back its status. The program that labs are
    /// made with is seen inside, wherever it stands outside.
    static func run(_ body: () -> Int32) throws -> Int32 {
        let pid = try ChildProcess.fork([.diesWithParent, .ownProcessNamespace]) {
            do { try furnish() } catch {
                say(["failure": .string("sandbox: \(error)")])
                return 1
            }
            return body()
        }
        return try ChildProcess.wait(for: pid).status ?? 1
    }

    private static func furnish() throws {
        guard weft_unshare(Int32(CLONE_NEWNS) | Int32(CLONE_NEWNET)) == 0,
            weft_mount("none", "/", nil, weft_mount_recursive_slave) == 0
        else { throw SystemError("unshare") }
        MountNamespace.cover("/proc", with: "proc")
        // Programs may be run from there.
        guard weft_mount_with("tmpfs", "/run", "tmpfs", 0, "mode=755") == 0 else {
            throw SystemError("mount /run")
        }
        // A process is named after its program's file.
        try FileSystem.makeDirectory("/run/program")
        let copy = "/run/program/weft"
        try FileSystem.replace(copy, try FileSystem.octets(of: WeftProcess.program), mode: 0o755)
        WeftProcess.program = copy
        MountNamespace.cover("/tmp", with: "tmpfs")
        for path in [work, home, "/run/weft"] { try FileSystem.makePrivateDirectory(path) }
    }
}
