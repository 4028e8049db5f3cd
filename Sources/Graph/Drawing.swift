// SPDX-License-Identifier: Apache-2.0

import Primitives
import Topology

/// A node's part in the network; `Drawing` has nodes of its own.
package typealias NodeRole = Node.Role

/// What there is to draw of a lab: its nodes, what joins them, and who speaks BGP with whom. Where
/// each thing stands on the page is `Layout`'s business.
package struct Drawing: Hashable, Sendable {
    package var name: String
    /// One line for people; may be empty.
    package var description: String
    package var nodes: [Node]
    package var links: [Link]
    package var lans: [LAN]
    package var sessions: [Session]
    /// Names of VRFs, in the order in which the file first names them; a VRF's colour is its
    /// position here.
    package var vrfs: [String]

    package struct Node: Hashable, Sendable {
        package var name: String
        package var role: NodeRole
        package var autonomousSystem: ASNumber?
        package var loopbacks: [IPAddress]
        package var vrfs: [String]
        package var isReflector: Bool
        /// Its router does not run; only a running lab can tell.
        package var isStopped = false
    }

    /// Where a link or LAN ends.
    package struct End: Hashable, Sendable {
        /// Position in `nodes`.
        package var node: Int
        package var interface: String
        package var addresses: [InterfaceAddress]
        /// The interface has no carrier; only a running lab can tell.
        package var isDown = false
    }

    package struct Link: Hashable, Sendable {
        package var name: String
        package var a: End
        package var b: End
        package var vlan: UInt16?
        /// Of the end that is in one.
        package var vrf: String?
        /// Both ends belong to the provider's core.
        package var isCore: Bool

        package var isDown: Bool { a.isDown || b.isDown }
    }

    package struct LAN: Hashable, Sendable {
        package var name: String
        package var ends: [End]
        package var vlan: UInt16?
        package var vrf: String?
        /// Of the VRRP groups on it.
        package var virtualAddresses: [IPAddress]
    }

    /// A BGP session between two nodes of the lab.
    package struct Session: Hashable, Sendable {
        package enum Kind: String, Hashable, Sendable {
            case `internal`
            /// `a` reflects routes to its client `b` (RFC 4456).
            case reflector
            case external
        }

        /// Positions in `nodes`.
        package var a: Int
        package var b: Int
        package var addressOfA: IPAddress
        package var addressOfB: IPAddress
        package var kind: Kind
        /// Of the end that is in one.
        package var vrf: String?
        package var families: [BGPFamily]
        /// As the file has it.
        package var isDeactivated: Bool
        /// As a running lab has it: `established`, `idle` and so on; nil from a file.
        package var state: String?

        /// Whether a running lab says that it is not there.
        package var isDown: Bool { state.map { $0 != "established" } ?? isDeactivated }
    }

    /// Whether this lab's provider has routers of its own, around which the rest is arranged.
    var hasProvider: Bool { nodes.contains { $0.role == .pe } }
}

extension NodeRole {
    /// What a node of this role is called on a drawing.
    package var label: String { self == .host ? "host" : rawValue.uppercased() }
}
