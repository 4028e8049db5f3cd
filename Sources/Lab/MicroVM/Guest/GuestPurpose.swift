// SPDX-License-Identifier: Apache-2.0

import Kernel

/// Which supervisor a guest's first process shall start, as words of its command line after `init`.
package enum GuestPurpose: Hashable, Sendable {
    /// That of a lab.
    case lab(name: String)
    /// One that runs tools for a single client.
    case commands

    /// Reads the words; nil for others.
    package init?(_ words: [String]) {
        switch (words.first, words.count) {
        case ("lab", 2): self = .lab(name: words[1])
        case ("commands", 1): self = .commands
        default: return nil
        }
    }

    package var words: [String] {
        switch self {
        case .lab(let name): ["lab", name]
        case .commands: ["commands"]
        }
    }
}
