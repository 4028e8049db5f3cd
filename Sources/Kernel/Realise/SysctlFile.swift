// SPDX-License-Identifier: Apache-2.0

import Glibc
import KernelObjects

/// Kernel parameters of the calling thread's namespace: files below /proc/sys/net follow the
/// reader.
enum SysctlFile {
    /// Writes the value unless it stands there already.
    /// - Returns: whether it had to be written.
    static func write(_ sysctl: Sysctl) throws(SystemError) -> Bool {
        let path = "/proc/sys/" + sysctl.path
        let file = try FileDescriptor.open(path, O_RDWR)
        let text = String(decoding: try file.read(256), as: UTF8.self)
        guard text.split(whereSeparator: \.isWhitespace).joined(separator: " ") != sysctl.value
        else { return false }
        guard lseek(file.raw, 0, SEEK_SET) == 0,
            try file.write(Array(sysctl.value.utf8)) == sysctl.value.utf8.count
        else { throw SystemError("write \(path)") }
        return true
    }
}
