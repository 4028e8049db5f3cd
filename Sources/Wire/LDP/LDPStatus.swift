// SPDX-License-Identifier: Apache-2.0

/// A Notification message (RFC 5036 §3.5.1): its Status TLV, and what it is about.
package struct LDPStatus: Hashable, Sendable, CustomStringConvertible {
    /// Status Data, 30 bits; `known` names it.
    package var code: UInt32
    /// The E bit: the session ends.
    package var isFatal: Bool
    /// The message that it is about; 0: none in particular.
    package var messageID: UInt32
    /// That message's type.
    package var messageType: UInt16
    /// The FEC TLV: of which bindings the end is told (RFC 5919 §3).
    package var fec: [LDPFECElement]

    package init(
        code: UInt32, isFatal: Bool, messageID: UInt32 = 0, messageType: UInt16 = 0,
        fec: [LDPFECElement] = []
    ) {
        self.code = code
        self.isFatal = isFatal
        self.messageID = messageID
        self.messageType = messageType
        self.fec = fec
    }

    package init(
        _ code: LDPStatusCode, messageID: UInt32 = 0, messageType: UInt16 = 0,
        fec: [LDPFECElement] = []
    ) {
        self.init(
            code: code.rawValue, isFatal: code.isFatal, messageID: messageID,
            messageType: messageType, fec: fec)
    }

    package var known: LDPStatusCode? { LDPStatusCode(rawValue: code) }

    package var description: String {
        known?.description ?? "status 0x" + String(code, radix: 16)
    }
}

/// The status codes of RFC 5036 §4.4, RFC 5561 §8 and RFC 5919 §3.
package enum LDPStatusCode: UInt32, Hashable, Sendable, CaseIterable, CustomStringConvertible {
    case success = 0x00
    case badLDPIdentifier = 0x01
    case badProtocolVersion = 0x02
    case badPDULength = 0x03
    case unknownMessageType = 0x04
    case badMessageLength = 0x05
    case unknownTLV = 0x06
    case badTLVLength = 0x07
    case malformedTLVValue = 0x08
    case holdTimerExpired = 0x09
    case shutdown = 0x0a
    case loopDetected = 0x0b
    case unknownFEC = 0x0c
    case noRoute = 0x0d
    case noLabelResources = 0x0e
    case labelResourcesAvailable = 0x0f
    case rejectedNoHello = 0x10
    case rejectedAdvertisementMode = 0x11
    case rejectedPDULength = 0x12
    case rejectedLabelRange = 0x13
    case keepAliveTimerExpired = 0x14
    case labelRequestAborted = 0x15
    case missingMessageParameters = 0x16
    case unsupportedAddressFamily = 0x17
    case rejectedKeepAliveTime = 0x18
    case internalError = 0x19
    case unsupportedCapability = 0x2e
    case endOfLIB = 0x2f

    /// Whether the session ends with it: the E bit of RFC 5036 §4.4's table.
    package var isFatal: Bool {
        switch self {
        case .badLDPIdentifier, .badProtocolVersion, .badPDULength, .badMessageLength,
            .badTLVLength, .malformedTLVValue, .holdTimerExpired, .shutdown, .rejectedNoHello,
            .rejectedAdvertisementMode, .rejectedPDULength, .rejectedLabelRange,
            .keepAliveTimerExpired, .rejectedKeepAliveTime, .internalError:
            true
        case .success, .unknownMessageType, .unknownTLV, .loopDetected, .unknownFEC, .noRoute,
            .noLabelResources, .labelResourcesAvailable, .labelRequestAborted,
            .missingMessageParameters, .unsupportedAddressFamily, .unsupportedCapability,
            .endOfLIB:
            false
        }
    }

    package var description: String {
        switch self {
        case .success: "success"
        case .badLDPIdentifier: "bad LDP identifier"
        case .badProtocolVersion: "bad protocol version"
        case .badPDULength: "bad PDU length"
        case .unknownMessageType: "unknown message type"
        case .badMessageLength: "bad message length"
        case .unknownTLV: "unknown TLV"
        case .badTLVLength: "bad TLV length"
        case .malformedTLVValue: "malformed TLV value"
        case .holdTimerExpired: "hold timer expired"
        case .shutdown: "shutdown"
        case .loopDetected: "loop detected"
        case .unknownFEC: "unknown FEC"
        case .noRoute: "no route"
        case .noLabelResources: "no label resources"
        case .labelResourcesAvailable: "label resources available"
        case .rejectedNoHello: "session rejected: no hello"
        case .rejectedAdvertisementMode: "session rejected: advertisement mode"
        case .rejectedPDULength: "session rejected: maximum PDU length"
        case .rejectedLabelRange: "session rejected: label range"
        case .keepAliveTimerExpired: "keepalive timer expired"
        case .labelRequestAborted: "label request aborted"
        case .missingMessageParameters: "missing message parameters"
        case .unsupportedAddressFamily: "unsupported address family"
        case .rejectedKeepAliveTime: "session rejected: bad keepalive time"
        case .internalError: "internal error"
        case .unsupportedCapability: "unsupported capability"
        case .endOfLIB: "end of LIB"
        }
    }
}

/// Why a PDU or a message cannot be taken: what the codec throws is what to notify.
package struct LDPFault: Error, Hashable, Sendable, CustomStringConvertible {
    package let code: LDPStatusCode
    /// The message that it is about, as far as it could be read.
    package var messageID: UInt32 = 0
    package var messageType: UInt16 = 0
    /// The field at fault.
    package let cause: WireError?

    package init(_ code: LDPStatusCode, _ cause: WireError? = nil) {
        self.code = code
        self.cause = cause
    }

    /// The status to send.
    package var status: LDPStatus {
        LDPStatus(code, messageID: messageID, messageType: messageType)
    }

    package var description: String {
        code.description + (cause.map { " (\($0))" } ?? "")
    }
}
