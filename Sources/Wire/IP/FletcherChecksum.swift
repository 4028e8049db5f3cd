// SPDX-License-Identifier: Apache-2.0

/// The two-octet checksum of ISO 8473 (RFC 905 annex B, RFC 1008) that link-state advertisements of
/// OSPF and IS-IS carry.
package enum FletcherChecksum {
    /// What the checksum field must hold so that the octets verify.
    /// - Parameters:
    ///   - octets: what is summed; the field's own two octets count as zero.
    ///   - offset: where the field begins in `octets`.
    /// - Precondition: the field lies within the octets.
    package static func of(_ octets: ArraySlice<UInt8>, fieldAt offset: Int) -> UInt16 {
        let field = octets.startIndex + offset
        precondition(offset >= 0 && field + 2 <= octets.endIndex, "the field is one of the octets")
        let (c0, c1) = sums(octets, without: field)
        // The octets that make both sums zero, each from 1 to 255: zero means no checksum.
        let rest = octets.count - offset - 1
        let x = (rest * c0 - c1) % 255
        let y = (c1 - (rest + 1) * c0) % 255
        return UInt16(positive(x)) << 8 | UInt16(positive(y))
    }

    /// Whether octets that hold their checksum are as they were written.
    package static func verifies(_ octets: ArraySlice<UInt8>) -> Bool {
        sums(octets, without: nil) == (0, 0)
    }

    private static func positive(_ value: Int) -> Int { value <= 0 ? value + 255 : value }

    private static func sums(_ octets: ArraySlice<UInt8>, without field: Int?) -> (Int, Int) {
        var (c0, c1) = (0, 0)
        for index in octets.indices {
            let isField = field.map { index == $0 || index == $0 + 1 } ?? false
            c0 = (c0 + (isField ? 0 : Int(octets[index]))) % 255
            c1 = (c1 + c0) % 255
        }
        return (c0, c1)
    }
}
