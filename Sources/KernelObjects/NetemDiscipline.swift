// SPDX-License-Identifier: Apache-2.0

import Primitives

/// The root queueing discipline of a link that impairs what the link sends (tc-netem(8)).
package struct NetemDiscipline: Hashable, Sendable {
    package var impairment: Impairment
    /// The most packets that may be under way in it; more are dropped.
    package var limit: UInt32

    /// As tc(8) has it.
    package static let limitDefault: UInt32 = 1000

    package init(_ impairment: Impairment, limit: UInt32 = Self.limitDefault) {
        self.impairment = impairment
        self.limit = limit
    }
}
