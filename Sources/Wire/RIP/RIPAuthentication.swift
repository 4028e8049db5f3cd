// SPDX-License-Identifier: Apache-2.0

import Primitives

/// What stands in place of the first route entry, and after the last (RFC 2453 §4.1, RFC 4822).
package enum RIPAuthentication: Hashable, Sendable {
    /// At most 16 octets, trailing zeros left out.
    case simplePassword([UInt8])
    /// A digest over the packet and a key. The sequence number never decreases.
    case digest(keyID: UInt8, sequence: UInt32, [UInt8])

    private static let familyIdentifier: UInt16 = 0xffff
    private static let simplePasswordType: UInt16 = 2
    private static let digestType: UInt16 = 3
    private static let trailerType: UInt16 = 1
    static let passwordOctets = 16
    static let trailerHeaderOctets = 4
    private static let digestLengths = [16, 20, 32, 48, 64]

    /// Reads the first entry if it is one of authentication, and then takes the trailer off the
    /// reader's end.
    init?(reading reader: inout WireReader) throws(WireError) {
        var peek = reader
        guard peek.count >= 4,
            try peek.read(UInt16.self, "address family identifier") == Self.familyIdentifier
        else { return nil }
        let type = try peek.read(UInt16.self, "authentication type")
        switch type {
        case Self.simplePasswordType:
            let password = try peek.readOctets(Self.passwordOctets, "authentication")
            let end = (password.lastIndex { $0 != 0 }).map { $0 + 1 } ?? 0
            self = .simplePassword(Array(password[..<end]))
            reader = peek
        case Self.digestType: self = try Self.readDigest(&reader, peek)
        default: throw peek.invalid(type, "authentication type", back: 2)
        }
    }

    private static func readDigest(
        _ reader: inout WireReader, _ header: WireReader
    ) throws(WireError) -> RIPAuthentication {
        var header = header
        let packetOctets = Int(try header.read(UInt16.self, "RIPv2 packet length"))
        let keyID = try header.read(UInt8.self, "Key ID")
        let length = Int(try header.read(UInt8.self, "Auth Data Len"))
        let sequence = try header.read(UInt32.self, "Sequence Number")
        _ = try header.readOctets(8, "reserved")
        guard packetOctets >= header.offset, packetOctets <= header.end else {
            throw header.invalid(packetOctets, "RIPv2 packet length", back: 16)
        }
        let entries = try header.readNested(packetOctets - header.offset, "RIPv2 packet length")
        guard try header.read(UInt16.self, "trailer") == familyIdentifier,
            try header.read(UInt16.self, "trailer") == trailerType
        else { throw header.invalid(trailerType, "trailer", back: 4) }
        let digest = header.readRest()
        // Many count the trailer's header as well, above all with MD5.
        guard digestLengths.contains(digest.count),
            length == digest.count || length == digest.count + trailerHeaderOctets
        else { throw header.invalid(length, "Auth Data Len", back: digest.count) }
        reader = entries
        return .digest(keyID: keyID, sequence: sequence, digest)
    }

    func check(_ family: AddressFamily) throws(WireError) {
        let fits =
            switch self {
            case .simplePassword(let password): password.count <= Self.passwordOctets
            case .digest(_, _, let digest): Self.digestLengths.contains(digest.count)
            }
        guard fits, family == .ipv4 else {
            throw WireError(.invalidValue(0), field: "authentication", offset: 4)
        }
    }

    /// - Parameter packetOctets: how many octets there will be before the trailer.
    func writeHeader(to writer: inout WireWriter, packetOctets: Int) {
        writer.write(Self.familyIdentifier)
        switch self {
        case .simplePassword(let password):
            writer.write(Self.simplePasswordType)
            writer.write(password)
            writer.write([UInt8](repeating: 0, count: Self.passwordOctets - password.count))
        case .digest(let keyID, let sequence, let digest):
            writer.write(Self.digestType)
            writer.write(UInt16(clamping: packetOctets))
            writer.write(keyID)
            // As everyone writes it: with MD5 the trailer's header is counted.
            let isMD5 = digest.count == DigestAlgorithm.md5.octetCount
            writer.write(UInt8(digest.count + (isMD5 ? Self.trailerHeaderOctets : 0)))
            writer.write(sequence)
            writer.write(UInt64.zero)
        }
    }

    func writeTrailer(to writer: inout WireWriter) {
        guard case .digest(_, _, let digest) = self else { return }
        writer.write(Self.familyIdentifier)
        writer.write(Self.trailerType)
        writer.write(digest)
    }
}

/// A key that routers of a network share, and how it is used.
package struct RIPAuthenticationKey: Hashable, Sendable {
    package var keyID: UInt8
    package var use: Use
    /// With the password and with keyed MD5 at most 16 octets count.
    package var secret: [UInt8]

    package enum Use: Hashable, Sendable {
        case simplePassword
        /// RFC 2082, kept by RFC 4822 §2.4.
        case keyedMD5
        /// RFC 4822.
        case hmac(DigestAlgorithm)

        /// How many octets a secret may have.
        package var secretOctetsMax: Int {
            switch self {
            case .simplePassword, .keyedMD5: RIPAuthentication.passwordOctets
            case .hmac: .max
            }
        }
    }

    /// Nil for a secret of a length that its use does not allow.
    package init?(keyID: UInt8, use: Use, secret: [UInt8]) {
        guard 1...use.secretOctetsMax ~= secret.count else { return nil }
        self.keyID = keyID
        self.use = use
        self.secret = secret
    }

    /// Whether the packet in these octets carries this key's proof. Sequence numbers are for the
    /// receiver to judge.
    package func authenticates(_ packet: RIPPacket, in octets: [UInt8]) -> Bool {
        switch packet.authentication {
        case nil: return false
        case .simplePassword(let password):
            return use == .simplePassword && password.isSameProof(as: secret)
        case .digest(let keyID, _, let digest):
            guard keyID == self.keyID, octets.count > digest.count else { return false }
            return digest.isSameProof(as: self.digest(Array(octets.dropLast(digest.count))))
        }
    }

    /// Over a packet with the header of its trailer (RFC 4822 §2.5). Nil for a password.
    fileprivate func digest(_ octets: [UInt8]) -> [UInt8] {
        switch use {
        case .simplePassword: return []
        case .keyedMD5:
            let padding = RIPAuthentication.passwordOctets - secret.count
            return DigestAlgorithm.md5.hash(
                octets + secret + [UInt8](repeating: 0, count: padding))
        case .hmac(let algorithm):
            let filler: [UInt8] = [0x87, 0x8f, 0xe1, 0xf3]
            let blank = (0..<algorithm.octetCount / 4).flatMap { _ in filler }
            let key = secret.count > algorithm.octetCount ? algorithm.hash(secret) : secret
            return algorithm.hmac(octets + blank, key: key)
        }
    }

    fileprivate var digestOctets: Int {
        switch use {
        case .simplePassword: 0
        case .keyedMD5: DigestAlgorithm.md5.octetCount
        case .hmac(let algorithm): algorithm.octetCount
        }
    }

}

extension RIPPacket {
    /// The packet in octets, with the proof of a key.
    /// - Parameter sequence: not less than any before; a simple password has no use for it.
    package func encoded(
        signedBy key: RIPAuthenticationKey, sequence: UInt32
    ) throws(WireError) -> [UInt8] {
        var packet = self
        guard key.use != .simplePassword else {
            packet.authentication = .simplePassword(key.secret)
            return try packet.encoded()
        }
        let blank = [UInt8](repeating: 0, count: key.digestOctets)
        packet.authentication = .digest(keyID: key.keyID, sequence: sequence, blank)
        let octets = Array(try packet.encoded().dropLast(blank.count))
        return octets + key.digest(octets)
    }
}
