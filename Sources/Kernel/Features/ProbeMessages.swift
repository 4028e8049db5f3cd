// SPDX-License-Identifier: Apache-2.0

import CNetlink
import Glibc

/// Requests for what the realiser does not make, in their simplest form.
enum ProbeMessages {
    /// `ip link add … type gre remote 192.0.2.1`: an endpoint of its own keeps it apart from the
    /// tunnel that every namespace is born with.
    static func gre(_ name: String, _ operation: String) -> NetlinkMessage {
        var message = NetlinkMessage(
            operation, type: Int(RTM_NEWLINK), flags: NLM_F_CREATE | NLM_F_EXCL)
        message.append(ifinfomsg())
        message.attribute(Int(IFLA_IFNAME), name)
        message.nest(Int(IFLA_LINKINFO)) { info in
            info.attribute(Int(IFLA_INFO_KIND), "gre")
            info.nest(Int(IFLA_INFO_DATA)) { $0.attribute(GREAttribute.remote, [192, 0, 2, 1]) }
        }
        return message
    }

    /// `ip xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 1 aead rfc4106(gcm(aes)) …`.
    static func esp(_ operation: String) -> NetlinkMessage {
        var message = NetlinkMessage(
            operation, type: Int(XFRM_MSG_NEWSA), flags: NLM_F_CREATE | NLM_F_EXCL)
        var state = xfrm_usersa_info()
        state.saddr.a4 = UInt32(0xc000_0201).bigEndian
        state.id.daddr.a4 = UInt32(0xc000_0202).bigEndian
        state.id.spi = UInt32(1).bigEndian
        state.id.proto = UInt8(IPPROTO_ESP)
        state.family = UInt16(AF_INET)
        withUnsafeBytes(of: state) { message.append(octets: $0) }
        message.attribute(Int(XFRMA_ALG_AEAD.rawValue), aead("rfc4106(gcm(aes))", keyLength: 20))
        return message
    }

    /// A `struct xfrm_algo_aead` with a key of zeros, for no packet will ever use it.
    private static func aead(_ name: String, keyLength: Int) -> [UInt8] {
        let field = Array(name.utf8) + [UInt8](repeating: 0, count: 64 - name.utf8.count)
        let lengths = (UInt32(keyLength * 8), UInt32(128))
        return field + withUnsafeBytes(of: lengths) { Array($0) }
            + [UInt8](repeating: 0, count: keyLength)
    }
}
