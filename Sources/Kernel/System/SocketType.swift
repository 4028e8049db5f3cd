// SPDX-License-Identifier: Apache-2.0

import CNetlink
import Glibc

/// The type argument of socket(2), with its flags.
///
/// Several C modules include the header that declares these constants, and an optimised build gives
/// them to whichever it reads first: this file imports all of them, so that no other has to.
struct SocketType: OptionSet {
    let rawValue: Int32

    static let stream = SocketType(SOCK_STREAM)
    static let datagram = SocketType(SOCK_DGRAM)
    static let raw = SocketType(SOCK_RAW)
    static let nonBlocking = SocketType(SOCK_NONBLOCK)
    static let closeOnExec = SocketType(SOCK_CLOEXEC)

    init(rawValue: Int32) { self.rawValue = rawValue }
    private init(_ type: __socket_type) { rawValue = Int32(type.rawValue) }
}
