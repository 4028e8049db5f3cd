// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Values by prefix, found by longest match.
package struct PrefixIndex<Value: Sendable>: Sendable {
    package private(set) var entries: [IPPrefix: Value] = [:]
    /// How many entries each length has, so that only those in use are tried.
    private var counts = [Int](repeating: 0, count: 129)

    package init() {}

    package subscript(prefix: IPPrefix) -> Value? {
        get { entries[prefix] }
        set {
            let isKnown = entries[prefix] != nil
            entries[prefix] = newValue
            if isKnown != (newValue != nil) {
                counts[Int(prefix.length)] += isKnown ? -1 : 1
            }
        }
    }

    /// The entry of the longest prefix that holds the address.
    package func lookUp(_ address: IPAddress) -> (prefix: IPPrefix, value: Value)? {
        for length in stride(from: address.family.bitWidth, through: 0, by: -1)
        where counts[length] > 0 {
            let prefix = IPPrefix(address, length: UInt8(length))
            if let value = entries[prefix] { return (prefix, value) }
        }
        return nil
    }
}
