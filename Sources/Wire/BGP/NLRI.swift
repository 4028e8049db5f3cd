// SPDX-License-Identifier: Apache-2.0

import Primitives

/// One destination in an UPDATE, of any family (RFC 4271 §4.3, RFC 4364 §4.3.4, RFC 8277 §2.2).
package struct NLRI: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Present in the VPN families only.
    package var rd: RouteDistinguisher?
    /// The label stack of an announced route of a family that has labels, top first: one label,
    /// since we do not offer the multiple labels capability (RFC 8277 §2.1). Empty in withdrawals
    /// and in other families.
    package var labels: [Label]
    package var prefix: IPPrefix
    /// Path identifier (RFC 7911 §3); nil where ADD-PATH is not negotiated.
    package var pathID: UInt32?

    package init(
        rd: RouteDistinguisher? = nil, labels: [Label] = [], prefix: IPPrefix,
        pathID: UInt32? = nil
    ) {
        self.rd = rd
        self.labels = labels
        self.prefix = prefix
        self.pathID = pathID
    }

    /// The same destination as a withdrawal names it: without labels.
    package var unlabelled: NLRI { NLRI(rd: rd, prefix: prefix, pathID: pathID) }

    /// `1:1:10.0.0.3/32 label 299776`
    package var description: String {
        let name = rd.map { "\($0):\(prefix)" } ?? "\(prefix)"
        return labels.isEmpty
            ? name : "\(name) label \(labels.map(\.description).joined(separator: "/"))"
    }

    /// By distinguisher, prefix, path identifier; labels break ties so that the order is total.
    package static func < (a: Self, b: Self) -> Bool {
        let (x, y) = (a.rd?.bits ?? 0, b.rd?.bits ?? 0)
        if x != y { return x < y }
        if a.prefix != b.prefix { return a.prefix < b.prefix }
        if a.pathID != b.pathID { return (a.pathID ?? 0) < (b.pathID ?? 0) }
        return a.labels.lexicographicallyPrecedes(b.labels)
    }
}
