// SPDX-License-Identifier: Apache-2.0

/// What names may look like.
enum Names {
    /// The longest interface name that Linux takes (IFNAMSIZ less the closing zero).
    static let interfaceLengthMax = 15
    /// Words that stand where a node's name could.
    static let reserved = ["discard", "none"]

    static func isValid(_ name: String, alsoAllowed: String) -> Bool {
        guard let first = name.utf8.first, isAlphanumeric(first), name.utf8.count <= 63
        else { return false }
        return name.utf8.allSatisfy { isAlphanumeric($0) || alsoAllowed.utf8.contains($0) }
    }

    /// What the kernel and the plan name themselves is not for links; a dot comes before a VLAN.
    @Sendable static func isInterface(_ name: String) -> Bool {
        name.utf8.count <= interfaceLengthMax && isValid(name, alsoAllowed: "-_")
            && !kernelNames.contains(name) && !planPrefixes.contains { name.hasPrefix($0) }
    }

    /// What the kernel makes itself, or means something else by.
    static let kernelNames = ["lo", "all", "default", "gre0", "gretap0", "erspan0"]
    /// How the names of devices start that the plan makes.
    static let planPrefixes = ["vrrp", "vrf-", "pop-", "gre-", "mgre-"]

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
    }
}
