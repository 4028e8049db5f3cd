// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Where a protocol asks for a random part of an interval, so that routers do not fall into step:
/// numbers that look random, and are the same in every life of the same router.
package struct Jitter: Hashable, Sendable {
    private var state: UInt64

    /// - Parameter seed: what differs between routers, e.g. the router ID.
    package init(seed: UInt64) { state = seed }

    /// An interval shortened by at most a part of it.
    /// - Parameter percent: 0 to 100.
    package mutating func shorten(_ interval: Duration, byUpTo percent: UInt64) -> Duration {
        precondition(percent <= 100, "no interval is shorter than none")
        let part = Int64(next() % (percent * 1000 + 1))
        return .nanoseconds(interval.nanoseconds / 100_000 * (100_000 - part))
    }

    /// The sequence of SplitMix64.
    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}
