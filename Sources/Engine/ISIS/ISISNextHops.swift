// SPDX-License-Identifier: Apache-2.0

import Primitives

/// The next hops of equal cost that some ways out of a router come to, of both families.
struct ISISNextHops: Hashable, Sendable {
    /// An adjacency by which paths begin.
    struct Way: Hashable, Sendable {
        var interface: String
        /// At most one of each family.
        var gateways: [IPAddress]
    }

    private let ipv4: [ForwardingNextHop]
    private let ipv6: [ForwardingNextHop]

    /// How many next hops a route may have.
    static let countMax = 32

    init(_ ways: [Way]) {
        func hops(_ family: AddressFamily) -> [ForwardingNextHop] {
            Self.sorted(
                Set(
                    ways.flatMap { way in
                        way.gateways.filter { $0.family == family }.map {
                            ForwardingNextHop(gateway: $0, interface: way.interface)
                        }
                    }))
        }
        ipv4 = hops(.ipv4)
        ipv6 = hops(.ipv6)
    }

    subscript(family: AddressFamily) -> [ForwardingNextHop] { family == .ipv4 ? ipv4 : ipv6 }

    /// In a fixed order, and not too many.
    static func sorted(_ hops: Set<ForwardingNextHop>) -> [ForwardingNextHop] {
        Array(
            hops.sorted { ($0.gateway, $0.interface) < ($1.gateway, $1.interface) }
                .prefix(countMax))
    }
}
