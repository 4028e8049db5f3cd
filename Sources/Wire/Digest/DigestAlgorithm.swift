// SPDX-License-Identifier: Apache-2.0

/// The digests that routing protocols authenticate their packets with.
package enum DigestAlgorithm: String, Hashable, Sendable, CaseIterable {
    /// RFC 1321.
    case md5
    /// FIPS 180-4, as the four below.
    case sha1
    case sha224
    case sha256
    case sha384
    case sha512

    /// How long a digest is.
    package var octetCount: Int { digest.octetCount }

    /// The digest of a whole message.
    package func hash(_ message: [UInt8]) -> [UInt8] { digest.hash(message) }

    /// The keyed digest of a message: HMAC (RFC 2104 §2), with keys of any length.
    package func hmac(_ message: [UInt8], key: [UInt8]) -> [UInt8] {
        let short = key.count > digest.blockOctets ? digest.hash(key) : key
        let key = short + [UInt8](repeating: 0, count: digest.blockOctets - short.count)
        let inner = digest.hash(key.map { $0 ^ 0x36 } + message)
        return digest.hash(key.map { $0 ^ 0x5c } + inner)
    }

    private var digest: any BlockDigest.Type {
        switch self {
        case .md5: MD5.self
        case .sha1: SHA1.self
        case .sha224: SHA2<SHA224Variant>.self
        case .sha256: SHA2<SHA256Variant>.self
        case .sha384: SHA2<SHA384Variant>.self
        case .sha512: SHA2<SHA512Variant>.self
        }
    }
}
