// SPDX-License-Identifier: Apache-2.0

/// Why bytes are not what a codec expects, or why a value does not fit its field.
package struct WireError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The field's name, as its RFC writes it.
    package let field: String
    /// The octet at which the field begins, counted from the start of what was read or written.
    package let offset: Int
    package let problem: Problem

    package init(_ problem: Problem, field: String, offset: Int) {
        self.problem = problem
        self.field = field
        self.offset = offset
    }

    package enum Problem: Hashable, Sendable {
        /// The field needs more octets than are left.
        case truncated(needed: Int, available: Int)
        /// Octets are left over where the field should be the last.
        case trailing(octets: Int)
        /// The field holds a value that it must not have.
        case invalidValue(UInt64)
        /// The octets do not sum to what the checksum says.
        case checksumMismatch
        /// A value to be written is larger than its field, or than the whole message, may be.
        case tooLong(octets: Int, limit: Int)
    }

    package var description: String {
        let what =
            switch problem {
            case .truncated(let needed, let available):
                "needs \(needed) octets, \(available) are left"
            case .trailing(let octets): "\(octets) octets too many"
            case .invalidValue(let value): "must not be \(value)"
            case .checksumMismatch: "checksum does not match"
            case .tooLong(let octets, let limit): "\(octets) octets, at most \(limit) fit"
            }
        return "\(field) at octet \(offset): \(what)"
    }
}
