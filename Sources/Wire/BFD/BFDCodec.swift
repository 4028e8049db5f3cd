// SPDX-License-Identifier: Apache-2.0

extension BFDPacket {
    static let version: UInt8 = 1
    /// Octets up to the authentication section.
    static let headerOctets = 24

    /// The bits of the second octet, below the state.
    private enum Flag {
        static let poll: UInt8 = 0x20
        static let final: UInt8 = 0x10
        static let controlPlaneIndependent: UInt8 = 0x08
        static let authentication: UInt8 = 0x04
        static let demand: UInt8 = 0x02
        static let multipoint: UInt8 = 0x01
    }

    /// Reads a UDP payload by the rules of RFC 5880 §6.8.6 that need no session. Octets beyond
    /// Length are not BFD's. Whether the authentication section holds, `BFDAuthenticationKey`
    /// tells; the TTL is for the caller to check.
    package init(decoding octets: [UInt8]) throws(WireError) {
        var whole = WireReader(octets)
        let first = try whole.read(UInt8.self, "Vers and Diag")
        guard first >> 5 == Self.version else { throw whole.invalid(first >> 5, "Vers", back: 1) }
        let second = try whole.read(UInt8.self, "Sta and flags")
        let hasAuthentication = second & Flag.authentication != 0
        try Self.check(flags: second, whole)
        let multiplier = try Self.readNonZero(UInt8.self, &whole, "Detect Mult")
        var reader = try Self.readBody(&whole, hasAuthentication: hasAuthentication)
        diagnostic = Diagnostic(rawValue: first)
        // Two bits, all four values of which have a meaning.
        state = State(rawValue: second >> 6) ?? .adminDown
        isPoll = second & Flag.poll != 0
        isFinal = second & Flag.final != 0
        isControlPlaneIndependent = second & Flag.controlPlaneIndependent != 0
        isDemand = second & Flag.demand != 0
        detectMultiplier = multiplier
        myDiscriminator = try Self.readNonZero(UInt32.self, &reader, "My Discriminator")
        yourDiscriminator = try reader.read(UInt32.self, "Your Discriminator")
        guard yourDiscriminator != 0 || state == .down || state == .adminDown else {
            throw reader.invalid(yourDiscriminator, "Your Discriminator", back: 4)
        }
        desiredMinTxInterval = try reader.read(UInt32.self, "Desired Min TX Interval")
        requiredMinRxInterval = try reader.read(UInt32.self, "Required Min RX Interval")
        requiredMinEchoRxInterval = try reader.read(UInt32.self, "Required Min Echo RX Interval")
        if hasAuthentication { authentication = try BFDAuthentication(reading: &reader) }
    }

    /// Poll and Final exclude each other (§6.5), and multipoint sessions are none of ours (§4.1).
    private static func check(flags: UInt8, _ reader: WireReader) throws(WireError) {
        guard flags & Flag.multipoint == 0 else {
            throw reader.invalid(flags & Flag.multipoint, "Multipoint", back: 1)
        }
        guard flags & (Flag.poll | Flag.final) != Flag.poll | Flag.final else {
            throw reader.invalid(flags, "Poll and Final", back: 1)
        }
    }

    private static func readNonZero<Value: FixedWidthInteger & UnsignedInteger>(
        _ type: Value.Type, _ reader: inout WireReader, _ field: String
    ) throws(WireError) -> Value {
        let value = try reader.read(type, field)
        guard value != 0 else { throw reader.invalid(value, field, back: Value.bitWidth / 8) }
        return value
    }

    /// Reads Length, and takes what it spans beyond itself.
    private static func readBody(
        _ reader: inout WireReader, hasAuthentication: Bool
    ) throws(WireError) -> WireReader {
        let length = Int(try reader.read(UInt8.self, "Length"))
        let least = headerOctets + (hasAuthentication ? BFDAuthentication.leastOctets : 0)
        guard length >= least else { throw reader.invalid(length, "Length", back: 1) }
        return try reader.readNested(length - reader.offset, "Length")
    }

    /// The packet in octets. Its authentication section is written as it is: see
    /// `encoded(signedBy:sequence:)`.
    /// - Throws: when a field has a value that the packet must not have.
    package func encoded() throws(WireError) -> [UInt8] {
        try checkFields()
        var writer = WireWriter(capacity: 52)
        writer.write(Self.version << 5 | diagnostic.rawValue)
        writer.write(state.rawValue << 6 | flags)
        writer.write(detectMultiplier)
        writer.write(UInt8(Self.headerOctets + (authentication?.octetCount ?? 0)))
        for word in [
            myDiscriminator, yourDiscriminator, desiredMinTxInterval, requiredMinRxInterval,
            requiredMinEchoRxInterval,
        ] { writer.write(word) }
        authentication?.write(to: &writer)
        return writer.octets
    }

    private var flags: UInt8 {
        (isPoll ? Flag.poll : 0) | (isFinal ? Flag.final : 0)
            | (isControlPlaneIndependent ? Flag.controlPlaneIndependent : 0)
            | (authentication == nil ? 0 : Flag.authentication) | (isDemand ? Flag.demand : 0)
    }

    private func checkFields() throws(WireError) {
        func require(
            _ condition: Bool, _ value: UInt32, _ field: String, at offset: Int
        ) throws(WireError) {
            guard !condition else { return }
            throw WireError(.invalidValue(UInt64(value)), field: field, offset: offset)
        }
        try require(!(isPoll && isFinal), UInt32(flags), "Poll and Final", at: 1)
        try require(detectMultiplier != 0, 0, "Detect Mult", at: 2)
        try require(myDiscriminator != 0, 0, "My Discriminator", at: 4)
        let mayBeZero = state == .down || state == .adminDown
        try require(yourDiscriminator != 0 || mayBeZero, 0, "Your Discriminator", at: 8)
        try authentication?.check()
    }
}
