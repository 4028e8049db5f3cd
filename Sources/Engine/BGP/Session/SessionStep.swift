// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// Gives out the numbers of the connections that a router opens.
package struct ConnectionNumbers: Sendable {
    private var last: UInt64 = 0

    package init() {}

    mutating func next() -> ConnectionID {
        last += 1
        return ConnectionID(isOutgoing: true, number: last)
    }
}

/// What one event makes a session do, in order.
package enum SessionOutput: Hashable, Sendable {
    case effect(Effect)
    /// The session is established: routes may be exchanged.
    case up(NegotiatedSession)
    /// It no longer is: what was learned from it is void.
    case down
    /// Routes of the negotiated families only.
    case update(BGPUpdate)
    /// The neighbor asks for our routes again (RFC 2918).
    case refresh(BGPFamily)
}

/// The surroundings of a session while it takes one event.
package struct SessionStep: Sendable {
    package let now: Instant
    package var numbers: ConnectionNumbers
    package var outputs: [SessionOutput] = []

    package init(at now: Instant, numbers: ConnectionNumbers) {
        self.now = now
        self.numbers = numbers
    }

    mutating func emit(_ effect: Effect) { outputs.append(.effect(effect)) }
}
