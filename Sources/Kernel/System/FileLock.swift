// SPDX-License-Identifier: Apache-2.0

import Glibc

/// An exclusive lock on a file (flock), held for as long as this descriptor or a copy of it in a
/// forked child is open. The file is the lock's only: it is made when missing.
package struct FileLock: ~Copyable {
    private let descriptor: FileDescriptor

    /// Takes the lock, or returns nil where someone else holds it.
    /// - Parameter waits: wait for it to be free.
    package init?(_ path: String, waits: Bool = false) throws(SystemError) {
        while true {
            let file = try FileDescriptor.open(path, O_RDWR | O_CREAT, mode: 0o600)
            let raw = file.raw
            guard retrying({ flock(raw, LOCK_EX | (waits ? 0 : LOCK_NB)) }) == 0 else {
                if errno == EWOULDBLOCK { return nil }
                throw SystemError("lock \(path)")
            }
            // Whoever held it before may have removed the file between our open and our lock.
            var held = stat()
            var named = stat()
            if fstat(raw, &held) == 0, stat(path, &named) == 0, held.st_ino == named.st_ino {
                descriptor = file
                return
            }
        }
    }

    /// To be kept open in a forked child.
    package var raw: Int32 { descriptor.raw }
}
