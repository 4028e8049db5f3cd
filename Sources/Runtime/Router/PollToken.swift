// SPDX-License-Identifier: Apache-2.0

import Kernel

/// What a descriptor in the poller is: its kind, and which of that kind.
///
/// Kinds are in the order in which a turn serves them: the loss of a link first, then BFD and VRRP,
/// whose time is short, then the routing protocols, and the supervisor last, so that an answer
/// tells of what came before it.
struct PollToken: Hashable, Comparable {
    enum Kind: UInt8 {
        case links = 0
        case detection = 1
        case vrrp = 2
        case packets = 3
        case routerSolicitation = 4
        case connection = 5
        case listener = 6
        case control = 7
    }

    let kind: Kind
    /// Below 2⁵⁶.
    let number: UInt64

    init(_ kind: Kind, _ number: UInt64 = 0) {
        self.kind = kind
        self.number = number
    }

    var rawValue: UInt64 { UInt64(kind.rawValue) << 56 | number }

    init?(rawValue: UInt64) {
        guard let kind = Kind(rawValue: UInt8(rawValue >> 56)) else { return nil }
        self.init(kind, rawValue & (1 << 56 - 1))
    }

    static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// A poller that several objects share.
final class PollerBox {
    let value: Poller

    init() throws(SystemError) { value = try Poller() }
}
