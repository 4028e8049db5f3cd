// SPDX-License-Identifier: Apache-2.0

import Primitives

/// The one's complement sum of 16-bit words that IPv4, ICMP, UDP and VRRP have (RFC 1071).
package struct InternetChecksum {
    private var sum: UInt64 = 0

    package init() {}

    /// Begins with the pseudo-header of the address family: IPv4 as UDP has it (RFC 768), IPv6 as
    /// every upper layer has it (RFC 8200 §8.1).
    package init(
        source: IPAddress, destination: IPAddress, nextHeader: UInt8, length: Int
    ) {
        add(source.bits)
        add(destination.bits)
        sum += UInt64(nextHeader)
        sum += UInt64(length & 0xffff) + UInt64(length >> 16 & 0xffff)
    }

    private mutating func add(_ bits: UInt128) {
        for shift in stride(from: UInt128(0), to: 128, by: 16) {
            sum += UInt64(truncatingIfNeeded: bits >> shift & 0xffff)
        }
    }

    /// Adds octets as words; an odd last one is the high half of a word.
    package mutating func add(_ octets: [UInt8]) {
        var index = 0
        while index + 1 < octets.count {
            sum += UInt64(octets[index]) << 8 | UInt64(octets[index + 1])
            index += 2
        }
        if index < octets.count { sum += UInt64(octets[index]) << 8 }
    }

    /// What the checksum field must hold; zero over octets that hold a right one.
    package var value: UInt16 {
        var folded = sum
        while folded >> 16 != 0 { folded = (folded & 0xffff) + folded >> 16 }
        return ~UInt16(truncatingIfNeeded: folded)
    }
}

extension InternetChecksum {
    /// The checksum of octets alone.
    package static func of(_ octets: [UInt8]) -> UInt16 {
        var checksum = InternetChecksum()
        checksum.add(octets)
        return checksum.value
    }
}
