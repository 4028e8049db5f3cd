// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Neighbors of a routing protocol, or sessions of BFD, as one node sees them.
package struct AdjacencyCheck: Hashable, Sendable {
    package var node: String
    package var vrf: String?
    package var kind: Kind
    /// Each by the members of the protocol's answer that tell it from others; never empty.
    package var neighbors: [Neighbor]
    /// Each of them; or none of them.
    package var isUp: Bool

    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case isis, ospf, ospf3, ldp, bfd
    }

    package struct Neighbor: Hashable, Sendable {
        /// The node's name, or an address.
        package var name: String
        /// `Interface.name`, where it tells neighbors apart.
        package var interface: String?
        /// A system identifier, a router ID or an address.
        package var identifier: String
    }
}

/// A route that OSPF itself has computed, whether or not it is in the routing table.
package struct OSPFRouteCheck: Hashable, Sendable {
    package var node: String
    package var vrf: String?
    /// Its family says which version of OSPF is asked.
    package var prefix: IPPrefix
    /// nil for any.
    package var kind: Kind?

    /// The types of paths (RFC 2328 §11), by the names that `Query.routing(.ospf)` has for them.
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case intraArea = "intra-area"
        case interArea = "inter-area"
        case external1 = "external-1"
        case external2 = "external-2"
    }
}
