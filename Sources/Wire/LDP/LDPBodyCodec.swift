// SPDX-License-Identifier: Apache-2.0

import Primitives

extension LDPMessage.Body {
    /// Reads what follows the Message ID.
    init(_ kind: LDPMessage.Kind, _ reader: inout WireReader) throws(LDPFault) {
        switch kind {
        case .notification: self = .notification(try LDPStatus(&reader))
        case .hello: self = .hello(try LDPHello(&reader))
        case .initialization: self = .initialization(try LDPInitialization(&reader))
        case .keepAlive:
            while try LDPTLVType.next(&reader) != nil {}
            self = .keepAlive
        case .address: self = .address(try Self.addresses(&reader))
        case .addressWithdraw: self = .addressWithdraw(try Self.addresses(&reader))
        case .labelMapping: self = .labelMapping(try LDPBinding(kind, &reader))
        case .labelRequest: self = .labelRequest(try LDPBinding(kind, &reader))
        case .labelWithdraw: self = .labelWithdraw(try LDPBinding(kind, &reader))
        case .labelRelease: self = .labelRelease(try LDPBinding(kind, &reader))
        case .labelAbortRequest: self = .labelAbortRequest(try LDPBinding(kind, &reader))
        }
    }

    func encode(to writer: inout WireWriter) throws(WireError) {
        switch self {
        case .notification(let status): try status.encode(to: &writer)
        case .hello(let hello): try hello.encode(to: &writer)
        case .initialization(let initialization): try initialization.encode(to: &writer)
        case .keepAlive: break
        case .address(let addresses), .addressWithdraw(let addresses):
            try Self.encode(addresses, to: &writer)
        case .labelMapping(let binding), .labelRequest(let binding), .labelWithdraw(let binding),
            .labelRelease(let binding), .labelAbortRequest(let binding):
            try binding.encode(to: &writer)
        }
    }

    /// The one mandatory TLV of both address messages (RFC 5036 §3.4.3).
    private static func addresses(_ reader: inout WireReader) throws(LDPFault) -> [IPAddress] {
        var addresses: [IPAddress]?
        while let (type, value) = try LDPTLVType.next(&reader) {
            guard type == .addressList else { continue }
            let family = try AddressFamily(ldp: value)
            addresses = try LDPFault.reading(value) { reader throws(WireError) in
                _ = try reader.read(UInt16.self, "Address Family")
                var list: [IPAddress] = []
                while !reader.isEmpty { list.append(try reader.readAddress(family, "Address")) }
                return list
            }
        }
        guard let addresses else { throw LDPFault(.missingMessageParameters) }
        return addresses
    }

    private static func encode(
        _ addresses: [IPAddress], to writer: inout WireWriter
    ) throws(WireError) {
        let family = addresses.first?.family ?? .ipv4
        guard addresses.allSatisfy({ $0.family == family }) else {
            throw WireError(
                .invalidValue(UInt64(addresses.count)), field: "Address List", offset: writer.count)
        }
        try writer.write(.addressList) { writer in
            writer.write(family.ldpNumber)
            for address in addresses { writer.write(address) }
        }
    }
}

extension AddressFamily {
    /// The number that IANA gives it.
    var ldpNumber: UInt16 { self == .ipv4 ? 1 : 2 }

    /// Reads the family that a value begins with.
    init(ldp value: WireReader) throws(LDPFault) {
        var value = value
        try self.init(ldp: &value)
    }

    /// Takes a family.
    init(ldp value: inout WireReader) throws(LDPFault) {
        let number = try LDPFault.reading(&value, else: .malformedTLVValue) {
            reader throws(WireError) in try reader.read(UInt16.self, "Address Family")
        }
        guard let family = AddressFamily.allCases.first(where: { $0.ldpNumber == number }) else {
            throw LDPFault(
                .unsupportedAddressFamily, value.invalid(number, "Address Family", back: 2))
        }
        self = family
    }
}

extension LDPStatus {
    private static let fatalBit: UInt32 = 1 << 31
    private static let codeBits: UInt32 = 1 << 30 - 1

    fileprivate init(_ reader: inout WireReader) throws(LDPFault) {
        var status: LDPStatus?
        var fec: [LDPFECElement] = []
        while let (type, value) = try LDPTLVType.next(&reader) {
            switch type {
            case .status:
                status = try LDPFault.reading(value) { reader throws(WireError) in
                    try LDPStatus(value: &reader)
                }
            case .fec: fec = try LDPFECElement.all(value)
            default: break
            }
        }
        guard let status else { throw LDPFault(.missingMessageParameters) }
        self = status
        self.fec = fec
    }

    private init(value reader: inout WireReader) throws(WireError) {
        let code = try reader.read(UInt32.self, "Status Code")
        self.init(
            code: code & Self.codeBits, isFatal: code & Self.fatalBit != 0,
            messageID: try reader.read(UInt32.self, "Message ID"),
            messageType: try reader.read(UInt16.self, "Message Type"))
    }

    fileprivate func encode(to writer: inout WireWriter) throws(WireError) {
        try writer.write(.status) { writer in
            writer.write(code & Self.codeBits | (isFatal ? Self.fatalBit : 0))
            writer.write(messageID)
            writer.write(messageType)
        }
        if !fec.isEmpty { try LDPFECElement.encode(fec, to: &writer) }
    }
}

extension LDPHello {
    private static let targetedBit: UInt16 = 0x8000
    private static let requestBit: UInt16 = 0x4000
    /// RFC 6720 §2.1.
    private static let securityBit: UInt16 = 0x2000

    fileprivate init(_ reader: inout WireReader) throws(LDPFault) {
        var hello: LDPHello?
        var transport: IPv4Address?
        var sequence: UInt32?
        while let (type, value) = try LDPTLVType.next(&reader) {
            switch type {
            case .helloParameters:
                hello = try LDPFault.reading(value) { reader throws(WireError) in
                    try LDPHello(parameters: &reader)
                }
            case .ipv4TransportAddress:
                transport = try LDPFault.reading(value) { reader throws(WireError) in
                    try reader.readIPv4("IPv4 Transport Address")
                }
            case .configurationSequence:
                sequence = try LDPFault.reading(value) { reader throws(WireError) in
                    try reader.read(UInt32.self, "Configuration Sequence Number")
                }
            default: break
            }
        }
        guard let hello else { throw LDPFault(.missingMessageParameters) }
        self = hello
        transportAddress = transport
        configurationSequence = sequence
    }

    private init(parameters reader: inout WireReader) throws(WireError) {
        let holdTime = try reader.read(UInt16.self, "Hold Time")
        let flags = try reader.read(UInt16.self, "T, R and G")
        self.init(
            holdTime: holdTime, isTargeted: flags & Self.targetedBit != 0,
            requestsTargeted: flags & Self.requestBit != 0,
            supportsGTSM: flags & Self.securityBit != 0)
    }

    fileprivate func encode(to writer: inout WireWriter) throws(WireError) {
        try writer.write(.helloParameters) { writer in
            writer.write(holdTime)
            writer.write(
                (isTargeted ? Self.targetedBit : 0) | (requestsTargeted ? Self.requestBit : 0)
                    | (supportsGTSM ? Self.securityBit : 0))
        }
        if let transportAddress {
            try writer.write(.ipv4TransportAddress) { $0.write(transportAddress) }
        }
        if let configurationSequence {
            try writer.write(.configurationSequence) { $0.write(configurationSequence) }
        }
    }
}

extension LDPInitialization {
    private static let onDemandBit: UInt8 = 0x80
    private static let loopDetectionBit: UInt8 = 0x40
    /// The S bit of a capability: announced, not taken back.
    private static let stateBit: UInt8 = 0x80

    private static let capabilityTypes: [(LDPTLVType, LDPCapabilities)] = [
        (.dynamicAnnouncement, .dynamicAnnouncement), (.typedWildcard, .typedWildcard),
        (.unrecognizedNotification, .unrecognizedNotification),
    ]

    fileprivate init(_ reader: inout WireReader) throws(LDPFault) {
        var parameters: LDPInitialization?
        var capabilities: LDPCapabilities = []
        while let (type, value) = try LDPTLVType.next(&reader) {
            if type == .sessionParameters {
                parameters = try LDPFault.reading(value) { reader throws(WireError) in
                    try LDPInitialization(parameters: &reader)
                }
            } else if let (_, capability) = Self.capabilityTypes.first(where: { $0.0 == type }) {
                let state = try LDPFault.reading(value) { reader throws(WireError) in
                    defer { _ = reader.readRest() }
                    return try reader.read(UInt8.self, "S")
                }
                if state & Self.stateBit != 0 { capabilities.insert(capability) }
            }
        }
        guard let parameters else { throw LDPFault(.missingMessageParameters) }
        self = parameters
        self.capabilities = capabilities
    }

    private init(parameters reader: inout WireReader) throws(WireError) {
        let version = try reader.read(UInt16.self, "Protocol Version")
        guard version == Self.version else {
            throw reader.invalid(version, "Protocol Version", back: 2)
        }
        let keepAliveTime = try reader.read(UInt16.self, "KeepAlive Time")
        let flags = try reader.read(UInt8.self, "A and D")
        self.init(
            keepAliveTime: keepAliveTime, isOnDemand: flags & Self.onDemandBit != 0,
            detectsLoops: flags & Self.loopDetectionBit != 0,
            pathVectorLimit: try reader.read(UInt8.self, "PVLim"),
            lengthMax: try reader.read(UInt16.self, "Max PDU Length"),
            receiver: try LDPIdentifier(&reader, "Receiver LDP Identifier"))
    }

    fileprivate func encode(to writer: inout WireWriter) throws(WireError) {
        try writer.write(.sessionParameters) { writer in
            writer.write(Self.version)
            writer.write(keepAliveTime)
            writer.write(
                (isOnDemand ? Self.onDemandBit : 0) | (detectsLoops ? Self.loopDetectionBit : 0))
            writer.write(pathVectorLimit)
            writer.write(lengthMax)
            receiver.encode(to: &writer)
        }
        for (type, capability) in Self.capabilityTypes where capabilities.contains(capability) {
            try writer.write(type, flags: LDPTLVType.unknownBit) { $0.write(Self.stateBit) }
        }
    }
}
