// SPDX-License-Identifier: Apache-2.0

/// What ESP encloses (RFC 4301 §4.1): the payload of a packet, or all of it.
public enum IPsecMode: String, Hashable, Sendable, CaseIterable { case transport, tunnel }

/// How ESP encrypts and authenticates.
public enum ESPCipher: String, Hashable, Sendable, CaseIterable {
    /// RFC 4106, with a 128-bit integrity check value.
    case aesGCM128 = "aes-gcm-128"
    case aesGCM256 = "aes-gcm-256"
    /// RFC 3602 with RFC 4868.
    case aesCBC128SHA256 = "aes-cbc-128-hmac-sha-256"
    case aesCBC256SHA256 = "aes-cbc-256-hmac-sha-256"

    /// Octets of key material: the encryption key with its salt, then the authentication key.
    public var keyLength: Int {
        switch self {
        case .aesGCM128: 16 + 4
        case .aesGCM256: 32 + 4
        case .aesCBC128SHA256: 16 + 32
        case .aesCBC256SHA256: 32 + 32
        }
    }

    /// The largest packet, its own IP header left out, that ESP can carry in `room` octets, which
    /// is what the path takes less the outer IP header (RFC 4303 §2): header, initialization
    /// vector and check value go off, what is left is cut to the block size, and two octets of
    /// trailer go off that.
    public func payload(in room: UInt32) -> UInt32 {
        let (vector, block): (UInt32, UInt32) =
            switch self {
            case .aesGCM128, .aesGCM256: (8, 4)
            case .aesCBC128SHA256, .aesCBC256SHA256: (16, 16)
            }
        let overhead = 8 + vector + 16
        guard room > overhead + block else { return 0 }
        return (room - overhead) / block * block - 2
    }
}
