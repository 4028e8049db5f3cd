// SPDX-License-Identifier: Apache-2.0

extension BGPNotification {
    /// The code and subcode in the words of IANA's registry: `Cease/Administrative Shutdown`.
    package var description: String {
        guard let errorCode else { return "error \(code)/\(subcode)" }
        let subcodeName = subcodeName
        return subcodeName.isEmpty ? errorCode.name : "\(errorCode.name)/\(subcodeName)"
    }

    /// Empty for subcode 0, the number for one that is not registered.
    private var subcodeName: String {
        let name: String? =
            switch errorCode {
            case .messageHeader: HeaderSubcode(rawValue: subcode)?.name
            case .openMessage: OpenSubcode(rawValue: subcode)?.name
            case .updateMessage: UpdateSubcode(rawValue: subcode)?.name
            case .finiteStateMachine: StateMachineSubcode(rawValue: subcode)?.name
            case .cease: CeaseSubcode(rawValue: subcode)?.name
            case .routeRefreshMessage: subcode == 1 ? "Invalid Message Length" : nil
            case .holdTimerExpired, nil: nil
            }
        return name ?? (subcode == 0 ? "" : String(subcode))
    }

    /// What the peer's operator says about a shutdown or a reset (RFC 9003 §2); nil when there is
    /// none or it is not UTF-8.
    package var shutdownCommunication: String? {
        let hasText =
            errorCode == .cease
            && (subcode == CeaseSubcode.administrativeShutdown.rawValue
                || subcode == CeaseSubcode.administrativeReset.rawValue)
        guard hasText, let length = data.first, length > 0, data.count > Int(length) else {
            return nil
        }
        return String(validating: data[1...Int(length)], as: UTF8.self)
    }
}

extension BGPNotification.ErrorCode {
    package var name: String {
        switch self {
        case .messageHeader: "Message Header Error"
        case .openMessage: "OPEN Message Error"
        case .updateMessage: "UPDATE Message Error"
        case .holdTimerExpired: "Hold Timer Expired"
        case .finiteStateMachine: "Finite State Machine Error"
        case .cease: "Cease"
        case .routeRefreshMessage: "ROUTE-REFRESH Message Error"
        }
    }
}

extension BGPNotification.HeaderSubcode {
    package var name: String {
        switch self {
        case .unspecific: ""
        case .connectionNotSynchronized: "Connection Not Synchronized"
        case .badMessageLength: "Bad Message Length"
        case .badMessageType: "Bad Message Type"
        }
    }
}

extension BGPNotification.OpenSubcode {
    package var name: String {
        switch self {
        case .unspecific: ""
        case .unsupportedVersionNumber: "Unsupported Version Number"
        case .badPeerAS: "Bad Peer AS"
        case .badBGPIdentifier: "Bad BGP Identifier"
        case .unsupportedOptionalParameter: "Unsupported Optional Parameter"
        case .unacceptableHoldTime: "Unacceptable Hold Time"
        case .unsupportedCapability: "Unsupported Capability"
        }
    }
}

extension BGPNotification.UpdateSubcode {
    package var name: String {
        switch self {
        case .unspecific: ""
        case .malformedAttributeList: "Malformed Attribute List"
        case .unrecognizedWellKnownAttribute: "Unrecognized Well-known Attribute"
        case .missingWellKnownAttribute: "Missing Well-known Attribute"
        case .attributeFlagsError: "Attribute Flags Error"
        case .attributeLengthError: "Attribute Length Error"
        case .invalidOriginAttribute: "Invalid ORIGIN Attribute"
        case .invalidNextHopAttribute: "Invalid NEXT_HOP Attribute"
        case .optionalAttributeError: "Optional Attribute Error"
        case .invalidNetworkField: "Invalid Network Field"
        case .malformedASPath: "Malformed AS_PATH"
        }
    }
}

extension BGPNotification.StateMachineSubcode {
    package var name: String {
        switch self {
        case .unspecific: ""
        case .unexpectedMessageInOpenSent: "Receive Unexpected Message in OpenSent State"
        case .unexpectedMessageInOpenConfirm: "Receive Unexpected Message in OpenConfirm State"
        case .unexpectedMessageInEstablished: "Receive Unexpected Message in Established State"
        }
    }
}

extension BGPNotification.CeaseSubcode {
    package var name: String {
        switch self {
        case .unspecific: ""
        case .maximumPrefixesReached: "Maximum Number of Prefixes Reached"
        case .administrativeShutdown: "Administrative Shutdown"
        case .peerDeconfigured: "Peer De-configured"
        case .administrativeReset: "Administrative Reset"
        case .connectionRejected: "Connection Rejected"
        case .otherConfigurationChange: "Other Configuration Change"
        case .connectionCollisionResolution: "Connection Collision Resolution"
        case .outOfResources: "Out of Resources"
        case .hardReset: "Hard Reset"
        case .bfdDown: "BFD Down"
        }
    }
}
