// SPDX-License-Identifier: Apache-2.0

import CNetlink
import Glibc
import KernelObjects
import Primitives

/// An ESP association as the kernel holds it, with the key: for comparing, never for showing.
struct HeldAssociation: Hashable {
    let source: IPAddress
    let destination: IPAddress
    let spi: UInt32
    let requestID: UInt32
    let mode: Int32
    /// The kernel's names of the algorithms with their parts of the key, in the kernel's order.
    let algorithms: [Algorithm]

    struct Algorithm: Hashable {
        let name: String
        let key: [UInt8]
    }

    /// As the kernel will hold one.
    init(_ association: SecurityAssociation, key: [UInt8]) {
        source = association.source
        destination = association.destination
        spi = association.spi
        requestID = association.requestID
        mode = association.mode.number
        algorithms = association.cipher.algorithms(key).map {
            Algorithm(name: $0.name, key: $0.key)
        }
    }

    /// - Returns: nil for other protocols than ESP.
    fileprivate init?(_ reply: NetlinkReply) {
        guard let (info, attributes) = reply.parsed(filling: xfrm_usersa_info()),
            info.id.proto == UInt8(IPPROTO_ESP),
            let source = IPAddress(info.saddr, family: info.family),
            let destination = IPAddress(info.id.daddr, family: info.family)
        else { return nil }
        self.source = source
        self.destination = destination
        spi = UInt32(bigEndian: info.id.spi)
        requestID = info.reqid
        mode = Int32(info.mode)
        let aead = (XFRMA_ALG_AEAD, MemoryLayout<xfrm_algo_aead>.size)
        let cipher = (XFRMA_ALG_CRYPT, MemoryLayout<xfrm_algo>.size)
        let authentication = (XFRMA_ALG_AUTH_TRUNC, MemoryLayout<xfrm_algo_auth>.size)
        algorithms = [aead, cipher, authentication].compactMap { attribute, size in
            attributes[Int(attribute.rawValue)].map {
                Algorithm(name: $0.text, key: Array($0.dropFirst(size)))
            }
        }
    }

    /// What tells one association from another (RFC 4301 §4.1).
    var key: Key { Key(destination: destination, spi: spi) }

    struct Key: Hashable {
        let destination: IPAddress
        let spi: UInt32
    }
}

extension NetlinkSocket {
    /// `ip xfrm state`; for a socket of NETLINK_XFRM.
    func heldAssociations() throws(SystemError) -> [HeldAssociation.Key: HeldAssociation] {
        let request = NetlinkMessage(
            "list security associations", type: Int(XFRM_MSG_GETSA), flags: NLM_F_DUMP)
        let held = try dump(request).compactMap { HeldAssociation($0) }
        return Dictionary(held.map { ($0.key, $0) }) { first, _ in first }
    }

    /// `ip xfrm policy`, those of one ESP association each; for a socket of NETLINK_XFRM.
    func securityPolicies() throws(SystemError) -> Set<SecurityPolicy> {
        let request = NetlinkMessage(
            "list security policies", type: Int(XFRM_MSG_GETPOLICY), flags: NLM_F_DUMP)
        return Set(try dump(request).compactMap { SecurityPolicy($0) })
    }
}

extension SecurityPolicy {
    fileprivate init?(_ reply: NetlinkReply) {
        guard let (info, attributes) = reply.parsed(filling: xfrm_userpolicy_info()),
            info.action == UInt8(XFRM_POLICY_ALLOW),
            let direction = Direction.allCases.first(where: { $0.number == Int(info.dir) }),
            let source = IPPrefix(info.sel.saddr, info.sel.prefixlen_s, family: info.sel.family),
            let destination = IPPrefix(
                info.sel.daddr, info.sel.prefixlen_d, family: info.sel.family),
            let list = attributes[Int(XFRMA_TMPL.rawValue)],
            list.count == MemoryLayout<xfrm_user_tmpl>.size,
            let template = list.load(filling: xfrm_user_tmpl()),
            template.id.proto == UInt8(IPPROTO_ESP),
            let mode = IPsecMode.allCases.first(where: { $0.number == Int32(template.mode) }),
            let near = IPAddress(template.saddr, family: template.family),
            let far = IPAddress(template.id.daddr, family: template.family)
        else { return nil }
        self.init(
            direction: direction, source: source, destination: destination,
            ipProtocol: info.sel.proto, greKey: info.sel.greKey, tunnelSource: near,
            tunnelDestination: far, requestID: template.reqid, mode: mode)
    }
}

extension xfrm_selector {
    /// Of GRE, whose key stands where ports do.
    fileprivate var greKey: UInt32? {
        guard proto == UInt8(IPPROTO_GRE), sport_mask == .max, dport_mask == .max
        else { return nil }
        return UInt32(UInt16(bigEndian: sport)) << 16 | UInt32(UInt16(bigEndian: dport))
    }
}

extension IPAddress {
    /// - Returns: nil for what is neither AF_INET nor AF_INET6.
    init?(_ address: xfrm_address_t, family number: UInt16) {
        guard let family = AddressFamily.allCases.first(where: { $0.socketFamily == number })
        else { return nil }
        self.init(bytes: withUnsafeBytes(of: address) { Array($0.prefix(family.bitWidth / 8)) })
    }
}

extension IPPrefix {
    fileprivate init?(_ address: xfrm_address_t, _ length: UInt8, family: UInt16) {
        guard let address = IPAddress(address, family: family),
            Int(length) <= address.family.bitWidth
        else { return nil }
        self.init(address, length: length)
    }
}

extension NetlinkReply {
    /// The fixed part where it has unions, and the attributes behind it.
    func parsed<Fixed>(filling fixed: Fixed) -> (Fixed, NetlinkAttributes)? {
        guard let fixed = body[...].load(filling: fixed) else { return nil }
        let size = (MemoryLayout<Fixed>.size + 3) & ~3
        return (fixed, NetlinkAttributes(body.dropFirst(size)))
    }
}

extension ArraySlice<UInt8> {
    /// A C structure with unions, which Swift does not take for plain octets, at the beginning; nil
    /// where there are too few.
    fileprivate func load<Value>(filling value: Value) -> Value? {
        guard count >= MemoryLayout<Value>.size else { return nil }
        var value = value
        Swift.withUnsafeMutableBytes(of: &value) { $0.copyBytes(from: prefix($0.count)) }
        return value
    }
}
