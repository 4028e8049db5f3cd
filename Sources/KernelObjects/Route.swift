// SPDX-License-Identifier: Apache-2.0

import Primitives

/// The number of a routing table.
package enum RoutingTable {
    /// The table of the default VRF.
    package static let main: UInt32 = 254
    /// The kernel's own table of local and broadcast addresses.
    package static let local: UInt32 = 255
}

/// Who installed a route (rtm_protocol). Weft removes only what carries its own number.
package enum RouteProtocol {
    /// A number that no well-known program uses (iproute2's rt_protos).
    package static let weft: UInt8 = 77
}

/// An IPv4 or IPv6 route.
package struct Route: Hashable, Sendable {
    package var key: Key
    package var action: Action
    /// RTA_PREFSRC: the source of packets that this node itself sends by this route. In IPv6 it
    /// must be of the VRF that the next hop's link is in, or the kernel refuses the route.
    package var preferredSource: IPAddress?

    /// What tells one route from another.
    package struct Key: Hashable, Sendable, Comparable {
        package var table: UInt32
        package var prefix: IPPrefix
        /// Lower is preferred. 0 means the kernel's default (0 for IPv4, 1024 for IPv6).
        package var metric: UInt32

        package init(table: UInt32, prefix: IPPrefix, metric: UInt32 = 0) {
            self.table = table
            self.prefix = prefix
            self.metric = metric
        }

        package static func < (a: Self, b: Self) -> Bool {
            (a.table, a.prefix, a.metric) < (b.table, b.prefix, b.metric)
        }
    }

    package enum Action: Hashable, Sendable {
        /// One next hop, or several of equal cost; never empty.
        case forward([RouteNextHop])
        /// By the next hops of the group of this number (RTA_NH_ID).
        case group(UInt32)
        /// Answers with ICMP unreachable.
        case unreachable
        /// Drops in silence.
        case blackhole
    }

    package init(key: Key, action: Action, preferredSource: IPAddress? = nil) {
        self.key = key
        self.action = action
        self.preferredSource = preferredSource
    }
}

/// Where a route sends a packet.
package struct RouteNextHop: Hashable, Sendable {
    /// The gateway; nil when the destination is on the link itself. Its family may differ from
    /// the route's (RTA_VIA; in an IPv6 route an IPv4-mapped RTA_GATEWAY, RFC 4659 §3, which works
    /// only with labels).
    package var via: IPAddress?
    package var link: String
    /// The MPLS labels to push, top first; empty for plain IP.
    package var labels: [Label]
    /// Take the gateway as a neighbour on the link without looking it up (RTNH_F_ONLINK).
    package var isOnLink: Bool

    package init(via: IPAddress?, link: String, labels: [Label] = [], isOnLink: Bool = false) {
        self.via = via
        self.link = link
        self.labels = labels
        self.isOnLink = isOnLink
    }
}

/// What happens to a packet that arrives with a label (an incoming label map entry, RFC 3031
/// §3.11).
package struct LabelRoute: Hashable, Sendable {
    package var label: Label
    package var action: Action

    package enum Action: Hashable, Sendable {
        /// Swap the label for `labels` (none: pop) and send to the next hop.
        case forward([RouteNextHop])
        /// Pop, and look the packet of the family up in the VRF whose device is named. `popDevice`
        /// is a dummy link enslaved to the VRF: packets are redirected to its ingress so that TTL
        /// handling is IP's own and this router shows up in a traceroute. `links` are the links on
        /// which labelled packets arrive; each gets the redirecting filter.
        case decapsulate(vrf: String, popDevice: String, links: [String], family: AddressFamily)
    }

    package init(label: Label, action: Action) {
        self.label = label
        self.action = action
    }
}

/// A routing policy rule (`ip rule`).
package struct Rule: Hashable, Sendable, Comparable {
    package var family: AddressFamily
    package var priority: UInt32
    package var table: UInt32
    /// Only packets with this mark; 0 means all.
    package var mark: UInt32

    package init(family: AddressFamily, priority: UInt32, table: UInt32, mark: UInt32 = 0) {
        self.family = family
        self.priority = priority
        self.table = table
        self.mark = mark
    }

    package static func < (a: Self, b: Self) -> Bool {
        (a.family, a.priority, a.table, a.mark) < (b.family, b.priority, b.table, b.mark)
    }
}

/// A kernel parameter of one namespace.
package struct Sysctl: Hashable, Sendable {
    /// The path below /proc/sys, with slashes: `net/ipv4/ip_forward`.
    package var path: String
    package var value: String

    package init(_ path: String, _ value: String) {
        self.path = path
        self.value = value
    }

    /// Whether it is about one link, which must be there, and not about the whole namespace.
    package var isAboutLink: Bool {
        let parts = path.split(separator: "/")
        guard let conf = parts.firstIndex(of: "conf"), conf + 1 < parts.count else { return false }
        return parts[conf + 1] != "all" && parts[conf + 1] != "default"
    }
}
