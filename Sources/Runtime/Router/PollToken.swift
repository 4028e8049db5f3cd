// SPDX-License-Identifier: Apache-2.0

import Kernel

/// What a descriptor in the poller is: its kind, and which of that kind.
///
/// Kinds are in the order in which a turn serves them: the loss of a link first, then VRRP, whose
/// time is short, and the supervisor last, so that an answer tells of what came before it.
struct PollToken: Hashable, Comparable {
    enum Kind: UInt8 {
        case links = 0
        case vrrp = 1
        case routerSolicitation = 2
        case connection = 3
        case listener = 4
        case control = 5
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
