// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A system call or netlink request that the kernel refused.
package struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was to be done, with its object: `connect to 10.0.0.1 port 179`.
    package let operation: String
    /// The kernel's error number.
    package let code: Int32

    /// The text of the netlink extended acknowledgement, where there is one.
    package let detail: String?

    package init(_ operation: String, _ code: Int32, detail: String? = nil) {
        self.operation = operation
        self.code = code
        self.detail = detail
    }

    /// With the number that the last call of this thread left.
    package init(_ operation: String) { self.init(operation, errno) }

    /// Something is not there that should be.
    package static func missing(_ what: String) -> SystemError {
        SystemError("find \(what)", ENOENT)
    }

    /// Something is longer than is read.
    package static func tooLarge(_ operation: String) -> SystemError {
        SystemError(operation, EFBIG)
    }

    /// The kernel's own text for the number.
    package var reason: String { String(cString: strerror(code)) }

    package var description: String {
        "\(operation): \(reason)" + (detail.map { " (\($0))" } ?? "")
    }

    /// The code of what is not there.
    package static let noSuchFile = ENOENT

    /// The process at the other end is gone.
    package var isPeerGone: Bool { code == ECONNRESET || code == EPIPE }

    /// The kernel would do it for someone with more privileges.
    package var isForbidden: Bool { code == EPERM || code == EACCES }

    package var isMissing: Bool { code == ENOENT }
    package var isDirectory: Bool { code == EISDIR }
    package var isTooLarge: Bool { code == EFBIG }

    /// There is no way there at present: no route, no neighbor, or a link that is down.
    package var isUnreachable: Bool {
        code == ENETUNREACH || code == EHOSTUNREACH || code == ENETDOWN
    }

    /// The address that a packet was to come from is not there, or not yet.
    package var isSourceMissing: Bool { code == EINVAL || code == EADDRNOTAVAIL }

    /// Nothing can be read or written now without waiting.
    package var isWouldBlock: Bool { code == EAGAIN || code == EWOULDBLOCK }
}

/// Calls again while a signal interrupts. Returns what the call returns.
@inline(__always)
func retrying<Result: SignedInteger>(_ call: () -> Result) -> Result {
    while true {
        let result = call()
        if result != -1 || errno != EINTR { return result }
    }
}
