// SPDX-License-Identifier: Apache-2.0

import KernelObjects
import Primitives
import Topology

/// The GRE transports of every provider edge: whom they reach, and by which devices.
struct TransportPlan {
    private var transports: [String: [NodeTransport]] = [:]

    init(_ topology: Topology, _ names: DeviceNames) {
        guard !topology.transports.isEmpty else { return }
        let reach = TransportReach(topology)
        let profiles = Dictionary(
            topology.ipsecProfiles.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        let places = Dictionary(
            uniqueKeysWithValues: topology.nodes.enumerated().map { ($1.name, $0) })
        let path = TunnelMTU.path(topology.nodes)
        for (place, node) in topology.nodes.enumerated() {
            guard let source = node.tunnelSource else { continue }
            var taken = names.taken(of: node)
            transports[node.name] = reach.transports(of: node.name).map { transport in
                let peers = reach.peers(of: node.name, by: transport.name).compactMap { name in
                    places[name].flatMap { NodeTransport.Peer(topology.nodes[$0], at: $0) }
                }
                let profile = transport.ipsec.flatMap { profiles[$0] }
                return NodeTransport(
                    transport: transport, profile: profile, node: node.name, source: source,
                    identifiers: IPsecIdentifiers(topology, transport, node: place),
                    devices: Self.devices(transport, peers, &taken), peers: peers,
                    mtu: transport.mtu ?? TunnelMTU.link(path: path, transport, profile))
            }
        }
    }

    /// In the file's order; none on what is no provider edge.
    func transports(of node: Node) -> [NodeTransport] { transports[node.name] ?? [] }

    /// A device for each peer, or one for all.
    private static func devices(
        _ transport: Transport, _ peers: [NodeTransport.Peer], _ taken: inout Set<String>
    ) -> [NodeTransport.Device] {
        switch transport.encapsulation {
        case .gre:
            peers.map { peer in
                NodeTransport.Device(
                    name: name("gre-" + peer.name, else: "gre-", &taken), remote: peer.address)
            }
        case .mgre: [NodeTransport.Device(name: name(transport.name, else: "mgre-", &taken))]
        }
    }

    private static func name(
        _ wanted: String, else prefix: String, _ taken: inout Set<String>
    ) -> String {
        var name = wanted
        var count = 0
        while name.utf8.count > DeviceNames.lengthMax || taken.contains(name) {
            count += 1
            name = prefix + String(count)
        }
        taken.insert(name)
        return name
    }
}

/// A transport on one provider edge.
struct NodeTransport {
    var transport: Transport
    var profile: IPsecProfile?
    /// The PE's name.
    var node: String
    /// Of encapsulating packets.
    var source: IPv4Address
    var identifiers: IPsecIdentifiers
    /// As many as peers, in their order; or one that is multipoint.
    var devices: [Device]
    var peers: [Peer]
    /// Of the devices: labels included.
    var mtu: UInt32

    struct Device {
        var name: String
        /// nil is multipoint.
        var remote: IPv4Address?
    }

    /// A remote PE.
    struct Peer {
        var name: String
        var address: IPv4Address
        /// Its position in the file.
        var place: Int

        /// nil without an address for the tunnel; validation has seen to that.
        init?(_ node: Node, at place: Int) {
            guard let address = node.tunnelSource else { return nil }
            self.name = node.name
            self.address = address
            self.place = place
        }
    }

    var links: [Link] {
        devices.map { device in
            let tunnel = GRETunnel(
                local: source, remote: device.remote, key: transport.key, ttl: transport.ttl)
            return Link(name: device.name, kind: .gre(tunnel), mtu: mtu)
        }
    }
}
