// SPDX-License-Identifier: Apache-2.0

import CNetlink
import Glibc
import KernelObjects
import Primitives

/// Tries each feature in the calling thread's namespace, which is empty and does not outlive this.
struct FeatureAttempts {
    let socket: NetlinkSocket

    /// The link that others stand on, and its index.
    private static let base = "probe0"
    private static let baseIndex: UInt32 = 1001
    private static let documentation = IPPrefix(
        IPAddress(family: .ipv4, bits: 0xc000_0200), length: 24)

    /// The features that the kernel refused, with its reasons. The veth comes first.
    func missing() -> [KernelFeature: String] {
        var missing: [KernelFeature: String] = [:]
        for feature in [.veth] + KernelFeature.allCases where feature != .namespaces {
            do throws(SystemError) { try attempt(feature) } catch {
                // The veth is there the second time.
                if feature != .veth || error.code != EEXIST { missing[feature] = "\(error)" }
            }
        }
        return missing
    }

    private func attempt(_ feature: KernelFeature) throws(SystemError) {
        switch feature {
        case .namespaces: return
        case .veth: try create(Self.base, .veth, index: Self.baseIndex)
        case .bridge: try create("probe1", .bridge)
        case .dummy: try create("probe2", .dummy)
        case .vlan: try create("probe3", .vlan(parent: Self.base, identifier: 1))
        case .macvlan: try create("probe4", .macvlan(parent: Self.base))
        case .vrf: try create("probe5", .vrf(table: 1001))
        case .gre: try socket.send(ProbeMessages.gre("probe6", "create gre"))
        case .netem:
            try socket.impair(
                link: Self.baseIndex, Self.base, NetemDiscipline(Impairment(loss: .all)))
        case .flower: try filter()
        case .esp:
            let security = try NetlinkSocket(protocol: NETLINK_XFRM)
            try security.send(ProbeMessages.esp("add an ESP state"))
        case .mpls: try switchLabels()
        }
    }

    private func create(
        _ name: String, _ kind: Link.Kind, index: UInt32 = 0
    ) throws(SystemError) {
        let link = Link(name: name, kind: kind)
        let parent = kind.parent == nil ? nil : Self.baseIndex
        try socket.send(
            LinkMessages.create(
                .init(link: link, namespace: "probe", index: index, parent: parent)))
    }

    /// The filter that takes a VPN packet out of MPLS, and that which marks a VRF's.
    private func filter() throws(SystemError) {
        let index = Self.baseIndex
        try socket.send(FilterMessages.addHook(index, "add a clsact hook"))
        try socket.send(
            FilterMessages.decapsulate(
                Label(16), .ipv4, on: index, to: index, "filter by MPLS label"))
        try socket.send(FilterMessages.mark(with: 1001, on: index, "mark packets"))
    }

    /// Labelled packets in and out: a label route, and a route that pushes.
    private func switchLabels() throws(SystemError) {
        _ = try SysctlFile.write(Sysctl("net/mpls/platform_labels", "17"))
        let index = [Self.base: Self.baseIndex]
        let hop = RouteNextHop(via: nil, link: Self.base)
        try socket.send(LinkMessages.change(.init(isUp: true), of: Self.baseIndex, "set up"))
        try socket.send(RouteMessages.replace(Label(16), [hop], index, "route a label"))
        let push = RouteNextHop(via: nil, link: Self.base, labels: [Label(16)])
        let route = Route(
            key: Route.Key(table: RoutingTable.main, prefix: Self.documentation),
            action: .forward([push]))
        try socket.send(RouteMessages.replace(route, index, "push a label"))
    }
}

extension Link.Kind {
    /// A veth whose other end is the kernel's to name.
    fileprivate static let veth = veth(peer: LinkEnd(namespace: "probe", link: "probe-peer"))
}
