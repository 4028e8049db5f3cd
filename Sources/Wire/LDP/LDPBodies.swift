// SPDX-License-Identifier: Apache-2.0

import Primitives

/// A Hello message (RFC 5036 §3.5.2).
package struct LDPHello: Hashable, Sendable {
    /// Seconds for which the adjacency lives without another hello; 0: the default of the kind of
    /// hello, 65535: for ever.
    package var holdTime: UInt16
    /// Sent to a router by its address, rather than to all on a link.
    package var isTargeted: Bool
    /// The sender asks for targeted hellos in return.
    package var requestsTargeted: Bool
    /// The sender takes session packets with a hop limit of 255 alone (RFC 6720 §2.2).
    package var supportsGTSM: Bool
    /// Where the session's connection is to be made from or to; the packet's source without one.
    package var transportAddress: IPv4Address?
    /// Changes with the sender's configuration.
    package var configurationSequence: UInt32?

    package init(
        holdTime: UInt16, isTargeted: Bool = false, requestsTargeted: Bool = false,
        supportsGTSM: Bool = false, transportAddress: IPv4Address? = nil,
        configurationSequence: UInt32? = nil
    ) {
        self.holdTime = holdTime
        self.isTargeted = isTargeted
        self.requestsTargeted = requestsTargeted
        self.supportsGTSM = supportsGTSM
        self.transportAddress = transportAddress
        self.configurationSequence = configurationSequence
    }
}

/// An Initialization message: what a session will be like (RFC 5036 §3.5.3).
package struct LDPInitialization: Hashable, Sendable {
    /// Session Protocol Version.
    package static let version: UInt16 = 1

    /// Seconds within which the other side must hear something. The lesser proposal counts. Never
    /// zero.
    package var keepAliveTime: UInt16
    /// The A bit: labels are sent when they are asked for, rather than unsolicited.
    package var isOnDemand: Bool
    /// The D bit: loop detection by path vectors.
    package var detectsLoops: Bool
    package var pathVectorLimit: UInt8
    /// Proposed longest PDU; 255 and less mean 4096.
    package var lengthMax: UInt16
    /// Whom the sender takes the receiver for.
    package var receiver: LDPIdentifier
    package var capabilities: LDPCapabilities

    package init(
        keepAliveTime: UInt16, isOnDemand: Bool = false, detectsLoops: Bool = false,
        pathVectorLimit: UInt8 = 0, lengthMax: UInt16 = 0, receiver: LDPIdentifier,
        capabilities: LDPCapabilities = []
    ) {
        self.keepAliveTime = keepAliveTime
        self.isOnDemand = isOnDemand
        self.detectsLoops = detectsLoops
        self.pathVectorLimit = pathVectorLimit
        self.lengthMax = lengthMax
        self.receiver = receiver
        self.capabilities = capabilities
    }
}

/// Capabilities announced in an Initialization message (RFC 5561 §3). Others are not kept: whoever
/// announces one that the receiver does not know does without it.
package struct LDPCapabilities: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Capabilities may change while the session is up (RFC 5561 §9).
    package static let dynamicAnnouncement = Self(rawValue: 1)
    /// Typed wildcard FEC elements (RFC 5918 §5).
    package static let typedWildcard = Self(rawValue: 2)
    /// Status codes that the receiver does not know do not trouble it (RFC 5919 §5).
    package static let unrecognizedNotification = Self(rawValue: 4)
}

/// What a label is bound to (RFC 5036 §3.4.1).
package enum LDPFECElement: Hashable, Sendable {
    /// All that the sender bound; in withdrawals and releases only, and there alone.
    case wildcard
    case prefix(IPPrefix)
    /// All prefixes of a family (RFC 5918 §3, for the prefix element).
    case prefixes(AddressFamily)
}

/// What the five label messages carry (RFC 5036 §3.5.7 to §3.5.11).
package struct LDPBinding: Hashable, Sendable {
    /// Never empty.
    package var fec: [LDPFECElement]
    /// Always in a mapping; in a withdrawal or release none means any. Not in the others.
    package var label: Label?
    /// The request that a mapping answers or an abort takes back. Always in an abort.
    package var requestID: UInt32?
    /// How many routers the path has passed, where the sender counts them.
    package var hopCount: UInt8?
    /// The routers that the message has passed, where the sender detects loops.
    package var pathVector: [IPv4Address]

    package init(
        _ fec: [LDPFECElement], label: Label? = nil, requestID: UInt32? = nil,
        hopCount: UInt8? = nil, pathVector: [IPv4Address] = []
    ) {
        self.fec = fec
        self.label = label
        self.requestID = requestID
        self.hopCount = hopCount
        self.pathVector = pathVector
    }
}
