// SPDX-License-Identifier: Apache-2.0

import Testing

/// Octets from annotated hexadecimal: what follows a '#' is for the reader.
func hex(_ text: String) throws -> [UInt8] {
    let lines = text.split(separator: "\n").map { $0.prefix { $0 != "#" } }
    return try lines.flatMap { $0.split(separator: " ") }.map { digits in
        try #require(digits.count == 2 ? UInt8(digits, radix: 16) : nil, "\(digits) is no octet")
    }
}
