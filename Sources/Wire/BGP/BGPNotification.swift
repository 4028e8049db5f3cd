// SPDX-License-Identifier: Apache-2.0

/// A NOTIFICATION: why a session ends (RFC 4271 §4.5). What the codec throws is what to send.
package struct BGPNotification: Error, Hashable, Sendable, CustomStringConvertible {
    /// Error Code; `errorCode` names it.
    package var code: UInt8
    /// Error Subcode; 0 is unspecific.
    package var subcode: UInt8
    package var data: [UInt8]

    package init(code: UInt8, subcode: UInt8, data: [UInt8] = []) {
        self.code = code
        self.subcode = subcode
        self.data = data
    }

    /// The error codes of RFC 4271 §4.5 and RFC 7313 §5.
    package enum ErrorCode: UInt8, Hashable, Sendable, CaseIterable {
        case messageHeader = 1
        case openMessage = 2
        case updateMessage = 3
        case holdTimerExpired = 4
        case finiteStateMachine = 5
        case cease = 6
        case routeRefreshMessage = 7
    }

    /// RFC 4271 §6.1.
    package enum HeaderSubcode: UInt8, Hashable, Sendable, CaseIterable {
        case unspecific = 0
        case connectionNotSynchronized = 1
        case badMessageLength = 2
        case badMessageType = 3
    }

    /// RFC 4271 §6.2, RFC 5492 §5.
    package enum OpenSubcode: UInt8, Hashable, Sendable, CaseIterable {
        case unspecific = 0
        case unsupportedVersionNumber = 1
        case badPeerAS = 2
        case badBGPIdentifier = 3
        case unsupportedOptionalParameter = 4
        case unacceptableHoldTime = 6
        case unsupportedCapability = 7
    }

    /// RFC 4271 §6.3.
    package enum UpdateSubcode: UInt8, Hashable, Sendable, CaseIterable {
        case unspecific = 0
        case malformedAttributeList = 1
        case unrecognizedWellKnownAttribute = 2
        case missingWellKnownAttribute = 3
        case attributeFlagsError = 4
        case attributeLengthError = 5
        case invalidOriginAttribute = 6
        case invalidNextHopAttribute = 8
        case optionalAttributeError = 9
        case invalidNetworkField = 10
        case malformedASPath = 11
    }

    /// RFC 6608.
    package enum StateMachineSubcode: UInt8, Hashable, Sendable, CaseIterable {
        case unspecific = 0
        case unexpectedMessageInOpenSent = 1
        case unexpectedMessageInOpenConfirm = 2
        case unexpectedMessageInEstablished = 3
    }

    /// RFC 4486, RFC 8538 §3.
    package enum CeaseSubcode: UInt8, Hashable, Sendable, CaseIterable {
        case unspecific = 0
        case maximumPrefixesReached = 1
        case administrativeShutdown = 2
        case peerDeconfigured = 3
        case administrativeReset = 4
        case connectionRejected = 5
        case otherConfigurationChange = 6
        case connectionCollisionResolution = 7
        case outOfResources = 8
        case hardReset = 9
        case bfdDown = 10
    }

    package static func messageHeader(_ subcode: HeaderSubcode, data: [UInt8] = []) -> Self {
        Self(code: ErrorCode.messageHeader.rawValue, subcode: subcode.rawValue, data: data)
    }

    package static func openMessage(_ subcode: OpenSubcode, data: [UInt8] = []) -> Self {
        Self(code: ErrorCode.openMessage.rawValue, subcode: subcode.rawValue, data: data)
    }

    package static func updateMessage(_ subcode: UpdateSubcode, data: [UInt8] = []) -> Self {
        Self(code: ErrorCode.updateMessage.rawValue, subcode: subcode.rawValue, data: data)
    }

    package static let holdTimerExpired = Self(
        code: ErrorCode.holdTimerExpired.rawValue, subcode: 0)

    package static func finiteStateMachine(_ subcode: StateMachineSubcode) -> Self {
        Self(code: ErrorCode.finiteStateMachine.rawValue, subcode: subcode.rawValue)
    }

    package static func cease(_ subcode: CeaseSubcode, data: [UInt8] = []) -> Self {
        Self(code: ErrorCode.cease.rawValue, subcode: subcode.rawValue, data: data)
    }

    package var errorCode: ErrorCode? { ErrorCode(rawValue: code) }
}
