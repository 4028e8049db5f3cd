// SPDX-License-Identifier: Apache-2.0

import Primitives

/// What PDUs are authenticated with: hellos by a circuit's key, the others by a level's.
package enum ISISKey: Hashable, Sendable {
    /// The password itself, for all to read (ISO 10589 §7.3.15).
    case clearText([UInt8])
    /// HMAC-MD5 (RFC 5304).
    case hmacMD5([UInt8])
    /// HMAC by a digest, under the key's number (RFC 5310).
    case keyed(DigestAlgorithm, id: UInt16, [UInt8])

    /// RFC 5310 §3.3.
    private static let apad: [UInt8] = [0x87, 0x8f, 0xe1, 0xf3]

    /// What stands in the PDU while the digest is computed.
    var blank: ISISAuthentication {
        switch self {
        case .clearText(let password): .clearText(password)
        case .hmacMD5: .hmacMD5(digest: [UInt8](repeating: 0, count: 16))
        case .keyed(let algorithm, let id, _):
            .keyed(
                keyID: id, digest: (0..<algorithm.octetCount).map { Self.apad[$0 % 4] })
        }
    }

    /// The value of the authentication TLV over a PDU that holds the blank one, and zeros for an
    /// LSP's lifetime and checksum.
    func value(of octets: [UInt8]) -> [UInt8] {
        var writer = WireWriter()
        switch self {
        case .clearText: blank.write(to: &writer)
        case .hmacMD5(let key):
            let digest = DigestAlgorithm.md5.hmac(octets, key: key)
            ISISAuthentication.hmacMD5(digest: digest).write(to: &writer)
        case .keyed(let algorithm, let id, let key):
            // The RFC's key is as long as the digest, where HMAC's own is as long as a block.
            let short = key.count > algorithm.octetCount ? algorithm.hash(key) : key
            let digest = algorithm.hmac(octets, key: short)
            ISISAuthentication.keyed(keyID: id, digest: digest).write(to: &writer)
        }
        return writer.octets
    }

    /// Whether an encoded PDU is authenticated with this key, once (RFC 5304 §2).
    /// - Precondition: the octets were decoded without error.
    package func verifies(_ octets: [UInt8]) -> Bool {
        guard let place = Self.place(in: octets) else { return false }
        var blanked = Array(octets[..<place.end])
        if Self.isLinkState(octets) {
            for offset in [ISISLinkState.lifetimeOffset, ISISLinkState.checksumOffset] {
                blanked.replaceSubrange(offset..<offset + 2, with: [0, 0])
            }
        }
        var writer = WireWriter()
        blank.write(to: &writer)
        guard writer.count == place.value.count else { return false }
        blanked.replaceSubrange(place.value, with: writer.octets)
        return value(of: blanked) == Array(octets[place.value])
    }

    private static func isLinkState(_ octets: [UInt8]) -> Bool {
        [18, 20].contains(octets[4] & 0x1f)
    }

    /// Where the PDU ends and where the value of its one authentication TLV is.
    private static func place(in octets: [UInt8]) -> (end: Int, value: Range<Int>)? {
        guard octets.count > 18 else { return nil }
        let isHello = [15, 16, 17].contains(octets[4] & 0x1f)
        let lengthOffset = isHello ? 17 : 8
        let end = Int(octets[lengthOffset]) << 8 | Int(octets[lengthOffset + 1])
        var offset = Int(octets[1])
        var found: Range<Int>?
        guard end <= octets.count else { return nil }
        while offset + 1 < end {
            let value = offset + 2..<offset + 2 + Int(octets[offset + 1])
            guard value.upperBound <= end else { return nil }
            if octets[offset] == 10 {
                guard found == nil else { return nil }
                found = value
            }
            offset = value.upperBound
        }
        return found.map { (end, $0) }
    }
}

extension ISISAuthentication {
    private enum Kind: UInt8 {
        case clearText = 1
        case keyed = 3
        case hmacMD5 = 54
    }

    init(reading reader: inout WireReader) throws(WireError) {
        let octet = try reader.read(UInt8.self, "Authentication Type")
        switch Kind(rawValue: octet) {
        case .clearText: self = .clearText(reader.readRest())
        case .hmacMD5: self = .hmacMD5(digest: try reader.readOctets(16, "Authentication Value"))
        case .keyed:
            self = .keyed(keyID: try reader.read(UInt16.self, "Key ID"), digest: reader.readRest())
        case nil: throw reader.invalid(octet, "Authentication Type", back: 1)
        }
    }

    func write(to writer: inout WireWriter) {
        switch self {
        case .clearText(let password):
            writer.write(Kind.clearText.rawValue)
            writer.write(password)
        case .hmacMD5(let digest):
            writer.write(Kind.hmacMD5.rawValue)
            writer.write(digest)
        case .keyed(let keyID, let digest):
            writer.write(Kind.keyed.rawValue)
            writer.write(keyID)
            writer.write(digest)
        }
    }
}
