// SPDX-License-Identifier: Apache-2.0

import CNetlink
import Primitives

/// A netlink request under construction: header, fixed part, attributes. Lengths are filled in by
/// the closing of what they count, never by hand.
package struct NetlinkMessage: Hashable, Sendable {
    /// What the request does, for error texts: `create veth eth1 in juno`.
    package let operation: String
    package private(set) var bytes: [UInt8]

    /// Starts a request; NLM_F_REQUEST and NLM_F_ACK are always set.
    init(_ operation: String, type: Int, flags: Int32 = 0) {
        self.operation = operation
        bytes = []
        bytes.reserveCapacity(256)
        var header = nlmsghdr()
        header.nlmsg_type = UInt16(type)
        header.nlmsg_flags = UInt16(truncatingIfNeeded: flags | NLM_F_REQUEST | NLM_F_ACK)
        append(header)
    }

    /// Appends a fixed part in the machine's own byte order.
    mutating func append<Value: BitwiseCopyable>(_ value: Value) {
        withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
        setLength()
    }

    /// Appends a fixed part that is not a plain value to Swift, such as one with unions.
    mutating func append(octets: some Collection<UInt8>) {
        bytes.append(contentsOf: octets)
        setLength()
    }

    mutating func attribute(_ type: Int, _ payload: some Collection<UInt8>) {
        let start = open(type)
        bytes.append(contentsOf: payload)
        close(start)
    }

    mutating func attribute(_ type: Int, _ value: UInt8) { attribute(type, [value]) }
    mutating func attribute(_ type: Int, _ value: UInt16) { attribute(type, native: value) }
    mutating func attribute(_ type: Int, _ value: UInt32) { attribute(type, native: value) }

    /// A string with its closing zero.
    mutating func attribute(_ type: Int, _ text: String) { attribute(type, Array(text.utf8) + [0]) }

    mutating func attribute(_ type: Int, _ address: IPAddress) { attribute(type, address.bytes) }

    mutating func attribute<Value: BitwiseCopyable>(_ type: Int, native value: Value) {
        let start = open(type)
        withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
        close(start)
    }

    /// An attribute that holds attributes, and says so: younger parts of the kernel insist on the
    /// flag (act_mpls, nexthop objects), older ones ignore it.
    mutating func nest(_ type: Int, _ body: (inout NetlinkMessage) -> Void) {
        let start = open(type | Int(NLA_F_NESTED))
        body(&self)
        close(start)
    }

    /// Opens a nested attribute or a multipath entry and returns where it starts.
    mutating func open(_ type: Int) -> Int {
        let start = bytes.count
        append(UInt16(0))
        append(UInt16(type))
        return start
    }

    /// Writes the length of what was opened at `start`, and pads to four octets.
    /// - Precondition: it holds less than 64 KiB, as names, addresses and label stacks of a lab do.
    mutating func close(_ start: Int) {
        store(UInt16(bytes.count - start), at: start)
        while bytes.count % 4 != 0 { bytes.append(0) }
        setLength()
    }

    mutating func setSequence(_ sequence: UInt32) {
        let offset = 8  // behind length, type and flags
        store(sequence, at: offset)
    }

    private mutating func setLength() { store(UInt32(bytes.count), at: 0) }

    private mutating func store<Value: BitwiseCopyable>(_ value: Value, at offset: Int) {
        bytes.withUnsafeMutableBytes {
            $0.storeBytes(of: value, toByteOffset: offset, as: Value.self)
        }
    }
}
