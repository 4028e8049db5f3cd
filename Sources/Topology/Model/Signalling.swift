// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Bidirectional forwarding detection of one neighbor (RFC 5880).
package struct BFD: Hashable, Sendable {
    /// Between packets, in both directions.
    package var interval: Duration
    package var multiplier: UInt8
    package var isDemand: Bool
    package var authentication: Authentication?

    package init(
        interval: Duration = .milliseconds(300), multiplier: UInt8 = 3, isDemand: Bool = false,
        authentication: Authentication? = nil
    ) {
        self.interval = interval
        self.multiplier = multiplier
        self.isDemand = isDemand
        self.authentication = authentication
    }
}

/// When shortest paths are computed after a change.
package struct SPFTimes: Hashable, Sendable {
    package var initial: Duration
    /// At least this long between two computations; doubles up to `maximum` while changes go on.
    package var wait: Duration
    package var maximum: Duration

    package init(
        initial: Duration = .zero, wait: Duration = .milliseconds(50),
        maximum: Duration = .milliseconds(200)
    ) {
        self.initial = initial
        self.wait = wait
        self.maximum = maximum
    }
}

/// What an IGP takes a segment for.
package enum CircuitType: String, Hashable, Sendable, CaseIterable {
    case pointToPoint = "point-to-point"
    /// With a designated router.
    case broadcast
}

/// The label distribution protocol on one node (RFC 5036).
package struct LDP: Hashable, Sendable {
    /// Its router ID, too.
    package var transportAddress: IPv4Address
    /// Names of interfaces, in the node's order.
    package var interfaces: [String]
    /// The TCP MD5 key. Never shown.
    package var password: String?
    package var isSynchronized: Bool
    package var tracksMetric: Bool
    package var helloInterval: Duration
    package var helloHoldTime: Duration
    package var keepalive: Duration
    package var isExplicitNull: Bool
    /// Transport addresses of nodes with which there is a targeted session.
    package var targeted: [IPv4Address]

    package init(
        transportAddress: IPv4Address, interfaces: [String], password: String? = nil,
        isSynchronized: Bool = true, tracksMetric: Bool = true,
        helloInterval: Duration = .seconds(5), helloHoldTime: Duration = .seconds(15),
        keepalive: Duration = .seconds(30), isExplicitNull: Bool = false,
        targeted: [IPv4Address] = []
    ) {
        self.transportAddress = transportAddress
        self.interfaces = interfaces
        self.password = password
        self.isSynchronized = isSynchronized
        self.tracksMetric = tracksMetric
        self.helloInterval = helloInterval
        self.helloHoldTime = helloHoldTime
        self.keepalive = keepalive
        self.isExplicitNull = isExplicitNull
        self.targeted = targeted
    }
}
