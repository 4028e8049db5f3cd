// SPDX-License-Identifier: Apache-2.0

import Kernel

/// The daemons of FRR that a node may run, in the order in which they are started: those that
/// others ask come first, and BGP takes its labels before LDP does.
package enum FRRDaemon: String, Hashable, Sendable, CaseIterable, Comparable {
    case zebra, bfdd, staticd, isisd, ospfd, bgpd, ldpd

    /// Where Debian's package has them.
    package static let folder = "/usr/lib/frr"
    /// Debian's name of what has them.
    package static let package = "frr"

    package var program: String { "\(Self.folder)/\(rawValue)" }

    /// Those that this machine does not have.
    package static var missing: [FRRDaemon] {
        allCases.filter { !FileSystem.exists($0.program) }
    }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

    package static func < (a: Self, b: Self) -> Bool { a.rank < b.rank }
}
