// SPDX-License-Identifier: Apache-2.0

import Glibc
import KernelObjects

/// Kernel parameters of the calling thread's namespace: files below /proc/sys/net follow the
/// reader.
enum SysctlFile {
    /// Writes the value unless it stands there already.
    /// - Parameter ifExists: what this kernel does not have needs no value.
    /// - Returns: whether it had to be written.
    @discardableResult
    static func write(_ sysctl: Sysctl, ifExists: Bool = false) throws(SystemError) -> Bool {
        let path = "/proc/sys/" + sysctl.path
        let operation = "set \(sysctl.path) to \(sysctl.value)"
        let raw = retrying { open(path, O_RDWR | O_CLOEXEC) }
        if raw < 0, errno == ENOENT, ifExists { return false }
        guard raw >= 0 else { throw SystemError(operation) }
        let file = FileDescriptor(owning: raw)
        let text = String(decoding: try file.read(256), as: UTF8.self)
        guard text.split(whereSeparator: \.isWhitespace).joined(separator: " ") != sysctl.value
        else { return false }
        guard lseek(file.raw, 0, SEEK_SET) == 0 else { throw SystemError(operation) }
        // In one call: the kernel takes what it is given at once as the whole value.
        do { _ = try file.write(Array(sysctl.value.utf8)) } catch {
            throw SystemError(operation, error.code)
        }
        return true
    }
}
