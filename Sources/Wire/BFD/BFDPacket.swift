// SPDX-License-Identifier: Apache-2.0

/// A BFD control packet (RFC 5880 §4.1).
package struct BFDPacket: Hashable, Sendable {
    /// Why the sender's session last went down.
    package var diagnostic: Diagnostic
    /// The session as its sender sees it.
    package var state: State
    /// The sender wants what it changed confirmed; never together with `isFinal`.
    package var isPoll = false
    /// The sender answers a Poll.
    package var isFinal = false
    /// The sender's BFD goes on when its control plane restarts.
    package var isControlPlaneIndependent = false
    /// The sender wants to hear no periodic packets.
    package var isDemand = false
    /// How many packets of the sender may be missing before it is down. Never zero.
    package var detectMultiplier: UInt8
    /// The sender's name for the session. Never zero.
    package var myDiscriminator: UInt32
    /// The receiver's name for it, as the sender heard it. Zero only while `state` is down or
    /// admin-down.
    package var yourDiscriminator: UInt32
    /// The shortest interval at which the sender would like to send, in microseconds.
    package var desiredMinTxInterval: UInt32
    /// The shortest interval at which the sender can receive, in microseconds. Zero: send nothing.
    package var requiredMinRxInterval: UInt32
    /// The same for its echo packets, in microseconds. Zero: it does not return them.
    package var requiredMinEchoRxInterval: UInt32
    /// The authentication section; nil where the A bit is clear.
    package var authentication: BFDAuthentication?

    package init(
        state: State, diagnostic: Diagnostic = .none, detectMultiplier: UInt8,
        myDiscriminator: UInt32, yourDiscriminator: UInt32, desiredMinTxInterval: UInt32,
        requiredMinRxInterval: UInt32, requiredMinEchoRxInterval: UInt32 = 0
    ) {
        self.state = state
        self.diagnostic = diagnostic
        self.detectMultiplier = detectMultiplier
        self.myDiscriminator = myDiscriminator
        self.yourDiscriminator = yourDiscriminator
        self.desiredMinTxInterval = desiredMinTxInterval
        self.requiredMinRxInterval = requiredMinRxInterval
        self.requiredMinEchoRxInterval = requiredMinEchoRxInterval
    }

    /// Sta, in the numbers of the wire.
    package enum State: UInt8, Hashable, Sendable, CaseIterable {
        case adminDown = 0
        case down = 1
        case initialize = 2
        case up = 3
    }

    /// Diag. Codes without a name here are kept as they are.
    package struct Diagnostic: RawRepresentable, Hashable, Sendable {
        /// 0 to 31.
        package let rawValue: UInt8

        package init(rawValue: UInt8) { self.rawValue = rawValue & 0x1f }

        package static let none = Diagnostic(rawValue: 0)
        package static let detectionTimeExpired = Diagnostic(rawValue: 1)
        package static let echoFailed = Diagnostic(rawValue: 2)
        package static let neighborSignaledDown = Diagnostic(rawValue: 3)
        package static let forwardingPlaneReset = Diagnostic(rawValue: 4)
        package static let pathDown = Diagnostic(rawValue: 5)
        package static let concatenatedPathDown = Diagnostic(rawValue: 6)
        package static let administrativelyDown = Diagnostic(rawValue: 7)
        package static let reverseConcatenatedPathDown = Diagnostic(rawValue: 8)
    }

    /// The destination port of sessions over one hop (RFC 5881 §4).
    package static let singleHopPort: UInt16 = 3784
    /// The destination port of sessions over several hops (RFC 5883 §5).
    package static let multihopPort: UInt16 = 4784
    /// The source ports of both (RFC 5881 §4).
    package static let sourcePorts: ClosedRange<UInt16> = 49152...65535
    /// What packets over one hop are sent with and must arrive with (RFC 5881 §5).
    package static let timeToLive: UInt8 = 255
}

extension BFDPacket.State: CustomStringConvertible {
    /// As operators write it: `AdminDown`, `Down`, `Init`, `Up`.
    package var description: String {
        switch self {
        case .adminDown: "AdminDown"
        case .down: "Down"
        case .initialize: "Init"
        case .up: "Up"
        }
    }
}

extension BFDPacket.Diagnostic: CustomStringConvertible {
    /// The words of RFC 5880 §4.1.
    package var description: String {
        switch self {
        case .none: "no diagnostic"
        case .detectionTimeExpired: "control detection time expired"
        case .echoFailed: "echo function failed"
        case .neighborSignaledDown: "neighbor signaled session down"
        case .forwardingPlaneReset: "forwarding plane reset"
        case .pathDown: "path down"
        case .concatenatedPathDown: "concatenated path down"
        case .administrativelyDown: "administratively down"
        case .reverseConcatenatedPathDown: "reverse concatenated path down"
        default: "diagnostic \(rawValue)"
        }
    }
}
