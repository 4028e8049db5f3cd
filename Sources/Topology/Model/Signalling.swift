// SPDX-License-Identifier: Apache-2.0

import Primitives

/// How a routing protocol's packets are signed.
package struct Authentication: Hashable, Sendable {
    package var method: Method
    /// What packets name the password by, where the method has such a number.
    package var keyID: UInt16
    /// Never shown.
    package var password: String

    package enum Method: String, Hashable, Sendable, CaseIterable {
        /// The password itself.
        case clear
        case md5
        case hmacMD5 = "hmac-md5"
        case sha1 = "sha-1"
        case hmacSHA1 = "hmac-sha-1"
        case hmacSHA224 = "hmac-sha-224"
        case hmacSHA256 = "hmac-sha-256"
        case hmacSHA384 = "hmac-sha-384"
        case hmacSHA512 = "hmac-sha-512"
        /// Of BFD: the sequence number grows with every packet (RFC 5880 §6.7.3).
        case meticulousMD5 = "meticulous-md5"
        case meticulousSHA1 = "meticulous-sha-1"
    }

    package init(method: Method, keyID: UInt16 = 1, password: String) {
        self.method = method
        self.keyID = keyID
        self.password = password
    }
}

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
package struct SPFThrottle: Hashable, Sendable {
    package var initial: Duration
    /// At least this long between two computations; doubles up to `maximum` while changes go on.
    package var wait: Duration
    package var maximum: Duration

    package init(
        initial: Duration = .zero, wait: Duration = .milliseconds(50),
        maximum: Duration = .seconds(5)
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
