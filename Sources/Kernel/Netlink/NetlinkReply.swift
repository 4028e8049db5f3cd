// SPDX-License-Identifier: Apache-2.0

import CNetlink

/// A message from the kernel: header fields and what follows the header.
package struct NetlinkReply: Sendable {
    let type: UInt16
    let flags: UInt16
    let sequence: UInt32
    let body: [UInt8]

    /// The messages of one datagram. What is cut short is left out.
    package static func parse(_ datagram: ArraySlice<UInt8>) -> [NetlinkReply] {
        var replies: [NetlinkReply] = []
        var rest = datagram
        let headerSize = MemoryLayout<nlmsghdr>.size
        while let header = rest.load(nlmsghdr.self) {
            let length = Int(header.nlmsg_len)
            guard length >= headerSize, length <= rest.count else { break }
            let start = rest.startIndex
            replies.append(
                NetlinkReply(
                    type: header.nlmsg_type, flags: header.nlmsg_flags,
                    sequence: header.nlmsg_seq,
                    body: Array(rest[start + headerSize..<start + length])))
            rest = rest.dropFirst((length + 3) & ~3)
        }
        return replies
    }

    /// The error of an acknowledgement; nil where it reports success.
    package func error(of operation: String) -> SystemError? {
        guard let code = body[...].load(Int32.self), code != 0 else { return nil }
        // With NETLINK_CAP_ACK only the header of the request is echoed before the attributes.
        let echoed = MemoryLayout<Int32>.size + MemoryLayout<nlmsghdr>.size
        let isCapped = flags & UInt16(NLM_F_CAPPED) != 0
        var detail: String?
        if flags & UInt16(NLM_F_ACK_TLVS) != 0, isCapped, body.count > echoed {
            detail = NetlinkAttributes(body[echoed...])[Int(NLMSGERR_ATTR_MSG.rawValue)]?.text
        }
        // The smallest number has no opposite.
        return SystemError(operation, 0 &- code, detail: detail)
    }

    /// The fixed part, and the attributes behind it.
    func parsed<Fixed: BitwiseCopyable>(_ type: Fixed.Type) -> (Fixed, NetlinkAttributes)? {
        guard let fixed = body[...].load(type) else { return nil }
        let size = (MemoryLayout<Fixed>.size + 3) & ~3
        return (fixed, NetlinkAttributes(body.dropFirst(size)))
    }
}

/// A list of attributes, found by type.
struct NetlinkAttributes {
    let list: [(type: Int, payload: ArraySlice<UInt8>)]

    init(_ bytes: ArraySlice<UInt8>) {
        var list: [(Int, ArraySlice<UInt8>)] = []
        var rest = bytes
        while let header = rest.load(nlattr.self), Int(header.nla_len) >= 4,
            Int(header.nla_len) <= rest.count
        {
            let start = rest.startIndex
            let type = Int(header.nla_type) & 0x3fff
            list.append((type, rest[start + 4..<start + Int(header.nla_len)]))
            rest = rest.dropFirst((Int(header.nla_len) + 3) & ~3)
        }
        self.list = list
    }

    subscript(type: Int) -> ArraySlice<UInt8>? { list.first { $0.type == type }?.payload }

    /// The attributes inside of one.
    subscript(nested type: Int) -> NetlinkAttributes? { self[type].map(NetlinkAttributes.init) }
}

extension ArraySlice<UInt8> {
    /// The value at the beginning, in the machine's byte order; nil where there are too few bytes.
    func load<Value: BitwiseCopyable>(_ type: Value.Type = Value.self) -> Value? {
        guard count >= MemoryLayout<Value>.size else { return nil }
        return withUnsafeBytes { $0.loadUnaligned(as: type) }
    }

    /// A string up to its closing zero.
    var text: String { String(decoding: prefix { $0 != 0 }, as: UTF8.self) }
}
