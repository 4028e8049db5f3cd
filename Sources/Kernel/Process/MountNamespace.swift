// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// A mount namespace, held by a descriptor alone: when the last holder goes, so do its mounts.
package struct MountNamespace: ~Copyable {
    private let file: FileDescriptor

    private static let own = "/proc/thread-self/ns/mnt"

    /// Makes one that begins as a copy of ours, in which `furnish` may mount what only its users
    /// shall see, and returns to ours. What is mounted outside later shows up inside.
    package init(_ furnish: () -> Void) throws(SystemError) {
        let home = try FileDescriptor.open(Self.own)
        guard weft_unshare(Int32(CLONE_NEWNS)) == 0 else { throw SystemError("unshare mounts") }
        let made: FileDescriptor
        do throws(SystemError) {
            guard weft_mount("none", "/", nil, weft_mount_recursive_slave) == 0 else {
                throw SystemError("make mounts private")
            }
            furnish()
            made = try FileDescriptor.open(Self.own)
        } catch {
            _ = weft_setns(home.raw, Int32(CLONE_NEWNS))
            throw error
        }
        guard weft_setns(home.raw, Int32(CLONE_NEWNS)) == 0 else {
            throw SystemError("return to our mounts")
        }
        file = made
    }

    /// Moves this process in, for good.
    package borrowing func enter() throws(SystemError) {
        guard weft_setns(file.raw, Int32(CLONE_NEWNS)) == 0 else {
            throw SystemError("enter a mount namespace")
        }
    }

    /// Runs a closure inside and returns to our mounts.
    package borrowing func inside<Result>(
        _ body: () throws(SystemError) -> Result
    ) throws(SystemError) -> Result {
        let home = try FileDescriptor.open(Self.own)
        try enter()
        defer { _ = weft_setns(home.raw, Int32(CLONE_NEWNS)) }
        return try body()
    }

    /// Mounts a file system of the kernel's own (proc, sysfs, tmpfs) over a directory. Some
    /// containers forbid it; what was there then stays.
    package static func cover(_ path: String, with type: String) {
        _ = weft_mount(type, path, type, weft_mount_safe)
    }
}

/// What else a process has of its own.
package enum Surroundings {
    /// Gives this process a host name that only it and its children see.
    package static func setHostName(_ name: String) throws(SystemError) {
        guard weft_unshare(Int32(CLONE_NEWUTS)) == 0, sethostname(name, name.utf8.count) == 0 else {
            throw SystemError("set the host name \(name)")
        }
    }

    /// Changes to a directory, or to / where that is not there.
    package static func changeDirectory(_ path: String) {
        if chdir(path) != 0 { _ = chdir("/") }
    }

    package static var directory: String {
        guard let path = getcwd(nil, 0) else { return "/" }
        defer { free(path) }
        return String(cString: path)
    }
}

/// The running kernel's version.
package enum KernelRelease {
    /// As `uname -srm` prints it.
    package static var text: String {
        var name = utsname()
        guard uname(&name) == 0 else { return "unknown" }
        func string<Field>(_ field: Field) -> String {
            withUnsafeBytes(of: field) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
        }
        return [string(name.sysname), string(name.release), string(name.machine)]
            .joined(separator: " ")
    }
}
