// SPDX-License-Identifier: Apache-2.0

import Wire

/// Path attributes behind a reference. The routes of one UPDATE share one object, so that a table
/// of many prefixes holds few copies and most comparisons end at the identity.
package final class SharedAttributes: Hashable, Sendable {
    package let value: PathAttributes

    package init(_ value: PathAttributes) { self.value = value }

    package static func == (a: SharedAttributes, b: SharedAttributes) -> Bool {
        a === b || a.value == b.value
    }

    /// The members that tell most attribute sets apart; equality looks at the rest.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(value.asPath)
        hasher.combine(value.nextHop)
        hasher.combine(value.med)
        hasher.combine(value.localPreference)
        hasher.combine(value.originatorID)
    }
}
