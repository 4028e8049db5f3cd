// SPDX-License-Identifier: Apache-2.0

import Kernel
import KernelObjects
import Primitives

/// A VPN of IPv4 and IPv6 across a core that knows neither, by a transport of choice:
///
///     ce1 ———————— pe1 ———————— p ———————— pe2 ———————— ce2
///      10.1.0.0/30                          10.2.0.0/30
///      2001:db8:1::/64                      2001:db8:2::/64
///              172.16.1.0/30    172.16.2.0/30
///
/// The customer's loopbacks are 1.1.1.1, 2.2.2.2, 2001:db8:f::1 and 2001:db8:f::2; those of the
/// PEs, between which the tunnels are, 10.255.0.1 and 10.255.0.2.
struct TunnelCore {
    enum Transport { case mpls, gre, mgre }

    var transport: Transport
    var key: UInt32?
    var mode: IPsecMode = .transport
    /// nil leaves packets in clear.
    var cipher: ESPCipher?

    static let table: UInt32 = 1001
    static let nodes = ["ce1", "pe1", "p", "pe2", "ce2"]
    static let requestID: UInt32 = 7
    private static let pathMTU: UInt32 = 1500

    /// What takes labelled packets out of a PE.
    var device: String {
        switch transport {
        case .mpls: "p"
        case .gre: "gre-peer"
        case .mgre: "mgre"
        }
    }

    /// Of the GRE link: what the path, the outer headers and ESP leave.
    var linkMTU: UInt32 {
        let header: UInt32 = 20
        let encapsulation: UInt32 = key == nil ? 4 : 8
        guard let cipher else { return Self.pathMTU - header - encapsulation }
        let room = cipher.payload(in: Self.pathMTU - header)
        return room - (mode == .tunnel ? header : 0) - encapsulation
    }

    /// The largest packet of the customer: less a label, or two where the path has one of its own.
    var customerMTU: UInt32 { transport == .mpls ? Self.pathMTU - 8 : linkMTU - 4 }

    // MARK: Objects

    var objects: LabObjects { LabObjects(namespaces: Self.nodes.map(namespace)) }

    private func namespace(_ name: String) -> NamespaceObjects {
        let number = Self.number(name)
        var objects = NamespaceObjects(
            name: name, links: [Link(name: "lo", kind: .loopback)] + Self.cables(name),
            addresses: Self.addresses(name).map { LinkAddress(link: $0, address: value($1)) },
            sysctls: sysctls(name))
        guard name.hasPrefix("pe") else { return objects }
        objects.links += tunnel(number).map { [$0] } ?? []
        objects.securityAssociations = associations
        objects.securityPolicies = policies(number)
        return objects
    }

    /// The 1 of `pe1`.
    private static func number(_ name: String) -> Int { name.last?.wholeNumberValue ?? 0 }

    private static func cable(_ node: String, _ name: String, master: String? = nil) -> Link {
        Link(
            name: node, kind: .veth(peer: LinkEnd(namespace: node, link: name)), mtu: pathMTU,
            master: master)
    }

    private static func cables(_ name: String) -> [Link] {
        let number = number(name)
        if name == "p" { return [cable("pe1", "p"), cable("pe2", "p")] }
        if name.hasPrefix("ce") { return [cable("pe\(number)", name)] }
        return [
            Link(name: "red", kind: .vrf(table: table)),
            Link(name: "pop", kind: .dummy, master: "red"),
            cable("ce\(number)", name, master: "red"), cable("p", name),
        ]
    }

    private static func addresses(_ name: String) -> [(String, String)] {
        let n = number(name)
        if name == "p" { return [("pe1", "172.16.1.2/30"), ("pe2", "172.16.2.2/30")] }
        if name.hasPrefix("ce") {
            return [
                ("lo", "\(n).\(n).\(n).\(n)/32"), ("lo", "2001:db8:f::\(n)/128"),
                ("pe\(n)", "10.\(n).0.1/30"), ("pe\(n)", "2001:db8:\(n)::1/64"),
            ]
        }
        return [
            ("lo", "10.255.0.\(n)/32"), ("p", "172.16.\(n).1/30"),
            ("red", "10.\(n).0.2/32"), ("red", "2001:db8:\(n)::2/128"),
            ("ce\(n)", "10.\(n).0.2/30"), ("ce\(n)", "2001:db8:\(n)::2/64"),
        ]
    }

    private func sysctls(_ name: String) -> [Sysctl] {
        let common = [
            Sysctl("net/ipv4/ip_forward", "1"), Sysctl("net/ipv6/conf/all/forwarding", "1"),
            Sysctl("net/ipv4/icmp_ratemask", "0"), Sysctl("net/ipv6/icmp/ratelimit", "0"),
            Sysctl("net/ipv4/conf/all/rp_filter", "0"),
        ]
        guard name.hasPrefix("p") else { return common }
        let inputs = name == "p" ? ["pe1", "pe2"] : [device]
        return common + [
            Sysctl("net/mpls/platform_labels", "1000"), Sysctl("net/mpls/ip_ttl_propagate", "0"),
        ] + inputs.map { Sysctl("net/mpls/conf/\($0)/input", "1") }
    }

    // MARK: Tunnels

    static func loopback(_ number: Int) -> IPv4Address { value("10.255.0.\(number)") }

    private func tunnel(_ number: Int) -> Link? {
        guard transport != .mpls else { return nil }
        let tunnel = GRETunnel(
            local: Self.loopback(number),
            remote: transport == .gre ? Self.loopback(3 - number) : nil, key: key)
        return Link(name: device, kind: .gre(tunnel), mtu: linkMTU, ipv6: .off)
    }

    /// Both directions, which both ends have.
    private var associations: [SecurityAssociation] {
        guard let cipher else { return [] }
        return [(1, 2), (2, 1)].map { near, far in
            SecurityAssociation(
                source: IPAddress(Self.loopback(near)), destination: IPAddress(Self.loopback(far)),
                spi: UInt32(0x100 * near + far), requestID: Self.requestID, mode: mode,
                cipher: cipher, keyName: "pe\(near) to pe\(far)")
        }
    }

    private func policies(_ number: Int) -> [SecurityPolicy] {
        guard cipher != nil else { return [] }
        let ways: [(SecurityPolicy.Direction, Int)] = [(.out, number), (.in, 3 - number)]
        return ways.map { direction, source in
            let (near, far) = (Self.loopback(source), Self.loopback(3 - source))
            return SecurityPolicy(
                direction: direction, source: IPPrefix(IPAddress(near), length: 32),
                destination: IPPrefix(IPAddress(far), length: 32), ipProtocol: 47, greKey: key,
                tunnelSource: IPAddress(near), tunnelDestination: IPAddress(far),
                requestID: Self.requestID, mode: mode)
        }
    }

    // MARK: Routes

    func changes(of name: String) -> [RouteChange] {
        let number = Self.number(name)
        if name == "p" { return core }
        if name.hasPrefix("ce") {
            return ["0.0.0.0/0 10.\(number).0.2", "::/0 2001:db8:\(number)::2"].map {
                route($0, in: RoutingTable.main, "pe\(number)")
            }
        }
        let (near, far) = (number, 3 - number)
        var changes: [RouteChange] = [
            route(
                "10.255.0.\(far)/32 172.16.\(near).2", in: RoutingTable.main, "p",
                source: IPAddress(Self.loopback(near))),
            route("\(near).\(near).\(near).\(near)/32 10.\(near).0.1", "ce\(near)"),
            route("2001:db8:f::\(near)/128 2001:db8:\(near)::1", "ce\(near)"),
            decapsulate(500 + near, .ipv4), decapsulate(600 + near, .ipv6),
        ]
        if let endpoint = endpoint(far) { changes.append(.setNeighbour(endpoint)) }
        return changes + remote(near, far)
    }

    /// In the core, labels 101 and 102 lead to the PEs, which pop none: P does.
    private var core: [RouteChange] {
        [1, 2].flatMap { number in
            let via: IPAddress = value("172.16.\(number).1")
            let hop = RouteNextHop(via: via, link: "pe\(number)")
            return [
                .setLabel(LabelRoute(label: Label(UInt32(100 + number)), action: .forward([hop]))),
                route("10.255.0.\(number)/32 \(via)", in: RoutingTable.main, "pe\(number)"),
            ]
        }
    }

    func endpoint(_ far: Int) -> Neighbour? {
        guard transport == .mgre else { return nil }
        let address = IPAddress(Self.loopback(far))
        return Neighbour(link: device, address: address, linkLayerAddress: address.bytes)
    }

    /// VPN routes: the gateway is IPv4 for both families.
    private func remote(_ near: Int, _ far: Int) -> [RouteChange] {
        let via = transport == .mpls ? "172.16.\(near).2" : "10.255.0.\(far)"
        let path: [UInt32] = transport == .mpls ? [UInt32(100 + far)] : []
        return [
            ("\(far).\(far).\(far).\(far)/32", 500), ("10.\(far).0.0/30", 500),
            ("2001:db8:f::\(far)/128", 600), ("2001:db8:\(far)::/64", 600),
        ].map { prefix, labels in
            route("\(prefix) \(via)", device, path + [UInt32(labels + far)])
        }
    }

    /// - Parameter text: prefix and gateway.
    private func route(
        _ text: String, in table: UInt32 = table, _ link: String, _ labels: [UInt32] = [],
        source: IPAddress? = nil
    ) -> RouteChange {
        let words = text.split(separator: " ").map(String.init)
        let hop = RouteNextHop(
            via: value(words[1]), link: link, labels: labels.map { Label($0) }, isOnLink: true)
        return .set(
            Route(
                key: .init(table: table, prefix: value(words[0]), metric: 1024),
                action: .forward([hop]), preferredSource: source))
    }

    private func decapsulate(_ label: Int, _ family: AddressFamily) -> RouteChange {
        let action = LabelRoute.Action.decapsulate(
            vrf: "red", popDevice: "pop", links: [device], family: family)
        return .setLabel(LabelRoute(label: Label(UInt32(label)), action: action))
    }
}
