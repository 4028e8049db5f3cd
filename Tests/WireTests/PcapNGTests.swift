// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing
import Wire

@Suite struct PcapNGTests {
    private func hex(_ text: String) -> [UInt8] {
        text.split(whereSeparator: \.isNewline).flatMap { line in
            line.prefix { $0 != "#" }.split(separator: " ").compactMap { UInt8($0, radix: 16) }
        }
    }

    @Test func `a file begins with its section and its interface`() {
        #expect(
            PcapNG.header(.ethernet, name: "eth1", description: "a to b", program: "weft")
                == hex(
                    """
                    0a 0d 0d 0a 00 00 00 28              # section header block
                    1a 2b 3c 4d 00 01 00 00              # byte order; version 1.0
                    ff ff ff ff ff ff ff ff              # no length of the section
                    00 04 00 04 77 65 66 74              # shb_userappl "weft"
                    00 00 00 00 00 00 00 28              # end of options
                    00 00 00 01 00 00 00 34              # interface description block
                    00 01 00 00 00 00 00 00              # Ethernet; packets are never cut
                    00 02 00 04 65 74 68 31              # if_name "eth1"
                    00 03 00 06 61 20 74 6f 20 62 00 00  # if_description "a to b"
                    00 09 00 01 09 00 00 00              # if_tsresol: nanoseconds
                    00 00 00 00 00 00 00 34              # end of options
                    """))
    }

    @Test func `a packet has its time, its length and its direction`() {
        let time = WallTime(nanoseconds: 0x0123_4567_89ab_cdef)
        #expect(
            PcapNG.packet([1, 2, 3, 4, 5], at: time, isOutgoing: true)
                == hex(
                    """
                    00 00 00 06 00 00 00 34  # enhanced packet block
                    00 00 00 00              # of interface 0
                    01 23 45 67 89 ab cd ef  # when
                    00 00 00 05 00 00 00 05  # captured, passed
                    01 02 03 04 05 00 00 00
                    00 02 00 04 00 00 00 02  # epb_flags: outbound
                    00 00 00 00 00 00 00 34  # end of options
                    """))
        let incoming = PcapNG.packet([], at: time, isOutgoing: false)
        #expect(incoming.suffix(16).prefix(8) == hex("00 02 00 04 00 00 00 01")[...])
    }

    @Test func `statistics say what passed and what was lost`() {
        #expect(
            PcapNG.statistics(passed: 7, lost: 2, at: WallTime(nanoseconds: 1))
                == hex(
                    """
                    00 00 00 05 00 00 00 34                          # interface statistics block
                    00 00 00 00 00 00 00 00 00 00 00 01              # interface 0; when
                    00 04 00 08 00 00 00 00 00 00 00 07              # isb_ifrecv
                    00 05 00 08 00 00 00 00 00 00 00 02              # isb_ifdrop
                    00 00 00 00 00 00 00 34                          # end of options
                    """))
    }

    @Test func `a cooked packet is read from behind its header`() {
        let header = hex("00 04 03 0a 00 00 00 00 00 00 00 00 00 00 88 47")
        let packet = Dissection(cooked: header + hex("00 01 01 40"))
        #expect(packet.kind == .mpls)
        #expect(packet.layers.first == .mpls([Label(16)]))
        #expect(Dissection(cooked: [0, 0]).text.hasPrefix("unreadable"))
    }
}
