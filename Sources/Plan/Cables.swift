// SPDX-License-Identifier: Apache-2.0

import KernelObjects
import Primitives
import Topology

/// Which veth end is at the other side of every interface. Built once: a plan of a thousand nodes
/// must not search the file for each of them.
struct Cables {
    private var interfaces: [Endpoint: Interface] = [:]
    private var peers: [Endpoint: LinkEnd] = [:]

    init(_ topology: Topology) {
        for node in topology.nodes {
            for interface in node.interfaces {
                interfaces[Endpoint(node: node.name, interface: interface.name)] = interface
            }
        }
        for link in topology.links {
            peers[link.a] = end(link.b)
            peers[link.b] = end(link.a)
        }
        for lan in topology.lans {
            for (index, endpoint) in lan.endpoints.enumerated() {
                peers[endpoint] = LANObjects.port(index, on: lan)
            }
        }
    }

    func peer(of endpoint: Endpoint) -> LinkEnd? { peers[endpoint] }

    func interface(_ endpoint: Endpoint) -> Interface? { interfaces[endpoint] }

    /// The veth device of an interface; a VLAN lies on top of one.
    func end(_ endpoint: Endpoint) -> LinkEnd {
        LinkEnd(
            namespace: endpoint.node,
            link: interfaces[endpoint]?.device ?? endpoint.interface)
    }
}

/// The namespace of a LAN: a bridge with a port to every endpoint.
enum LANObjects {
    private static let bridge = "br0"

    /// No node can have this name: a colon is not allowed in one.
    static func namespace(of lan: LAN) -> String { "lan:" + lan.name }

    /// Named after the node that it leads to, so that it stays the same when others join or leave.
    static func port(_ index: Int, on lan: LAN) -> LinkEnd {
        let node = lan.endpoints[index].node
        let isAlone = lan.endpoints.count { $0.node == node } == 1
        let fits = node.utf8.count <= DeviceNames.lengthMax && ![bridge, "lo"].contains(node)
        return LinkEnd(
            namespace: namespace(of: lan),
            link: isAlone && fits ? node : "port#\(index + 1)")
    }

    static func objects(of lan: LAN, _ cables: Cables) -> NamespaceObjects {
        let mtus = lan.endpoints.map { cables.interface($0)?.mtu }
        let ports = lan.endpoints.enumerated().map { index, endpoint in
            Link(
                name: port(index, on: lan).link, kind: .veth(peer: cables.end(endpoint)),
                mtu: mtus[index], master: bridge, ipv6: .off)
        }
        let kind = Link.Kind.bridge
        let mtu = mtus.compactMap(\.self).min()
        return NamespaceObjects(
            name: namespace(of: lan),
            links: [Link(name: bridge, kind: kind, mtu: mtu, ipv6: .off)] + ports)
    }
}
