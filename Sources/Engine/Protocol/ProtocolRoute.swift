// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// A route that a protocol found.
package struct ProtocolRoute: Hashable, Sendable {
    package var prefix: IPPrefix
    package var source: RouteSource
    /// Of equal cost, in a fixed order; none discards. They have no labels.
    package var nextHops: [ForwardingNextHop]
    package var metric: UInt32
    /// Against routes of other sources; the source's own where nil.
    package var preference: UInt32?
    /// What BGP starts from when it announces the route, e.g. MED and the communities of RFC 4577.
    package var attributes: PathAttributes

    package init(
        prefix: IPPrefix, source: RouteSource, nextHops: [ForwardingNextHop], metric: UInt32,
        preference: UInt32? = nil, attributes: PathAttributes = PathAttributes()
    ) {
        self.prefix = prefix
        self.source = source
        self.nextHops = nextHops
        self.metric = metric
        self.preference = preference
        self.attributes = attributes
    }
}

/// An active route of a table, as protocols of the same VRF are told of it.
package struct OfferedRoute: Hashable, Sendable {
    package var source: RouteSource
    package var nextHops: [ForwardingNextHop]
    /// Interior cost.
    package var metric: UInt32
    /// After the instance's export policy.
    package var attributes: PathAttributes
    /// It came from a remote PE by the VPN (RFC 4577 §4.2.2).
    package var isFromVPN: Bool

    package init(
        source: RouteSource, nextHops: [ForwardingNextHop], metric: UInt32,
        attributes: PathAttributes = PathAttributes(), isFromVPN: Bool = false
    ) {
        self.source = source
        self.nextHops = nextHops
        self.metric = metric
        self.attributes = attributes
        self.isFromVPN = isFromVPN
    }
}

/// A signalled way for labelled packets to a forwarding equivalence class (RFC 3031 §3.1).
package struct LabelSwitchedPath: Hashable, Sendable {
    package var destination: IPPrefix
    /// Of equal cost, in a fixed order, with the labels to push: none towards the last hop with
    /// penultimate-hop popping.
    package var nextHops: [ForwardingNextHop]
    /// The interior cost that it tracks.
    package var metric: UInt32

    package init(destination: IPPrefix, nextHops: [ForwardingNextHop], metric: UInt32) {
        self.destination = destination
        self.nextHops = nextHops
        self.metric = metric
    }
}
