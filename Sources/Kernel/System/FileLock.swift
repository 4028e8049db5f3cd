// SPDX-License-Identifier: Apache-2.0

import Glibc
import Primitives

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
            if Self.isSame(raw, path) {
                descriptor = file
                return
            }
        }
    }

    /// Waits until nobody holds the lock any more, even if its file has been removed meanwhile.
    package struct Waiter: ~Copyable {
        private let descriptor: FileDescriptor

        /// nil where the file is not there.
        package init?(_ path: String) throws(SystemError) {
            do throws(SystemError) {
                descriptor = try FileDescriptor.open(path, O_RDWR)
            } catch {
                if error.code == ENOENT { return nil }
                throw error
            }
        }

        /// - Returns: whether it was free before the deadline.
        package borrowing func wait(until deadline: Instant) throws(SystemError) -> Bool {
            let raw = descriptor.raw
            var pause = Duration.microseconds(100)
            while retrying({ flock(raw, LOCK_EX | LOCK_NB) }) != 0 {
                guard errno == EWOULDBLOCK else { throw SystemError("wait for a lock") }
                let now = MonotonicClock.now
                guard now < deadline else { return false }
                // Nothing tells of a lock that has become free.
                _ = try Poller.wait(forAny: [], until: min(now + pause, deadline))
                pause = min(pause * 2, .milliseconds(20))
            }
            // It is not ours to keep.
            flock(raw, LOCK_UN)
            return true
        }
    }

    /// Whether the file that is locked still has this name.
    package borrowing func isStill(at path: String) -> Bool { Self.isSame(descriptor.raw, path) }

    private static func isSame(_ raw: Int32, _ path: String) -> Bool {
        var held = stat()
        var named = stat()
        return fstat(raw, &held) == 0 && stat(path, &named) == 0
            && held.st_ino == named.st_ino && held.st_dev == named.st_dev
    }

    /// To be kept open in a forked child.
    package var raw: Int32 { descriptor.raw }
}
