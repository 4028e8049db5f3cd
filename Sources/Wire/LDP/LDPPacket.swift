// SPDX-License-Identifier: Apache-2.0

import Primitives

/// An LDP identifier: a router and one of its label spaces (RFC 5036 §2.2.2).
package struct LDPIdentifier: Hashable, Sendable, Comparable, CustomStringConvertible {
    package var routerID: IPv4Address
    /// 0: the platform's, the only one that has a meaning on Ethernet.
    package var labelSpace: UInt16

    package init(_ routerID: IPv4Address, labelSpace: UInt16 = 0) {
        self.routerID = routerID
        self.labelSpace = labelSpace
    }

    package var description: String { "\(routerID):\(labelSpace)" }

    package static func < (a: Self, b: Self) -> Bool {
        a.routerID == b.routerID ? a.labelSpace < b.labelSpace : a.routerID < b.routerID
    }
}

/// A protocol data unit: what is in one UDP datagram, and what a TCP stream is cut into
/// (RFC 5036 §3.1).
package struct LDPPDU: Hashable, Sendable {
    /// Who sent it.
    package var identifier: LDPIdentifier
    package var messages: [LDPMessage]
    /// Of the messages that were left out because they cannot be understood, what to tell their
    /// sender. None of them ends the session.
    package var faults: [LDPFault] = []

    package init(identifier: LDPIdentifier, messages: [LDPMessage]) {
        self.identifier = identifier
        self.messages = messages
    }

    /// UDP's and TCP's port.
    package static let port: UInt16 = 646
    /// The longest PDU unless both ends agree upon another: octets after the PDU Length field.
    package static let lengthMax = 4096
    /// Version, PDU Length, LDP Identifier: octets.
    static let headerOctets = 10
    /// 224.0.0.2, to which link hellos go.
    package static let allRouters = IPAddress(family: .ipv4, bits: 0xe000_0002)
}

/// One message of a PDU (RFC 5036 §3.4).
package struct LDPMessage: Hashable, Sendable {
    /// Message ID: counts the sender's messages, so that a notification can say which it is about.
    package var id: UInt32
    package var body: Body

    package init(id: UInt32, _ body: Body) {
        self.id = id
        self.body = body
    }

    package enum Body: Hashable, Sendable {
        case notification(LDPStatus)
        case hello(LDPHello)
        case initialization(LDPInitialization)
        case keepAlive
        /// Interface addresses of the sender, of one family.
        case address([IPAddress])
        case addressWithdraw([IPAddress])
        case labelMapping(LDPBinding)
        case labelRequest(LDPBinding)
        case labelWithdraw(LDPBinding)
        case labelRelease(LDPBinding)
        case labelAbortRequest(LDPBinding)
    }

    package enum Kind: UInt16, Hashable, Sendable, CaseIterable {
        case notification = 0x0001
        case hello = 0x0100
        case initialization = 0x0200
        case keepAlive = 0x0201
        case address = 0x0300
        case addressWithdraw = 0x0301
        case labelMapping = 0x0400
        case labelRequest = 0x0401
        case labelWithdraw = 0x0402
        case labelRelease = 0x0403
        case labelAbortRequest = 0x0404
    }

    package var kind: Kind {
        switch body {
        case .notification: .notification
        case .hello: .hello
        case .initialization: .initialization
        case .keepAlive: .keepAlive
        case .address: .address
        case .addressWithdraw: .addressWithdraw
        case .labelMapping: .labelMapping
        case .labelRequest: .labelRequest
        case .labelWithdraw: .labelWithdraw
        case .labelRelease: .labelRelease
        case .labelAbortRequest: .labelAbortRequest
        }
    }
}
