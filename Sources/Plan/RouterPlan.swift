// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Topology

/// The configuration of one node's router.
struct RouterPlan {
    let node: Node
    let names: DeviceNames
    let core: CorePaths
    let labels: LabelPlan
    let topology: Topology
    let transports: [NodeTransport]

    init(
        node: Node, _ topology: Topology, _ names: DeviceNames, _ core: CorePaths,
        _ transports: TransportPlan
    ) {
        self.node = node
        self.topology = topology
        self.names = names
        self.core = core
        self.labels = LabelPlan(topology)
        self.transports = transports.transports(of: node)
    }

    var configuration: RouterConfiguration {
        let paths = core.paths(from: node)
        return RouterConfiguration(
            name: node.name, routerID: node.routerID,
            autonomousSystem: node.bgp?.autonomousSystem, clusterID: node.bgp?.clusterID,
            interfaces: interfaces, vrfs: node.vrfs.map(vrf), staticRoutes: staticRoutes(paths),
            tunnels: labelSwitchedPaths(paths) + tunnels(paths),
            transports: transports.map(transport), transportChoice: transportChoice,
            labelSwitches: (core.isLabelled ? paths : []).map {
                LabelSwitchConfiguration(
                    label: $0.label, destination: $0.destination, nextHop: $0.nextHop)
            },
            labelRange: labels.vrfs, neighbors: neighbors, protocols: protocols,
            vrrpGroups: node.vrrpGroups.compactMap(vrrp),
            routerAdvertisements: node.interfaces.flatMap(advertisements),
            policies: usedPolicies)
    }

    private var usedPolicies: [Policy] {
        let names = Set(node.policyNames)
        return topology.policies.filter { names.contains($0.name) }
    }

    private var interfaces: [InterfaceConfiguration] {
        func hosts(_ addresses: [IPAddress]) -> [InterfaceAddress] {
            addresses.map { InterfaceAddress($0, length: UInt8($0.family.bitWidth)) }
        }
        let loopback = InterfaceConfiguration(
            name: "lo", addresses: hosts(node.loopbacks), isLoopback: true)
        let vrfs = node.vrfs.map {
            InterfaceConfiguration(
                name: names.vrf($0.name, of: node).device, vrf: $0.name,
                addresses: hosts($0.loopbacks), isLoopback: true)
        }
        let tunnels = transports.flatMap(\.devices).map {
            InterfaceConfiguration(name: $0.name, addresses: [], carriesMPLS: true)
        }
        let links = node.interfaces.map {
            InterfaceConfiguration(
                name: $0.name, vrf: $0.vrf, addresses: addresses(of: $0.name),
                carriesMPLS: node.takesLabels($0))
        }
        return [loopback] + tunnels + vrfs + links
    }

    private func vrf(_ vrf: VRF) -> VRFConfiguration {
        let names = names.vrf(vrf.name, of: node)
        return VRFConfiguration(
            name: vrf.name, table: names.table, device: names.device, popDevice: names.popDevice,
            routeDistinguisher: vrf.routeDistinguisher, importTargets: vrf.importTargets,
            exportTargets: vrf.exportTargets, importPolicy: vrf.importPolicy,
            exportPolicy: vrf.exportPolicy, sourceAddresses: vrf.sourceAddresses)
    }

    private func staticRoutes(_ paths: [CorePaths.Path]) -> [StaticRouteConfiguration] {
        func configured(_ routes: [StaticRoute], _ vrf: String?) -> [StaticRouteConfiguration] {
            routes.map {
                StaticRouteConfiguration(
                    vrf: vrf, prefix: $0.prefix, gateway: $0.nextHop,
                    bfd: $0.bfd.map(BFDParameters.init))
            }
        }
        return configured(node.staticRoutes, nil)
            + node.vrfs.flatMap { configured($0.staticRoutes, $0.name) }
            + paths.map {
                StaticRouteConfiguration(
                    prefix: $0.destination, gateway: $0.nextHop.gateway, source: .core,
                    metric: $0.metric)
            }
    }

    private var neighbors: [NeighborConfiguration] {
        guard let bgp = node.bgp else { return [] }
        func configured(_ neighbors: [Neighbor], _ vrf: String?) -> [NeighborConfiguration] {
            neighbors.map { neighbor($0, vrf, bgp.autonomousSystem) }
        }
        return configured(bgp.neighbors, nil)
            + node.vrfs.flatMap { configured($0.neighbors, $0.name) }
    }

    private func neighbor(
        _ neighbor: Neighbor, _ vrf: String?, _ localAS: ASNumber
    ) -> NeighborConfiguration {
        NeighborConfiguration(
            name: neighbor.name, vrf: vrf, address: neighbor.address,
            localAddress: neighbor.localAddress, remoteAS: neighbor.remoteAS, localAS: localAS,
            families: neighbor.families, isPassive: neighbor.isPassive,
            password: neighbor.password, holdTime: neighbor.holdTime,
            isRouteReflectorClient: neighbor.isRouteReflectorClient,
            isNextHopSelf: neighbor.isNextHopSelf, isASOverride: neighbor.isASOverride,
            allowASIn: neighbor.allowASIn, maximumPrefixes: neighbor.maximumPrefixes,
            medOut: neighbor.medOut,
            addPath: neighbor.addPath.map { AddPath(receives: true, sendCount: $0) },
            isBestExternal: neighbor.isBestExternal,
            importPolicy: neighbor.importPolicy, exportPolicy: neighbor.exportPolicy,
            multihop: neighbor.multihop, isDeactivated: neighbor.isDeactivated,
            bfd: neighbor.bfd.map(BFDParameters.init))
    }

    /// nil where the interface has no address of the virtual addresses' family; validation forbids
    /// it.
    private func vrrp(_ group: VRRPGroup) -> VRRPConfiguration? {
        guard let interface = node.interface(group.interface),
            let primary = primaryAddress(group, interface)
        else { return nil }
        return VRRPConfiguration(
            interface: group.interface, device: names.vrrpDevice(group, of: node),
            vrf: interface.vrf, group: group.group, version: group.version,
            virtualAddresses: group.virtualAddresses, primaryAddress: primary,
            priority: group.priority, preempt: group.preempt, preemptDelay: group.preemptDelay,
            advertisementInterval: group.advertisementInterval, tracks: group.tracks.map(track))
    }

    /// Where adverts come from: in IPv6 the interface's link-local address (RFC 9568 §5.1.2.1).
    private func primaryAddress(_ group: VRRPGroup, _ interface: Interface) -> IPAddress? {
        if group.family == .ipv6 { return names.mac(of: interface, node).map(IPAddress.linkLocal) }
        return group.virtualAddresses.first.flatMap { virtual in
            interface.addresses.first { $0.prefix.contains(virtual) }?.address
        }
    }

    /// In the name of the interface's virtual routers, or of the interface where it has none.
    private func advertisements(_ interface: Interface) -> [RouterAdvertisementConfiguration] {
        guard node.role != .host, interface.hasRouterAdvertisements,
            let mac = names.mac(of: interface, node)
        else { return [] }
        let subnets = interface.addresses.map(\.prefix).filter { $0.family == .ipv6 }
        let groups = node.vrrpGroups.filter {
            $0.interface == interface.name && $0.family == .ipv6
        }
        if groups.isEmpty {
            return [
                RouterAdvertisementConfiguration(
                    interface: interface.name, device: interface.name, source: .linkLocal(of: mac),
                    linkLayerAddress: mac, prefixes: subnets)
            ]
        }
        return groups.map { group in
            RouterAdvertisementConfiguration(
                interface: interface.name, device: names.vrrpDevice(group, of: node),
                source: group.virtualAddresses[0],
                linkLayerAddress: .virtualRouter(group.group, .ipv6),
                virtualRouter: VRRPKey(
                    interface: interface.name, group: group.group, family: .ipv6),
                prefixes: subnets)
        }
    }

    private func track(_ track: VRRPGroup.Track) -> VRRPConfiguration.Track {
        let object: VRRPConfiguration.Track.Object =
            switch track.object {
            case .interface(let name): .interface(name)
            case .route(let vrf, let prefix): .route(vrf: vrf, prefix: prefix)
            case .session(let vrf, let address): .session(NeighborKey(vrf: vrf, address: address))
            }
        return VRRPConfiguration.Track(object: object, priorityCost: track.priorityCost)
    }
}
