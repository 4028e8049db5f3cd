// SPDX-License-Identifier: Apache-2.0

import Engine
import Plan
import Primitives
import Topology

extension VirtualNetwork {
    /// Makes the lab that of another plan while it runs, in the steps of a supervisor: nodes that
    /// go say goodbye, routers retire what goes, cables are laid, routers take their new
    /// configuration, and new nodes start. Pulled cables stay pulled.
    package mutating func change(to plan: LabPlan) {
        remove(names.filter { plan.router($0) == nil })
        let changed = plan.routers.filter { router in
            positions[router.name].map { nodes[$0].configuration != router } ?? false
        }
        for router in changed {
            command(router.name, .reconfigure(configuration(router.name).retiring(for: router)))
        }
        run(for: Self.farewellTime)
        let added = plan.routers.filter { positions[$0.name] == nil }
        for router in added { add(router) }
        lay(plan)
        for router in changed { reconfigure(router) }
        settleCarrier()
        for router in added { start(router.name) }
    }

    /// What goodbyes have to arrive.
    private static let farewellTime = Duration.milliseconds(10)

    private func configuration(_ name: String) -> RouterConfiguration {
        nodes[position(name)].configuration
    }

    private mutating func remove(_ names: [String]) {
        for name in names { stop(name) }
        run(for: Self.farewellTime)
        for name in names { positions[name] = nil }
    }

    private mutating func reconfigure(_ router: RouterConfiguration) {
        let node = position(router.name)
        let before = nodes[node].configuration.tunnelInterfaces
        nodes[node].configuration = router
        guard nodes[node].router != nil else { return }
        command(router.name, .reconfigure(router))
        for interface in router.tunnelInterfaces where !before.contains(interface) {
            put(.link(interface: interface, isUp: true), to: node)
        }
    }

    /// Takes cables out that the plan has not, and puts new ones in.
    private mutating func lay(_ plan: LabPlan) {
        let links = plan.topology.links.map { ($0.name, [$0.a, $0.b], false) }
        let lans = plan.topology.lans.map { ($0.name, $0.endpoints, true) }
        var wanted: [(name: String, ends: [Endpoint], isLAN: Bool)] = links + lans
        for segment in segments.indices {
            let ends = Set(segments[segment].ends.map(endpoint))
            let same = wanted.firstIndex { $0.name == segments[segment].name }
            if let same, Set(wanted[same].ends) == ends {
                wanted.remove(at: same)
            } else {
                unplug(segment, but: same.map { wanted[$0] }.flatMap { $0.isLAN ? $0.ends : nil })
            }
        }
        for cable in wanted {
            join(cable.name, cable.ends.map { ($0.node, $0.interface) }, isLAN: cable.isLAN)
        }
    }

    private func endpoint(_ end: Segment.End) -> Endpoint {
        Endpoint(node: nodes[end.node].configuration.name, interface: end.interface)
    }

    /// Takes a cable out. Ends that another LAN of the same name takes over are not told.
    private mutating func unplug(_ segment: Int, but kept: [Endpoint]?) {
        for end in segments[segment].ends {
            let port = nodes[end.node].ports.removeValue(forKey: end.interface)
            let isKept = kept?.contains(endpoint(end)) ?? false
            if port?.isUp == true, !isKept {
                put(.link(interface: end.interface, isUp: false), to: end.node)
            }
        }
        segments[segment].ends = []
    }

    /// What a node's kernel would hold: routes, labels and tunnel endpoints, a line each.
    package func forwarding(_ name: String) -> [String] {
        let node = nodes[position(name)]
        let routes = node.tables.sorted { $0.key < $1.key }.flatMap { vrf, table in
            table.all.map { Effect.forwarding(.setRoute(node.resolved($0))).json.text }
        }
        let labels = node.labels.sorted { $0.key < $1.key }
            .map { Effect.forwarding(.setLabel($0.key, $0.value)).json.text }
        let endpoints = node.endpoints.sorted { $0.key < $1.key }.flatMap { interface, ends in
            ends.sorted { $0.key < $1.key }.map { "\(interface) \($0.key) \($0.value)" }
        }
        return routes + labels + endpoints
    }
}
