// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// How a session proves its packets to be from one that knows the key, and what it makes of the
/// other end's proof (RFC 5880 §6.7).
struct BFDProof: Hashable, Sendable {
    private(set) var authentication: Authentication?
    private var key: BFDAuthenticationKey?
    /// bfd.XmitAuthSeq. Starts from the clock, so that it is beyond that of an earlier life.
    private var sent: UInt32
    /// bfd.RcvAuthSeq; nil is bfd.AuthSeqKnown 0.
    private var heard: UInt32?
    /// The packet that `sent` was last used for.
    private var last: BFDPacket?

    init(_ authentication: Authentication?, at now: Instant) {
        self.authentication = authentication
        key = authentication.flatMap(BFDAuthenticationKey.init)
        sent = UInt32(truncatingIfNeeded: now.nanoseconds / 1_000_000)
    }

    /// A key is asked for that cannot be used: nothing must be sent or believed without it.
    var isImpossible: Bool { authentication != nil && key == nil }

    mutating func set(_ new: Authentication?, at now: Instant) {
        if new != authentication { self = BFDProof(new, at: now) }
    }

    mutating func forgetSequence() { heard = nil }

    /// The packet in octets with its proof. A sequence number is new for every packet where the
    /// proof is meticulous, otherwise for every packet that differs from the one before.
    mutating func encode(_ packet: BFDPacket) -> [UInt8]? {
        guard let key else { return isImpossible ? nil : try? packet.encoded() }
        if key.kind?.isMeticulous == true || packet != last { sent &+= 1 }
        last = packet
        return try? packet.encoded(signedBy: key, sequence: sent)
    }

    /// Why a packet must be discarded; nil when it holds, and then its sequence number is noted.
    mutating func objection(to packet: BFDPacket, in octets: [UInt8]) -> String? {
        guard authentication != nil else {
            return packet.authentication == nil ? nil : "authentication where none is configured"
        }
        guard let section = packet.authentication else { return "no authentication" }
        guard let key, key.authenticates(packet, in: octets) else { return "authentication fails" }
        guard case .digest(let kind, let sequence, _) = section.proof else { return nil }
        if let heard {
            // §6.7.3, §6.7.4: as many as may be lost before the session is down, with room.
            let distance = sequence &- heard
            let most = 3 * UInt32(packet.detectMultiplier)
            guard distance <= most, distance != 0 || !kind.isMeticulous else {
                return "sequence number \(sequence) after \(heard)"
            }
        }
        heard = sequence
        return nil
    }
}

extension BFDAuthenticationKey {
    /// Nil for an authentication that BFD does not have, or a key that is too long for it.
    init?(_ authentication: Authentication) {
        let kind: BFDAuthentication.Kind? =
            switch authentication.method {
            case .md5: .keyedMD5
            case .meticulousMD5: .meticulousKeyedMD5
            case .sha1: .keyedSHA1
            case .meticulousSHA1: .meticulousKeyedSHA1
            default: nil
            }
        guard kind != nil || authentication.method == .clear,
            let keyID = UInt8(exactly: authentication.keyID)
        else { return nil }
        self.init(keyID: keyID, kind: kind, secret: Array(authentication.password.utf8))
    }
}
