// SPDX-License-Identifier: Apache-2.0

import CLinux
import CNetlink
import Glibc
import Kernel

/// Netlink requests with nothing around them: no names, no texts for errors. What it takes is the
/// kernel's own time.
struct PlainNetlink {
    private var request: [UInt8] = []
    private var count = 0
    private var answer = [UInt8](repeating: 0, count: 16 << 10)

    static func socket() throws(SystemError) -> Int32 {
        let socket = Glibc.socket(AF_NETLINK, 3 | Int32(O_CLOEXEC), NETLINK_ROUTE)
        guard socket >= 0 else { throw SystemError("open a netlink socket") }
        return socket
    }

    /// Sends what was put together, and waits for all answers.
    mutating func exchange(_ socket: Int32) throws(SystemError) {
        guard send(socket, request, request.count, 0) == request.count else {
            throw SystemError("send")
        }
        request.removeAll(keepingCapacity: true)
        var missing = count
        count = 0
        while missing > 0 {
            let length = recv(socket, &answer, answer.count, 0)
            guard length > 0 else { throw SystemError("receive") }
            missing -= try acks(length)
        }
    }

    /// Counts the acknowledgements of a datagram: a header of 16 octets, then the error number.
    private func acks(_ length: Int) throws(SystemError) -> Int {
        var count = 0
        var at = 0
        while at + 20 <= length {
            let (size, error) = answer.withUnsafeBytes {
                (
                    $0.loadUnaligned(fromByteOffset: at, as: UInt32.self),
                    $0.loadUnaligned(fromByteOffset: at + 16, as: Int32.self)
                )
            }
            guard error == 0 else { throw SystemError("plain netlink", -error) }
            count += 1
            at += Int(size + 3) & ~3
        }
        return count
    }

    private mutating func put<Value: BitwiseCopyable>(_ value: Value) {
        withUnsafeBytes(of: value) { request.append(contentsOf: $0) }
    }

    private mutating func close(_ start: Int, as size: Int) {
        let length = request.count - start
        request.withUnsafeMutableBytes { bytes in
            if size == 4 {
                bytes.storeBytes(of: UInt32(length), toByteOffset: start, as: UInt32.self)
            } else {
                bytes.storeBytes(of: UInt16(length), toByteOffset: start, as: UInt16.self)
            }
        }
        while request.count % 4 != 0 { request.append(0) }
    }

    private mutating func open(_ type: Int32, flags: Int32) -> Int {
        let start = request.count
        count += 1
        var header = nlmsghdr()
        header.nlmsg_type = UInt16(type)
        header.nlmsg_flags = UInt16(NLM_F_REQUEST | NLM_F_ACK | flags)
        put(header)
        return start
    }

    private mutating func openAttribute(_ type: Int) -> Int {
        let start = request.count
        put(UInt16(0))
        put(UInt16(type))
        return start
    }

    private mutating func attribute<Value: BitwiseCopyable>(_ type: Int, _ value: Value) {
        let start = openAttribute(type)
        put(value)
        close(start, as: 2)
    }

    /// Four letters and a closing zero.
    private mutating func name(_ type: Int, _ text: StaticString) {
        let start = openAttribute(type)
        text.withUTF8Buffer { request.append(contentsOf: $0) }
        request.append(0)
        close(start, as: 2)
    }

    private mutating func link(_ index: Int32, isUp: Bool) {
        var header = ifinfomsg()
        header.ifi_index = index
        header.ifi_flags = isUp ? UInt32(IFF_UP) : 0
        header.ifi_change = header.ifi_flags
        put(header)
    }

    mutating func setUp(_ index: Int32) {
        let start = open(Int32(RTM_NEWLINK), flags: 0)
        link(index, isUp: true)
        close(start, as: 4)
    }

    /// A veth pair, whose other end has the next index and is in another namespace.
    mutating func makeVeth(_ index: Int32, _ peer: Int32, names: (StaticString, StaticString)) {
        let start = open(Int32(RTM_NEWLINK), flags: NLM_F_CREATE | NLM_F_EXCL)
        link(index, isUp: true)
        name(Int(IFLA_IFNAME), names.0)
        let info = openAttribute(Int(IFLA_LINKINFO))
        name(Int(IFLA_INFO_KIND), "veth")
        let data = openAttribute(Int(IFLA_INFO_DATA))
        let end = openAttribute(Int(VETH_INFO_PEER))
        link(index + 1, isUp: false)
        name(Int(IFLA_IFNAME), names.1)
        attribute(Int(IFLA_NET_NS_FD), peer)
        for nest in [end, data, info] { close(nest, as: 2) }
        close(start, as: 4)
    }

    mutating func setAddress(_ address: UInt32, _ index: Int32) {
        let start = open(Int32(RTM_NEWADDR), flags: NLM_F_CREATE | NLM_F_EXCL)
        var header = ifaddrmsg()
        header.ifa_family = UInt8(AF_INET)
        header.ifa_prefixlen = LineLab.prefixLength
        header.ifa_index = UInt32(index)
        put(header)
        attribute(Int(IFA_LOCAL), address.bigEndian)
        attribute(Int(IFA_ADDRESS), address.bigEndian)
        close(start, as: 4)
    }
}
