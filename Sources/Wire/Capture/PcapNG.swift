// SPDX-License-Identifier: Apache-2.0

import Primitives

/// A file of captured packets as Wireshark and its kin read it (draft-ietf-opsawg-pcapng): one
/// section in network order, with one interface. Blocks may be written as they come.
package enum PcapNG {
    /// What packets begin with.
    package enum LinkType: UInt16, Hashable, Sendable {
        case ethernet = 1
        /// LINKTYPE_LINUX_SLL: 16 octets in place of the link's own header.
        case cooked = 113
    }

    private enum BlockType {
        static let section: UInt32 = 0x0a0d_0d0a
        static let interface: UInt32 = 1
        static let statistics: UInt32 = 5
        static let packet: UInt32 = 6
    }

    /// What reads back as itself only by a reader that knows our byte order.
    private static let byteOrderMagic: UInt32 = 0x1a2b_3c4d

    /// An option of a block.
    private struct Option {
        var code: UInt16
        var value: [UInt8]

        static func text(_ code: UInt16, _ text: String) -> Option {
            Option(code: code, value: Array(text.utf8.prefix(1000)))
        }

        static func number(_ code: UInt16, _ number: some FixedWidthInteger & UnsignedInteger)
            -> Option
        {
            var writer = WireWriter()
            writer.write(number)
            return Option(code: code, value: writer.octets)
        }
    }

    /// What a file begins with.
    /// - Parameters:
    ///   - name: of the interface.
    ///   - description: of the interface.
    ///   - program: that captures.
    package static func header(
        _ linkType: LinkType, name: String, description: String, program: String
    ) -> [UInt8] {
        let section = block(BlockType.section, [.text(4, program)]) { body in
            body.write(byteOrderMagic)
            body.write(UInt16(1))
            body.write(UInt16(0))
            // The section's length is not known.
            body.write(UInt64.max)
        }
        // Timestamps are in nanoseconds.
        let options: [Option] = [
            .text(2, name), .text(3, description), .number(9, UInt8(9)),
        ]
        let interface = block(BlockType.interface, options) { body in
            body.write(linkType.rawValue)
            body.write(UInt16(0))
            // Packets are never cut.
            body.write(UInt32(0))
        }
        return section + interface
    }

    /// A packet, with its direction.
    package static func packet(
        _ octets: [UInt8], at time: WallTime, isOutgoing: Bool
    ) -> [UInt8] {
        let flags = UInt32(isOutgoing ? 2 : 1)
        return block(BlockType.packet, [.number(2, flags)]) { body in
            body.write(UInt32(0))
            body.write(UInt64(clamping: time.nanoseconds))
            body.write(UInt32(clamping: octets.count))
            body.write(UInt32(clamping: octets.count))
            body.write(octets)
            pad(&body)
        }
    }

    /// How many packets passed until a moment, and how many of them were not captured.
    package static func statistics(passed: UInt64, lost: UInt64, at time: WallTime) -> [UInt8] {
        block(BlockType.statistics, [.number(4, passed), .number(5, lost)]) { body in
            body.write(UInt32(0))
            body.write(UInt64(clamping: time.nanoseconds))
        }
    }

    /// Type, length, body, options, and the length again.
    private static func block(
        _ type: UInt32, _ options: [Option], _ body: (inout WireWriter) -> Void
    ) -> [UInt8] {
        var writer = WireWriter()
        writer.write(type)
        writer.write(UInt32(0))
        body(&writer)
        for option in options {
            writer.write(option.code)
            writer.write(UInt16(option.value.count))
            writer.write(option.value)
            pad(&writer)
        }
        // The end of options.
        writer.write(UInt32(0))
        let length = UInt32(writer.count + 4)
        writer.write(length)
        writer.overwrite(length, at: 4)
        return writer.octets
    }

    /// To a multiple of four octets.
    private static func pad(_ writer: inout WireWriter) {
        while !writer.count.isMultiple(of: 4) { writer.write(UInt8(0)) }
    }
}
