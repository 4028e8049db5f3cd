// SPDX-License-Identifier: Apache-2.0

import KernelObjects
import Primitives
import Topology

/// The kernel objects of one node's namespace.
struct NodeObjects {
    let node: Node
    let cables: Cables
    let names: DeviceNames
    let labels: LabelPlan
    let transports: [NodeTransport]

    init(
        node: Node, _ cables: Cables, _ names: DeviceNames, _ labels: LabelPlan,
        _ transports: [NodeTransport]
    ) {
        self.node = node
        self.cables = cables
        self.names = names
        self.labels = labels
        self.transports = transports
    }

    var objects: NamespaceObjects {
        NamespaceObjects(
            name: node.name, links: links, addresses: addresses,
            securityAssociations: transports.flatMap(\.securityAssociations),
            securityPolicies: transports.flatMap(\.securityPolicies),
            sysctls: NodeSysctls(self).all)
    }

    /// A master or parent comes before its ports and children.
    private var links: [Link] {
        let loopback = Link(name: "lo", kind: .loopback)
        return [loopback] + transports.flatMap(\.links) + vrfLinks
            + node.interfaces.flatMap(interfaceLinks) + vrrpLinks
    }

    private var vrfLinks: [Link] {
        node.vrfs.flatMap { vrf in
            let names = names.vrf(vrf.name, of: node)
            let device = Link(name: names.device, kind: .vrf(table: names.table))
            let popDevice = Link(name: names.popDevice, kind: .dummy, master: names.device)
            return carriesMPLS ? [device, popDevice] : [device]
        }
    }

    /// The veth end, and the VLAN on top of it, which takes over its MAC address.
    private func interfaceLinks(_ interface: Interface) -> [Link] {
        let mtu = node.deviceMTU(interface)
        let master = interface.vrf.map { names.vrf($0, of: node).device }
        let kind = Link.Kind.veth(peer: peer(of: interface))
        let mac = names.mac(of: interface, node)
        guard let vlan = interface.vlan else {
            return [Link(name: interface.device, kind: kind, mtu: mtu, mac: mac, master: master)]
        }
        return [
            Link(name: interface.device, kind: kind, mtu: mtu, mac: mac, ipv6: .off),
            Link(
                name: interface.name, kind: .vlan(parent: interface.device, identifier: vlan),
                mtu: mtu, master: master),
        ]
    }

    /// - Precondition: the interface is on a link; validation has seen to that.
    private func peer(of interface: Interface) -> LinkEnd {
        let here = Endpoint(node: node.name, interface: interface.name)
        guard let peer = cables.peer(of: here) else {
            preconditionFailure("\(node.name) \(interface.name) is on no link")
        }
        return peer
    }

    private var vrrpLinks: [Link] {
        node.vrrpGroups.map { group in
            let master = node.interface(group.interface)?.vrf.map { names.vrf($0, of: node).device }
            return Link(
                name: names.vrrpDevice(group, of: node), kind: .macvlan(parent: group.interface),
                mac: .virtualRouter(group.group, group.family), master: master, isUp: false,
                ipv6: .off)
        }
    }

    private var addresses: [LinkAddress] {
        func host(_ link: String, _ address: IPAddress) -> LinkAddress {
            LinkAddress(
                link: link,
                address: InterfaceAddress(address, length: UInt8(address.family.bitWidth)))
        }
        return node.loopbacks.map { host("lo", $0) }
            + node.vrfs.flatMap { vrf in
                // The kernel answers packets whose way out leads through the core from the first
                // address of the VRF device, whatever source the route prefers (fib_select_path
                // since Linux 6.11 and in stable kernels): the chosen source stands there first.
                (vrf.sourceAddresses + vrf.loopbacks.filter { !vrf.sourceAddresses.contains($0) })
                    .map { host(names.vrf(vrf.name, of: node).device, $0) }
            }
            + node.interfaces.flatMap { interface in
                interface.addresses.map { LinkAddress(link: interface.name, address: $0) }
            }
    }

    /// Where labelled packets arrive.
    var labelledInterfaces: [String] {
        node.interfaces.filter(node.takesLabels).map(\.name) + tunnelDevices
    }

    var tunnelDevices: [String] { transports.flatMap { $0.devices.map(\.name) } }

    private var carriesMPLS: Bool { !labelledInterfaces.isEmpty }
}

/// The kernel parameters of a node; the reasons are in DESIGN's recipes.
struct NodeSysctls {
    private let node: Node
    private let labelledInterfaces: [String]
    private let labelCount: UInt32
    private let tunnelDevices: [String]
    private let vrrpDevices: [String]

    init(_ plan: NodeObjects) {
        node = plan.node
        labelledInterfaces = plan.labelledInterfaces
        labelCount = plan.labels.count
        tunnelDevices = plan.tunnelDevices
        vrrpDevices = node.vrrpGroups.map { plan.names.vrrpDevice($0, of: plan.node) }
    }

    var all: [Sysctl] { common + mpls + vrrp + advertised }

    private var common: [Sysctl] {
        let forwards = node.role == .host ? "0" : "1"
        return [
            Sysctl("net/ipv4/ip_forward", forwards),
            Sysctl("net/ipv6/conf/all/forwarding", forwards),
            Sysctl("net/ipv4/conf/all/rp_filter", "0"),
            Sysctl("net/ipv4/conf/all/accept_redirects", "0"),
            Sysctl("net/ipv4/conf/all/send_redirects", "0"),
            // These two count per interface as well, and every interface is born with the default.
            Sysctl("net/ipv4/conf/default/rp_filter", "0"),
            Sysctl("net/ipv4/conf/default/send_redirects", "0"),
            // A subnet whose link has lost its carrier is reached another way, if there is one.
            Sysctl("net/ipv4/conf/all/ignore_routes_with_linkdown", "1"),
            Sysctl("net/ipv6/conf/all/ignore_routes_with_linkdown", "1"),
            // IPv6 addresses outlive the time that their link is down, as IPv4 ones do.
            Sysctl("net/ipv6/conf/all/keep_addr_on_down", "1"),
            // Or traceroutes show random holes. A limit of 0 in place of no mask would let every
            // error empty the bucket from which the kernel also takes leave to answer that a
            // destination is unreachable (net/ipv4/route.c, ip_error).
            Sysctl("net/ipv4/icmp_ratemask", "0"),
            Sysctl("net/ipv6/icmp/ratelimit", "0"),
        ]
    }

    private var mpls: [Sysctl] {
        guard !labelledInterfaces.isEmpty else { return [] }
        return [
            Sysctl("net/mpls/platform_labels", String(labelCount)),
            // The core is one hop: Linux answers no packet whose TTL runs out inside MPLS.
            Sysctl("net/mpls/ip_ttl_propagate", "0"),
        ]
            + labelledInterfaces.map { Sysctl("net/mpls/conf/\($0)/input", "1") }
    }

    /// ARP for a virtual address is answered by its macvlan alone, with the virtual MAC address;
    /// and the interface itself never asks in the virtual address's name, which would teach hosts
    /// its own MAC address.
    private var vrrp: [Sysctl] {
        Set(node.vrrpGroups.map(\.interface)).sorted().flatMap {
            [
                Sysctl("net/ipv4/conf/\($0)/arp_ignore", "1"),
                Sysctl("net/ipv4/conf/\($0)/arp_announce", "2"),
            ]
        }
            + vrrpDevices.flatMap { device in
                ["arp_ignore", "accept_local"].map { Sysctl("net/ipv4/conf/\(device)/\($0)", "1") }
            }
    }

    /// A host takes its default route from advertising routers, and nothing else: its addresses and
    /// subnets are the file's.
    private var advertised: [Sysctl] {
        node.interfaces.filter { node.learnsDefaultRoute(on: $0) }.flatMap { interface in
            [("accept_ra", "2"), ("accept_ra_pinfo", "0"), ("accept_ra_defrtr", "1")].map {
                Sysctl("net/ipv6/conf/\(interface.name)/\($0.0)", $0.1)
            }
        }
    }
}

extension Node {
    /// Whether a host's IPv6 default route comes from advertising routers on an interface.
    fileprivate func learnsDefaultRoute(on interface: Interface) -> Bool {
        role == .host && interface.hasRouterAdvertisements
            && !staticRoutes.contains { $0.prefix == .zero(.ipv6) }
    }
}
