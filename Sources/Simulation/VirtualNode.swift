// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives

/// A node of a virtual network: its router, and what a kernel would hold for it.
struct VirtualNode {
    var configuration: RouterConfiguration
    /// nil while the node is dead.
    var router: Router?
    /// Grows with every death, so that what was under way for an earlier life is told apart.
    var life = 0
    /// By VRF; the default one's name is empty.
    var tables: [String: ForwardingTable] = [:]
    var labels: [Label: LabelAction] = [:]
    /// Of multipoint tunnels: by interface and gateway, where packets are sent.
    private(set) var endpoints: [String: [IPAddress: IPv4Address]] = [:]
    var groups: [ForwardingGroup.ID: ForwardingGroup] = [:]
    /// The number of the latest arming of each timer.
    var timers: [TimerID: UInt64] = [:]
    /// Virtual addresses held, by device.
    var virtualAddresses: [String: [IPAddress]] = [:]
    var sockets: [ConnectionID: Socket] = [:]
    var acceptedCount: UInt64 = 0
    /// Where interfaces are plugged in, and what the router was told of them.
    var ports: [String: Port] = [:]

    struct Port {
        var segment: Int
        var isUp = false
    }

    /// One end of a transport connection.
    struct Socket {
        var transport: Int
        var side: Int
    }

    init(_ configuration: RouterConfiguration) { self.configuration = configuration }

    /// What dies with the node.
    mutating func die() {
        life += 1
        router = nil
        tables = [:]
        labels = [:]
        endpoints = [:]
        groups = [:]
        timers = [:]
        virtualAddresses = [:]
        sockets = [:]
        for name in ports.keys { ports[name]?.isUp = false }
    }

    func interface(_ name: String) -> InterfaceConfiguration? {
        configuration.interfaces.first { $0.name == name }
    }

    /// Whether packets to an address in a VRF are for the node itself.
    func holds(_ address: IPAddress, vrf: String?) -> Bool {
        let isConfigured = configuration.interfaces.contains { interface in
            interface.vrf == vrf && interface.addresses.contains { $0.address == address }
        }
        return isConfigured
            || configuration.vrrpGroups.contains {
                $0.vrf == vrf && virtualAddresses[$0.device]?.contains(address) == true
            }
    }

    /// Whether the node answers ARP for an address on an interface.
    func answers(for address: IPAddress, on interface: InterfaceConfiguration) -> Bool {
        interface.addresses.contains { $0.address == address }
            || configuration.vrrpGroups.contains {
                $0.interface == interface.name
                    && virtualAddresses[$0.device]?.contains(address) == true
            }
    }

    mutating func apply(_ change: ForwardingChange) {
        switch change {
        case .setRoute(let route): tables[route.vrf ?? "", default: .init()].set(route)
        case .removeRoute(let vrf, let prefix):
            tables[vrf ?? "", default: .init()].remove(prefix)
        case .setLabel(let label, let action): labels[label] = action
        case .removeLabel(let label): labels[label] = nil
        case .setEndpoint(let endpoint):
            endpoints[endpoint.interface, default: [:]][endpoint.overlay] = endpoint.transport
        case .removeEndpoint(let interface, let overlay): endpoints[interface]?[overlay] = nil
        case .setGroup(let group): groups[group.id] = group
        case .removeGroup(let id): groups[id] = nil
        }
    }

    /// A route with the next hops of its group as its own. As in a kernel, the group's backup
    /// carries packets as soon as the links of all its next hops are lost.
    func resolved(_ route: ForwardingRoute) -> ForwardingRoute {
        guard let id = route.group, let group = groups[id] else { return route }
        var route = route
        route.group = nil
        let live = group.nextHops.filter { ports[$0.interface]?.isUp ?? true }
        route.nextHops = live.isEmpty && !group.backup.isEmpty ? group.backup : group.nextHops
        return route
    }
}

/// Routes by longest match.
struct ForwardingTable {
    private var routes: [IPPrefix: ForwardingRoute] = [:]
    /// How many routes there are of each length, so that only those are tried.
    private var counts = [Int](repeating: 0, count: 129)

    mutating func set(_ route: ForwardingRoute) {
        if routes.updateValue(route, forKey: route.prefix) == nil {
            counts[Int(route.prefix.length)] += 1
        }
    }

    mutating func remove(_ prefix: IPPrefix) {
        if routes.removeValue(forKey: prefix) != nil { counts[Int(prefix.length)] -= 1 }
    }

    func route(to prefix: IPPrefix) -> ForwardingRoute? { routes[prefix] }

    var all: [ForwardingRoute] { routes.values.sorted { $0.prefix < $1.prefix } }

    /// The longest match that is longer than `length`, or any where that is nil.
    func match(_ address: IPAddress, longerThan length: UInt8?) -> ForwardingRoute? {
        let floor = length.map { Int($0) + 1 } ?? 0
        for length in stride(from: address.family.bitWidth, through: floor, by: -1)
        where counts[length] > 0 {
            if let route = routes[IPPrefix(address, length: UInt8(length))] { return route }
        }
        return nil
    }
}
