// SPDX-License-Identifier: Apache-2.0

/// How packets of version 2 show that they are of this network (RFC 2328 §D, RFC 5709). Version 3
/// has none of its own.
package enum OSPFAuthentication: Hashable, Sendable {
    /// AuType 0.
    case none
    /// AuType 1: a password of at most 8 octets; what is beyond does not count.
    case simpleText([UInt8])
    /// AuType 2.
    case cryptographic(Key)

    /// A shared secret with its number.
    package struct Key: Hashable, Sendable {
        package var id: UInt8
        package var algorithm: Algorithm
        package var secret: [UInt8]

        package init(id: UInt8, _ algorithm: Algorithm, secret: [UInt8]) {
            self.id = id
            self.algorithm = algorithm
            self.secret = secret
        }
    }

    package enum Algorithm: String, Hashable, Sendable, CaseIterable {
        /// Keyed MD5 (RFC 2328 §D.4.3).
        case md5
        /// HMAC (RFC 5709 §3).
        case hmacSHA1 = "hmac-sha-1"
        case hmacSHA256 = "hmac-sha-256"
        case hmacSHA384 = "hmac-sha-384"
        case hmacSHA512 = "hmac-sha-512"
    }

    /// The AuType field.
    package var type: UInt16 {
        switch self {
        case .none: 0
        case .simpleText: 1
        case .cryptographic: 2
        }
    }
}

extension OSPFAuthentication.Algorithm {
    var digest: DigestAlgorithm {
        switch self {
        case .md5: .md5
        case .hmacSHA1: .sha1
        case .hmacSHA256: .sha256
        case .hmacSHA384: .sha384
        case .hmacSHA512: .sha512
        }
    }
}

extension OSPFAuthentication.Key {
    /// What stands behind the packet.
    func digest(of packet: [UInt8]) -> [UInt8] {
        let length = algorithm.digest.octetCount
        guard algorithm != .md5 else {
            // The key takes the digest's place while it is made, cut or padded to its length.
            let key = secret.prefix(length)
            let padding = [UInt8](repeating: 0, count: length - key.count)
            return algorithm.digest.hash(packet + key + padding)
        }
        // Keys longer than the digest, not than the block, are hashed first (RFC 5709 §3.3).
        let key = secret.count > length ? algorithm.digest.hash(secret) : secret
        let filler: [UInt8] = [0x87, 0x8f, 0xe1, 0xf3]
        let apad = (0..<length).map { filler[$0 % 4] }
        return algorithm.digest.hmac(packet + apad, key: key)
    }
}

extension OSPFAuthentication {
    private static let checksumOffset = 12
    private static let typeOffset = 14
    private static let fieldOffset = 16
    private static let fieldOctets = 8

    /// Completes a packet of version 2 whose header has zeros for its checksum, AuType and
    /// authentication field.
    func sealed(_ packet: WireWriter, sequence: UInt32) -> [UInt8] {
        var packet = packet
        packet.overwrite(type, at: Self.typeOffset)
        switch self {
        case .none, .simpleText:
            // The authentication field is not in the sum, and still zero.
            packet.overwrite(InternetChecksum.of(packet.octets), at: Self.checksumOffset)
            packet.overwrite(password, at: Self.fieldOffset)
            return packet.octets
        case .cryptographic(let key):
            let length = UInt8(key.algorithm.digest.octetCount)
            packet.overwrite(UInt16(key.id) << 8 | UInt16(length), at: Self.fieldOffset + 2)
            packet.overwrite(sequence, at: Self.fieldOffset + 4)
            return packet.octets + key.digest(of: packet.octets)
        }
    }

    /// The authentication field of null and simple authentication.
    private var password: UInt64 {
        guard case .simpleText(let text) = self else { return 0 }
        return (0..<Self.fieldOctets).reduce(UInt64(0)) {
            $0 << 8 | UInt64($1 < text.count ? text[$1] : 0)
        }
    }

    /// Checks a packet of version 2 that has its whole header.
    /// - Returns: the cryptographic sequence number.
    func verify(_ octets: [UInt8], length: Int) throws(WireError) -> UInt32? {
        var reader = WireReader(octets)
        _ = try reader.readOctets(Self.typeOffset, "Checksum")
        let type = try reader.read(UInt16.self, "AuType")
        guard type == self.type else { throw reader.invalid(type, "AuType", back: 2) }
        guard case .cryptographic(let key) = self else {
            let field = try reader.read(UInt64.self, "Authentication")
            try verifyChecksum(Array(octets[..<length]))
            guard self == .none || Self.isEqual(octets[16..<24], password) else {
                throw reader.invalid(field, "Authentication", back: Self.fieldOctets)
            }
            return nil
        }
        _ = try reader.read(UInt16.self, "0")
        let id = try reader.read(UInt8.self, "Key ID")
        guard id == key.id else { throw reader.invalid(id, "Key ID", back: 1) }
        let digestLength = try reader.read(UInt8.self, "Auth Data Len")
        guard Int(digestLength) == key.algorithm.digest.octetCount else {
            throw reader.invalid(digestLength, "Auth Data Len", back: 1)
        }
        let sequence = try reader.read(UInt32.self, "Cryptographic sequence number")
        _ = try reader.readOctets(length - reader.offset, "Packet length")
        let digest = try reader.readOctets(Int(digestLength), "Authentication")
        guard digest == key.digest(of: Array(octets[..<length])) else {
            throw WireError(.checksumMismatch, field: "Authentication", offset: length)
        }
        return sequence
    }

    private static func isEqual(_ octets: ArraySlice<UInt8>, _ field: UInt64) -> Bool {
        octets.reduce(UInt64(0)) { $0 << 8 | UInt64($1) } == field
    }

    private func verifyChecksum(_ packet: [UInt8]) throws(WireError) {
        var packet = packet
        for index in Self.fieldOffset..<Self.fieldOffset + Self.fieldOctets { packet[index] = 0 }
        guard InternetChecksum.of(packet) == 0 else {
            throw WireError(.checksumMismatch, field: "Checksum", offset: Self.checksumOffset)
        }
    }
}
