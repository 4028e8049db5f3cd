// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What recvmsg gives: octets, who sent them, and what the kernel has to say about them.
struct ReceivedMessage {
    /// At most as many as there was room for.
    var octets: [UInt8]
    /// The sender's address as the kernel writes it.
    var name: [UInt8]
    var control: [Control]

    /// A control message (cmsg).
    struct Control {
        var level: Int32
        var type: Int32
        var data: [UInt8]

        /// The 32-bit number in host order at an offset.
        func word(at offset: Int) -> UInt32? {
            guard offset + 4 <= data.count else { return nil }
            return data[offset..<offset + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
        }
    }

    /// The next message that waits; nil when there is none.
    static func receive(
        _ raw: Int32, _ sizeMax: Int, flags: Int32 = 0
    ) throws(SystemError) -> ReceivedMessage? {
        var name = [UInt8](repeating: 0, count: 128)
        var control = [UInt64](repeating: 0, count: 64)
        var header = msghdr()
        var count = 0
        let octets = [UInt8](unsafeUninitializedCapacity: sizeMax) { buffer, used in
            count = receive(raw, buffer, &name, &control, &header, flags)
            used = max(0, count)
        }
        guard count >= 0 else {
            let error = SystemError("receive")
            if error.isWouldBlock { return nil }
            throw error
        }
        let controlOctets = control.withUnsafeBytes { Array($0.prefix(header.msg_controllen)) }
        return ReceivedMessage(
            octets: octets, name: Array(name.prefix(Int(header.msg_namelen))),
            control: entries(controlOctets))
    }

    private static func receive(
        _ raw: Int32, _ buffer: UnsafeMutableBufferPointer<UInt8>, _ name: inout [UInt8],
        _ control: inout [UInt64], _ header: inout msghdr, _ flags: Int32
    ) -> Int {
        var vector = iovec(iov_base: buffer.baseAddress, iov_len: buffer.count)
        return name.withUnsafeMutableBytes { name in
            control.withUnsafeMutableBytes { control in
                withUnsafeMutablePointer(to: &vector) { vector in
                    header.msg_name = name.baseAddress
                    header.msg_namelen = socklen_t(name.count)
                    header.msg_iov = vector
                    header.msg_iovlen = 1
                    header.msg_control = control.baseAddress
                    header.msg_controllen = control.count
                    return retrying { recvmsg(raw, &header, flags) }
                }
            }
        }
    }

    /// Each has its length (8 octets, header included), level, type, data, and padding to 8 octets.
    private static func entries(_ octets: [UInt8]) -> [Control] {
        var entries: [Control] = []
        var offset = 0
        let header = 16
        while offset + header <= octets.count {
            let head = Control(
                level: 0, type: 0, data: Array(octets[offset..<offset + header]))
            guard let length = head.word(at: 0).map(Int.init), let level = head.word(at: 8),
                let type = head.word(at: 12), length >= header, offset + length <= octets.count
            else { break }
            entries.append(
                Control(
                    level: Int32(bitPattern: level), type: Int32(bitPattern: type),
                    data: Array(octets[offset + header..<offset + length])))
            offset += (length + 7) & ~7
        }
        return entries
    }
}
