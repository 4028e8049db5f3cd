// SPDX-License-Identifier: Apache-2.0

import Primitives

/// The tunnel endpoints in use: exactly those that active routes of VRFs lead to.
package struct EndpointTable: Sendable {
    package struct Use: Sendable {
        /// How many routes use it.
        package var routes: Int
        /// Since when any did.
        package fileprivate(set) var since: Instant
    }

    /// By carrier, which has an endpoint. A use without routes goes when the event ends.
    package private(set) var uses: [Carrier: Use] = [:]
    /// What the kernel was told: of multipoint tunnels only.
    private var told: [Key: IPv4Address] = [:]
    private var isSettled = true

    /// What the kernel knows an endpoint by.
    private struct Key: Hashable, Comparable {
        var interface: String
        var overlay: IPAddress

        static func < (a: Key, b: Key) -> Bool {
            (a.interface, a.overlay) < (b.interface, b.overlay)
        }
    }

    /// One more route uses a carrier that has an endpoint.
    mutating func use(_ carrier: Carrier, at now: Instant) {
        uses[carrier, default: Use(routes: 0, since: now)].routes += 1
        isSettled = false
    }

    mutating func leave(_ carrier: Carrier) {
        uses[carrier]?.routes -= 1
        isSettled = false
    }

    /// What is to be told when all routes of an event are known.
    ///
    /// Where routes of one next hop name several ends of the tunnel (RFC 9012 lets them), the
    /// lowest is taken for all: it is the same router, and the kernel knows one.
    mutating func settle() -> (set: [ForwardingChange], remove: [ForwardingChange]) {
        guard !isSettled else { return ([], []) }
        isSettled = true
        uses = uses.filter { $0.value.routes > 0 }
        var wanted: [Key: IPv4Address] = [:]
        for carrier in uses.keys where carrier.isMultipoint {
            guard let endpoint = carrier.endpoint else { continue }
            let key = Key(interface: endpoint.interface, overlay: endpoint.overlay)
            wanted[key] = min(wanted[key] ?? endpoint.transport, endpoint.transport)
        }
        let set = wanted.filter { told[$0.key] != $0.value }
        let gone = told.keys.filter { wanted[$0] == nil }.sorted()
        told = wanted
        return (
            Self.changes(set),
            gone.map { .removeEndpoint(interface: $0.interface, overlay: $0.overlay) }
        )
    }

    mutating func inheritAges(from old: EndpointTable) {
        for (carrier, use) in old.uses { uses[carrier]?.since = use.since }
    }

    /// What has to be told a kernel that was told another table.
    func difference(
        from old: EndpointTable
    ) -> (set: [ForwardingChange], remove: [ForwardingChange]) {
        let gone = old.told.keys.filter { told[$0] == nil }.sorted()
        return (
            Self.changes(told.filter { old.told[$0.key] != $0.value }),
            gone.map { .removeEndpoint(interface: $0.interface, overlay: $0.overlay) }
        )
    }

    /// What the kernel was told of an interface, once more.
    func restored(_ interface: String) -> [ForwardingChange] {
        Self.changes(told.filter { $0.key.interface == interface })
    }

    private static func changes(_ endpoints: [Key: IPv4Address]) -> [ForwardingChange] {
        endpoints.sorted { $0.key < $1.key }.map { key, transport in
            .setEndpoint(
                TunnelEndpoint(
                    interface: key.interface, overlay: key.overlay, transport: transport))
        }
    }
}
