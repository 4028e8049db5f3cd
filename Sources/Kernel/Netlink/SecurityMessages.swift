// SPDX-License-Identifier: Apache-2.0

import CNetlink
import Glibc
import KernelObjects
import Primitives

/// Requests about IPsec (linux/xfrm.h): associations, which are keyed by hand, and the policies
/// that ask for them. They go to a socket of NETLINK_XFRM.
enum SecurityMessages {
    /// Packets that may overtake another and it still be taken (RFC 4303 §3.4.3). Wide, because an
    /// emulated machine's processors stand still for milliseconds, each with packets in hand.
    private static let replayWindow: UInt32 = 1024
    /// Bits of an integrity check value, of every cipher that there is.
    private static let checkBits: UInt32 = 128

    // MARK: Associations

    /// `ip xfrm state add …`. The key is in the message, and nowhere in the operation's words.
    static func add(
        _ association: SecurityAssociation, key: [UInt8], _ operation: String
    ) -> NetlinkMessage {
        var message = NetlinkMessage(
            operation, type: Int(XFRM_MSG_NEWSA), flags: NLM_F_CREATE | NLM_F_EXCL)
        var info = xfrm_usersa_info()
        info.saddr = xfrm_address_t(association.source)
        info.id = identity(association.destination, association.spi)
        info.lft = unlimited
        info.reqid = association.requestID
        info.family = UInt16(association.destination.family.socketFamily)
        info.mode = UInt8(association.mode.number)
        withUnsafeBytes(of: info) { message.append(octets: $0) }
        for (attribute, name, key) in association.cipher.algorithms(key) {
            let check = Int(attribute) == Int(XFRMA_ALG_CRYPT.rawValue) ? nil : checkBits
            message.attribute(Int(attribute), algorithm(name, key, check))
        }
        message.attribute(Int(XFRMA_REPLAY_ESN_VAL.rawValue), emptyWindow)
        return message
    }

    /// `ip xfrm state del …`.
    static func remove(
        _ association: SecurityAssociation, _ operation: String
    ) -> NetlinkMessage {
        var message = NetlinkMessage(operation, type: Int(XFRM_MSG_DELSA))
        var identity = xfrm_usersa_id()
        identity.daddr = xfrm_address_t(association.destination)
        identity.spi = association.spi.bigEndian
        identity.family = UInt16(association.destination.family.socketFamily)
        identity.proto = UInt8(IPPROTO_ESP)
        withUnsafeBytes(of: identity) { message.append(octets: $0) }
        return message
    }

    private static func identity(_ destination: IPAddress, _ spi: UInt32) -> xfrm_id {
        xfrm_id(
            daddr: xfrm_address_t(destination), spi: spi.bigEndian, proto: UInt8(IPPROTO_ESP))
    }

    /// No octets, packets or seconds after which it ends.
    private static var unlimited: xfrm_lifetime_cfg {
        var limits = xfrm_lifetime_cfg()
        limits.soft_byte_limit = .max
        limits.hard_byte_limit = .max
        limits.soft_packet_limit = .max
        limits.hard_packet_limit = .max
        return limits
    }

    /// A `struct xfrm_algo`, or one with the length of the check value behind that of the key.
    private static func algorithm(_ name: String, _ key: [UInt8], _ check: UInt32?) -> [UInt8] {
        let room = MemoryLayout<xfrm_algo>.offset(of: \.alg_key_len) ?? 0
        let field = Array(name.utf8) + [UInt8](repeating: 0, count: room - name.utf8.count)
        let lengths = [UInt32(key.count * 8)] + (check.map { [$0] } ?? [])
        return field + lengths.flatMap { withUnsafeBytes(of: $0, Array.init) } + key
    }

    /// A `struct xfrm_replay_state_esn` with its bitmap. It gives more room than the octet for the
    /// window in the fixed part, and does not by itself mean extended sequence numbers.
    private static var emptyWindow: [UInt8] {
        var state = xfrm_replay_state_esn()
        state.bmp_len = replayWindow / 32
        state.replay_window = replayWindow
        let bitmap = [UInt8](repeating: 0, count: Int(replayWindow / 8))
        return withUnsafeBytes(of: state, Array.init) + bitmap
    }

    // MARK: Policies

    /// `ip xfrm policy update …`.
    static func set(_ policy: SecurityPolicy, _ operation: String) -> NetlinkMessage {
        var message = NetlinkMessage(operation, type: Int(XFRM_MSG_UPDPOLICY))
        var info = xfrm_userpolicy_info()
        info.sel = selector(policy)
        info.lft = unlimited
        info.dir = UInt8(policy.direction.number)
        info.action = UInt8(XFRM_POLICY_ALLOW)
        withUnsafeBytes(of: info) { message.append(octets: $0) }
        var template = xfrm_user_tmpl()
        template.id = identity(policy.tunnelDestination, 0)
        template.saddr = xfrm_address_t(policy.tunnelSource)
        template.family = UInt16(policy.tunnelSource.family.socketFamily)
        template.reqid = policy.requestID
        template.mode = UInt8(policy.mode.number)
        (template.aalgos, template.ealgos, template.calgos) = (.max, .max, .max)
        withUnsafeBytes(of: template) { message.attribute(Int(XFRMA_TMPL.rawValue), $0) }
        return message
    }

    /// `ip xfrm policy del …`.
    static func remove(_ policy: SecurityPolicy, _ operation: String) -> NetlinkMessage {
        var message = NetlinkMessage(operation, type: Int(XFRM_MSG_DELPOLICY))
        var identity = xfrm_userpolicy_id()
        identity.sel = selector(policy)
        identity.dir = UInt8(policy.direction.number)
        withUnsafeBytes(of: identity) { message.append(octets: $0) }
        return message
    }

    private static func selector(_ policy: SecurityPolicy) -> xfrm_selector {
        var selector = xfrm_selector()
        selector.saddr = xfrm_address_t(policy.source.address)
        selector.daddr = xfrm_address_t(policy.destination.address)
        selector.prefixlen_s = policy.source.length
        selector.prefixlen_d = policy.destination.length
        selector.family = UInt16(policy.source.address.family.socketFamily)
        selector.proto = policy.ipProtocol
        if let key = policy.greKey {
            // The halves of a GRE key stand where ports do.
            (selector.sport, selector.sport_mask) = (UInt16(key >> 16).bigEndian, .max)
            (selector.dport, selector.dport_mask) = (UInt16(key & 0xffff).bigEndian, .max)
        }
        return selector
    }
}

extension ESPCipher {
    /// The kernel's names of what it is made of, each with the attribute that tells it and its part
    /// of the key.
    func algorithms(_ key: [UInt8]) -> [(attribute: UInt32, name: String, key: [UInt8])] {
        switch self {
        case .aesGCM128, .aesGCM256:
            return [(XFRMA_ALG_AEAD.rawValue, "rfc4106(gcm(aes))", key)]
        case .aesCBC128SHA256, .aesCBC256SHA256:
            let authentication = 32  // octets, RFC 4868 §2.1.1
            return [
                (XFRMA_ALG_CRYPT.rawValue, "cbc(aes)", key.dropLast(authentication)),
                (XFRMA_ALG_AUTH_TRUNC.rawValue, "hmac(sha256)", key.suffix(authentication)),
            ].map { ($0.0, $0.1, Array($0.2)) }
        }
    }
}

extension IPsecMode {
    /// XFRM_MODE_….
    var number: Int32 { self == .transport ? XFRM_MODE_TRANSPORT : XFRM_MODE_TUNNEL }
}

extension SecurityPolicy.Direction {
    /// XFRM_POLICY_IN and XFRM_POLICY_OUT.
    var number: Int { self == .in ? XFRM_POLICY_IN : XFRM_POLICY_OUT }
}

extension xfrm_address_t {
    init(_ address: IPAddress) {
        self.init()
        withUnsafeMutableBytes(of: &self) { $0.copyBytes(from: address.bytes) }
    }
}
