// SPDX-License-Identifier: Apache-2.0

/// The authentication section of a BFD control packet (RFC 5880 §4.2 to §4.4).
package struct BFDAuthentication: Hashable, Sendable {
    /// Which of the keys that both ends have.
    package var keyID: UInt8
    package var proof: Proof

    package init(keyID: UInt8, proof: Proof) {
        self.keyID = keyID
        self.proof = proof
    }

    package enum Proof: Hashable, Sendable {
        /// The password itself: 1 to 16 octets.
        case simplePassword([UInt8])
        /// A digest over the packet with the key in the digest's place. The sequence number keeps
        /// what was recorded from being played again.
        case digest(Kind, sequence: UInt32, [UInt8])
    }

    /// Auth Type of the digests. With a meticulous one every packet has a sequence number of its
    /// own.
    package enum Kind: UInt8, Hashable, Sendable, CaseIterable {
        case keyedMD5 = 2
        case meticulousKeyedMD5 = 3
        case keyedSHA1 = 4
        case meticulousKeyedSHA1 = 5

        package var isMeticulous: Bool {
            self == .meticulousKeyedMD5 || self == .meticulousKeyedSHA1
        }

        package var algorithm: DigestAlgorithm {
            switch self {
            case .keyedMD5, .meticulousKeyedMD5: .md5
            case .keyedSHA1, .meticulousKeyedSHA1: .sha1
            }
        }
    }

    static let simplePasswordType: UInt8 = 1
    /// Auth Type, Auth Len, Auth Key ID, and one octet of a password.
    static let leastOctets = 4
    static let passwordOctets = 1...16
    /// From the start of the packet to the digest: the header, and type, length, key ID, reserved
    /// and sequence number.
    static let digestOffset = BFDPacket.headerOctets + 8

    /// Auth Len.
    var octetCount: Int {
        switch proof {
        case .simplePassword(let password): 3 + password.count
        case .digest(let kind, _, _): 8 + kind.algorithm.octetCount
        }
    }

    init(reading reader: inout WireReader) throws(WireError) {
        let type = try reader.read(UInt8.self, "Auth Type")
        let kind = Kind(rawValue: type)
        guard kind != nil || type == Self.simplePasswordType else {
            throw reader.invalid(type, "Auth Type", back: 1)
        }
        let length = Int(try reader.read(UInt8.self, "Auth Len"))
        let fits = kind.map { length == 8 + $0.algorithm.octetCount }
        guard fits ?? Self.passwordOctets.contains(length - 3) else {
            throw reader.invalid(length, "Auth Len", back: 1)
        }
        keyID = try reader.read(UInt8.self, "Auth Key ID")
        if let kind {
            // Reserved, ignored on receipt.
            _ = try reader.read(UInt8.self, "Reserved")
            let sequence = try reader.read(UInt32.self, "Sequence Number")
            let digest = try reader.readOctets(kind.algorithm.octetCount, "Auth Key/Digest")
            proof = .digest(kind, sequence: sequence, digest)
        } else {
            proof = .simplePassword(try reader.readOctets(length - 3, "Password"))
        }
        try reader.expectEnd("Auth Len")
    }

    func write(to writer: inout WireWriter) {
        switch proof {
        case .simplePassword(let password):
            writer.write(Self.simplePasswordType)
            writer.write(UInt8(octetCount))
            writer.write(keyID)
            writer.write(password)
        case .digest(let kind, let sequence, let digest):
            writer.write(kind.rawValue)
            writer.write(UInt8(octetCount))
            writer.write(keyID)
            writer.write(UInt8.zero)
            writer.write(sequence)
            writer.write(digest)
        }
    }

    func check() throws(WireError) {
        switch proof {
        case .simplePassword(let password):
            guard !Self.passwordOctets.contains(password.count) else { return }
            throw WireError(
                .invalidValue(UInt64(password.count)), field: "Password",
                offset: BFDPacket.headerOctets + 3)
        case .digest(let kind, _, let digest):
            guard digest.count != kind.algorithm.octetCount else { return }
            throw WireError(
                .invalidValue(UInt64(digest.count)), field: "Auth Key/Digest",
                offset: Self.digestOffset)
        }
    }
}

/// A key that both ends of a session have, and how it is used (RFC 5880 §6.7).
package struct BFDAuthenticationKey: Hashable, Sendable {
    package var keyID: UInt8
    /// Nil is the simple password.
    package var kind: BFDAuthentication.Kind?
    /// 1 to 16 octets, with SHA-1 to 20.
    package let secret: [UInt8]

    /// Nil when the secret does not have a length that its use allows.
    package init?(keyID: UInt8, kind: BFDAuthentication.Kind?, secret: [UInt8]) {
        guard 1...Self.secretOctetsMax(kind) ~= secret.count else { return nil }
        self.keyID = keyID
        self.kind = kind
        self.secret = secret
    }

    /// How many octets a secret may have.
    package static func secretOctetsMax(_ kind: BFDAuthentication.Kind?) -> Int {
        kind?.algorithm.octetCount ?? BFDAuthentication.passwordOctets.upperBound
    }

    /// Whether the packet in these octets carries this key's proof. Sequence numbers are for the
    /// session to judge.
    /// - Parameter octets: what `packet` was decoded from.
    package func authenticates(_ packet: BFDPacket, in octets: [UInt8]) -> Bool {
        guard let section = packet.authentication, section.keyID == keyID else { return false }
        switch section.proof {
        case .simplePassword(let password): return kind == nil && password.isSameProof(as: secret)
        case .digest(let kind, _, let digest):
            guard kind == self.kind else { return false }
            // Length is not more than what was decoded, and the digest is its end.
            let span = octets.prefix(Int(octets[3]))
            return digest.isSameProof(as: self.digest(Array(span), kind))
        }
    }

    /// The digest of a packet whose own digest may be anything: the key stands in its place
    /// (RFC 5880 §6.7.3, §6.7.4).
    fileprivate func digest(
        _ octets: [UInt8], _ kind: BFDAuthentication.Kind
    ) -> [UInt8] {
        let padding = kind.algorithm.octetCount - secret.count
        let key = secret + [UInt8](repeating: 0, count: padding)
        return kind.algorithm.hash(octets.prefix(BFDAuthentication.digestOffset) + key)
    }

}

extension BFDPacket {
    /// The packet in octets, with the proof of a key.
    /// - Parameter sequence: bfd.XmitAuthSeq; a simple password has no use for it.
    package func encoded(
        signedBy key: BFDAuthenticationKey, sequence: UInt32
    ) throws(WireError) -> [UInt8] {
        var packet = self
        guard let kind = key.kind else {
            packet.authentication = BFDAuthentication(
                keyID: key.keyID, proof: .simplePassword(key.secret))
            return try packet.encoded()
        }
        let blank = [UInt8](repeating: 0, count: kind.algorithm.octetCount)
        packet.authentication = BFDAuthentication(
            keyID: key.keyID, proof: .digest(kind, sequence: sequence, blank))
        let octets = try packet.encoded()
        return octets.prefix(BFDAuthentication.digestOffset) + key.digest(octets, kind)
    }
}
