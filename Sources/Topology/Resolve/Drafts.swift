// SPDX-License-Identifier: Apache-2.0

import Primitives

/// A node while it is being resolved.
struct NodeDraft {
    var node: Node
    var fields: Fields
    /// Where its ends are: a segment's index and the end's index within.
    var attachments: [Attachment] = []
    /// Whether everything about its addresses is known; after a mistake, what depends on them would
    /// only be reported a second time.
    var isCertain = true
    /// Whether none of its BGP neighbors has a mistake.
    var knowsNeighbors = true
    /// What the file calls its VRFs, in order; also of VRFs that have mistakes.
    var vrfNames: [String] = []
    var autonomousSystem: ASNumber?

    struct Attachment {
        var segment: Int
        var end: Int
    }

    var name: String { node.name }
}

/// A link or LAN while it is being resolved.
struct Segment {
    var name: String
    var isLAN: Bool
    var metric: UInt32
    var vlan: UInt16?
    var mtu: UInt32
    var ends: [End]
    /// Given by the file.
    var subnets: [IPPrefix]
    /// Of IPv6 routers.
    var hasAdvertisements: Bool
    var place: Place
    /// Where the file gives a metric.
    var metricPlace: Place?
    var isCertain: Bool
    /// As the file has it.
    var fields: Fields

    /// "the link juno-luna".
    var title: String { (isLAN ? "the LAN " : "the link ") + name }

    /// A node's end of it.
    struct End {
        /// Index of the node.
        var node: Int
        /// Given by the file, then filled in.
        var device: String?
        var vrf: String?
        var addresses: [InterfaceAddress]
        var place: Place
    }

    /// The end of a node, if it has one.
    func end(of node: Int) -> Int? { ends.firstIndex { $0.node == node } }
}
