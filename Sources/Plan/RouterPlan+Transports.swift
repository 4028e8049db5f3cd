// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Topology

/// What carries labelled packets to remote PEs, and which of it is chosen.
extension RouterPlan {
    func labelSwitchedPaths(_ paths: [CorePaths.Path]) -> [TunnelConfiguration] {
        guard core.isLabelled else { return [] }
        return paths.map {
            TunnelConfiguration(destination: $0.destination, nextHop: $0.nextHop, metric: $0.metric)
        }
    }

    /// A tunnel is as far as its end; in a core without computed routes nobody knows how far.
    func tunnels(_ paths: [CorePaths.Path]) -> [TunnelConfiguration] {
        let metrics = Dictionary(
            paths.map { ($0.destination, $0.metric) }, uniquingKeysWith: { first, _ in first })
        return transports.flatMap { transport in
            transport.devices.compactMap { device in
                device.remote.map { remote in
                    let gateway = IPAddress(remote)
                    let destination = IPPrefix(host: gateway)
                    return TunnelConfiguration(
                        transport: transport.transport.name, destination: destination,
                        nextHop: LabelledNextHop(
                            gateway: gateway, interface: device.name, labels: []),
                        metric: metrics[destination] ?? 0)
                }
            }
        }
    }

    func transport(_ own: NodeTransport) -> TransportConfiguration {
        let encapsulation: TransportConfiguration.Encapsulation =
            switch own.transport.encapsulation {
            case .gre: .gre
            case .mgre: .mgre(interface: own.devices[0].name)
            }
        return TransportConfiguration(
            name: own.transport.name, encapsulation: encapsulation, source: own.source,
            key: own.transport.key, isProtected: own.profile != nil,
            isAdvertised: own.transport.isAdvertised)
    }

    /// A node without VRFs has nothing to choose for.
    var transportChoice: TransportChoice {
        guard !node.vrfs.isEmpty else { return TransportChoice() }
        let pairs = topology.core.pairs.compactMap { pair -> TransportChoice.Pair? in
            guard pair.a == node.name || pair.b == node.name,
                let peer = topology.node(pair.a == node.name ? pair.b : pair.a)?.tunnelSource
            else { return nil }
            return TransportChoice.Pair(endpoint: IPAddress(peer), transport: pair.transport)
        }
        return TransportChoice(
            provider: topology.core.transport, pairs: pairs.sorted { $0.endpoint < $1.endpoint })
    }
}
