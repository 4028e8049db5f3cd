// SPDX-License-Identifier: Apache-2.0

import Glibc
import KernelObjects
import Primitives

/// What the running kernel lets this process do, found by trying each thing in a namespace that is
/// thrown away afterwards.
package struct KernelFeatures: Sendable {
    /// Why a feature is missing, in the kernel's words; features that are there have no entry.
    package private(set) var missing: [KernelFeature: String] = [:]

    /// What a probe looks at: all that the kernel objects of this version need.
    package static let probed: [KernelFeature] = [
        .namespaces, .veth, .bridge, .vlan, .dummy, .macvlan, .vrf, .mpls, .flower,
    ]

    package var present: Set<KernelFeature> { Set(Self.probed).subtracting(missing.keys) }

    /// Tries everything. The calling thread ends up in the namespace that it was in.
    package static func probe() -> KernelFeatures {
        var features = KernelFeatures()
        do throws(SystemError) {
            let namespace = try Namespace.create("probe")
            try namespace.enter { () throws(SystemError) in
                let socket = try NetlinkSocket()
                for kind in kinds { features.tryLink(kind, socket) }
                features.tryMPLS(socket)
                features.tryFlower(socket)
            }
        } catch {
            for feature in probed { features.missing[feature] = "\(error)" }
        }
        return features
    }

    private static let base = "probe0"

    /// The veth comes first: others stand on it.
    private static let kinds: [Link.Kind] = [
        .veth(peer: LinkEnd(namespace: "probe", link: "probe-peer")), .bridge, .dummy,
        .vlan(parent: base, identifier: 1), .macvlan(parent: base), .vrf(table: 1001),
    ]

    private mutating func tryLink(_ kind: Link.Kind, _ socket: NetlinkSocket) {
        guard let feature = kind.feature else { return }
        let name = feature == .veth ? Self.base : "probe-\(kind.name)"
        attempt(feature) { () throws(SystemError) in
            let parent = try kind.parent.map { _ throws(SystemError) in try Self.base(socket) }
            let link = Link(name: name, kind: kind)
            try socket.send(
                LinkMessages.create(
                    .init(link: link, namespace: "probe", index: 0, parent: parent)))
        }
    }

    private static func base(_ socket: NetlinkSocket) throws(SystemError) -> UInt32 {
        try LinkIndexes(try socket.links()).index(of: base, for: "probe")
    }

    /// Labelled packets in and out: a label route, and a route that pushes.
    private mutating func tryMPLS(_ socket: NetlinkSocket) {
        guard FileSystem.exists("/proc/sys/net/mpls/platform_labels") else {
            missing[.mpls] = "no MPLS in this kernel, or its module mpls_router is not loaded"
            return
        }
        attempt(.mpls) { () throws(SystemError) in
            let index = try Self.base(socket)
            try socket.set(link: index, Self.base, isUp: true)
            let hop = RouteNextHop(via: nil, link: Self.base, labels: [Label(16)])
            let prefix = IPPrefix(IPAddress(family: .ipv4, bits: 0xc000_0200), length: 24)
            let route = Route(
                key: Route.Key(table: RoutingTable.main, prefix: prefix), action: .forward([hop]))
            try socket.send(RouteMessages.replace(route, [Self.base: index], "push a label"))
        }
    }

    /// The filter that takes a VPN packet out of MPLS.
    private mutating func tryFlower(_ socket: NetlinkSocket) {
        attempt(.flower) { () throws(SystemError) in
            let index = try Self.base(socket)
            try socket.send(FilterMessages.addHook(index, "add a clsact hook"))
            try socket.send(
                FilterMessages.decapsulate(
                    Label(16), on: index, to: index, "filter by MPLS label"))
        }
    }

    private mutating func attempt(
        _ feature: KernelFeature, _ body: () throws(SystemError) -> Void
    ) {
        do throws(SystemError) { try body() } catch { missing[feature] = "\(error)" }
    }
}
