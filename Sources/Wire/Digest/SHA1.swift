// SPDX-License-Identifier: Apache-2.0

/// SHA-1 (FIPS 180-4 §6.1).
struct SHA1: BlockDigest {
    static let isLittleEndian = false
    static let octetCount = 20
    static let scheduleLength = 80

    private(set) var words: [UInt32] = [
        0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0,
    ]

    mutating func compress(_ schedule: inout [UInt32]) {
        for t in 16..<80 {
            let mixed = schedule[t - 3] ^ schedule[t - 8] ^ schedule[t - 14] ^ schedule[t - 16]
            schedule[t] = mixed.rotated(left: 1)
        }
        var (a, b, c, d, e) = (words[0], words[1], words[2], words[3], words[4])
        for t in 0..<80 {
            let sum = a.rotated(left: 5) &+ Self.mix(t, b, c, d) &+ e &+ schedule[t]
            (a, b, c, d, e) = (sum, a, b.rotated(left: 30), c, d)
        }
        words = [
            words[0] &+ a, words[1] &+ b, words[2] &+ c, words[3] &+ d, words[4] &+ e,
        ]
    }

    /// f of §4.1.1 with K of §4.2.1 added.
    private static func mix(_ t: Int, _ b: UInt32, _ c: UInt32, _ d: UInt32) -> UInt32 {
        switch t / 20 {
        case 0: (b & c ^ ~b & d) &+ 0x5a82_7999
        case 1: (b ^ c ^ d) &+ 0x6ed9_eba1
        case 2: (b & c ^ b & d ^ c & d) &+ 0x8f1b_bcdc
        default: (b ^ c ^ d) &+ 0xca62_c1d6
        }
    }
}
