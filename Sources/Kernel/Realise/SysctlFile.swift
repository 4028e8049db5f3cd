// SPDX-License-Identifier: Apache-2.0

import Glibc
import KernelObjects

/// Kernel parameters of the calling thread's namespace: files below /proc/sys/net follow the
/// reader.
enum SysctlFile {
    /// Writes the value unless it stands there already.
    /// - Returns: whether it had to be written.
    static func write(_ sysctl: Sysctl) throws(SystemError) -> Bool {
        let operation = operation(sysctl)
        let raw = open(sysctl, O_RDWR)
        guard raw >= 0 else { throw SystemError(operation) }
        let file = FileDescriptor(owning: raw)
        let text = String(decoding: try file.read(256), as: UTF8.self)
        guard text.split(whereSeparator: \.isWhitespace).joined(separator: " ") != sysctl.value
        else { return false }
        guard lseek(file.raw, 0, SEEK_SET) == 0 else { throw SystemError(operation) }
        try write(sysctl, file, operation)
        return true
    }

    /// Writes the value, whatever stands there, unless this kernel does not know the parameter.
    static func writeIfKnown(_ sysctl: Sysctl) throws(SystemError) {
        let operation = operation(sysctl)
        let raw = open(sysctl, O_WRONLY)
        if raw < 0, errno == ENOENT { return }
        guard raw >= 0 else { throw SystemError(operation) }
        try write(sysctl, FileDescriptor(owning: raw), operation)
    }

    /// What stands there; nil where this kernel does not know the parameter, or nobody may read it.
    static func value(_ path: String) -> String? {
        let raw = retrying { Glibc.open("/proc/sys/" + path, O_RDONLY | O_CLOEXEC) }
        guard raw >= 0, let octets = try? FileDescriptor(owning: raw).read(256) else { return nil }
        return String(decoding: octets, as: UTF8.self).split(whereSeparator: \.isWhitespace)
            .joined(separator: " ")
    }

    private static func operation(_ sysctl: Sysctl) -> String {
        "set \(sysctl.path) to \(sysctl.value)"
    }

    private static func open(_ sysctl: Sysctl, _ flags: Int32) -> Int32 {
        retrying { Glibc.open("/proc/sys/" + sysctl.path, flags | O_CLOEXEC) }
    }

    /// In one call: the kernel takes what it is given at once as the whole value.
    private static func write(
        _ sysctl: Sysctl, _ file: borrowing FileDescriptor, _ operation: String
    ) throws(SystemError) {
        do { _ = try file.write(Array(sysctl.value.utf8)) } catch {
            throw SystemError(operation, error.code)
        }
    }
}
