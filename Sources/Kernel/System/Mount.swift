// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// What the first process of a machine does to have file systems and drivers.
package enum Boot {
    /// Mounts a file system.
    /// - Parameters:
    ///   - type: such as "proc".
    ///   - options: the file system's own, comma-separated.
    package static func mount(
        _ type: String, from source: String, at path: String, options: String = "",
        isReadOnly: Bool = false
    ) throws(SystemError) {
        let flags = isReadOnly ? weft_mount_read_only : 0
        guard weft_mount_with(source, path, type, flags, options) == 0 else {
            throw SystemError("mount \(type) at \(path)")
        }
    }

    /// Moves a mount to another place.
    package static func move(_ path: String, to target: String) throws(SystemError) {
        guard weft_mount_with(path, target, nil, weft_mount_move, nil) == 0 else {
            throw SystemError("move the mount \(path) to \(target)")
        }
    }

    /// Makes a mount the root of this process and of all that it starts.
    package static func switchRoot(to path: String) throws(SystemError) {
        guard chdir(path) == 0 else { throw SystemError("enter \(path)") }
        try move(".", to: "/")
        guard chroot(".") == 0, chdir("/") == 0 else { throw SystemError("make \(path) the root") }
    }

    /// Loads a module from its file. One that is loaded already is no error.
    package static func loadModule(_ path: String) throws(SystemError) {
        let file = try FileDescriptor.open(path)
        guard weft_load_module(file.raw, "") == 0 || errno == EEXIST else {
            throw SystemError("load \(path)")
        }
    }

    /// Lets this process and its children have so many descriptors open.
    package static func setDescriptorLimit(_ count: UInt) throws(SystemError) {
        var limit = rlimit(rlim_cur: count, rlim_max: count)
        guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else {
            throw SystemError("allow \(count) descriptors")
        }
    }

    /// Restarts the machine at once; a microVM without restart ends.
    package static func restart() throws(SystemError) {
        guard weft_restart() == 0 else { throw SystemError("restart") }
    }
}

extension FileDescriptor {
    /// For `open`.
    package static var readAndWrite: Int32 { O_RDWR }

    /// Gives a descriptor the number under which a program that this process becomes looks for it.
    package static func pass(_ raw: Int32, as number: Int32) throws(SystemError) {
        // dup2 clears close-on-exec, but not where there is nothing to do.
        guard raw == number ? fcntl(raw, F_SETFD, 0) == 0 : dup2(raw, number) >= 0 else {
            throw SystemError("dup2")
        }
    }
}

/// How many processors this machine has.
package enum ProcessorCount {
    package static var online: Int { sysconf(Int32(_SC_NPROCESSORS_ONLN)) }
}
