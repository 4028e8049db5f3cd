// SPDX-License-Identifier: Apache-2.0

import Kernel

extension FuzzTarget {
    static let kernel = [
        FuzzTarget("netlink", words: netlinkWords, netlink)
    ]

    /// Message types and attribute types, in the machine's byte order.
    private static let netlinkWords: [[UInt8]] =
        [
            [16, 0], [17, 0], [20, 0], [21, 0], [2, 0], [3, 0], [0, 2], [0, 3], [16, 0, 0, 0],
        ]
        + (0...60).map { [8, 0, $0, 0] }

    /// A datagram from the kernel, as far as it can be read.
    @Sendable private static func netlink(_ input: [UInt8]) throws(Finding) {
        let replies = NetlinkReply.parse(input[...])
        try require(replies.count * 16 <= input.count, "more messages than there can be")
        for reply in replies {
            _ = reply.error(of: "fuzz")?.description
            _ = ObservedLink(reply)
            _ = LinkMonitor.event(reply)
            _ = ObservedAssociation(reply, now: 1)
        }
    }
}
