// SPDX-License-Identifier: Apache-2.0

/// Nodes and what runs on them.
extension Language {
    static let node = MappingKind(
        title: "a node",
        keys: [
            Key(
                "role", .scalar(.choice(Node.Role.allCases.map(\.rawValue))), required: true,
                "pe (provider edge), p (provider), rr (route reflector), ce (customer), or host"),
            Key(
                "engine", .scalar(.choice(Node.Engine.allCases.map(\.rawValue))),
                default: "weft", roles: [.pe, .p, .rr, .ce],
                "what routes on the node: weft, or frr for the daemons of FRR on this machine"),
            Key(
                "loopback", .either([.scalar(loopbackOrNone), .list(.scalar(.hostAddress))]),
                default: "from addressing.loopbacks; none on a host",
                "the node's own address, or a list of an IPv4 and an IPv6 one, or none"),
            Key(
                "router-id", .scalar(.identifier),
                default: "IPv4 loopback, else highest interface address",
                roles: [.pe, .p, .rr, .ce],
                "the router's identifier in BGP"),
            Key("static", staticRoutes, "static routes: a prefix and where it goes"),
            Key(
                "vrfs", .map(keys: .name, values: .mapping(vrf)), roles: [.pe],
                "the VPNs' routing tables"),
            Key("bgp", .mapping(bgp), roles: [.pe, .p, .rr, .ce], "BGP"),
            Key(
                "isis", .mapping(nodeISIS), roles: [.pe, .p, .rr],
                "what is special about the node in the core's IS-IS"),
            Key(
                "ospf", .mapping(nodeOSPF), roles: [.pe, .p, .rr, .ce],
                "OSPF of a customer's router; or what is special about the node in the core's"),
            Key("ospf3", .mapping(nodeOSPF3), roles: [.ce], "OSPF version 3, for IPv6"),
            Key("rip", .mapping(rip), roles: [.ce], "RIP version 2"),
            Key("ripng", .mapping(ripng), roles: [.ce], "RIPng, for IPv6"),
            Key(
                "ldp", .mapping(nodeLDP), roles: [.pe, .p, .rr],
                "what is special about the node in the core's LDP"),
            Key("vrrp", .list(.mapping(vrrpGroup)), roles: [.pe, .ce], "VRRP groups"),
        ])

    private static let loopbackOrNone = Form.pattern(
        "an address", example: "10.0.0.1, or none", .host | "none"
    ) {
        $0 == "none" || HostAddress.parse($0) != nil
    } advice: {
        Form.hostAddress.advice($0)
    }

    private static let staticRoutes = Shape.map(
        keys: .prefix, values: .either([.scalar(.gateway), .mapping(staticRoute)]))

    static let staticRoute = MappingKind(
        title: "a static route",
        keys: [
            Key("via", .scalar(.gateway), required: true, "where it goes"),
            Key(
                "bfd", .mapping(bfd), required: true,
                "the route is gone while the session with the next hop is down"),
        ])

    static let vrf = MappingKind(
        title: "a VRF",
        keys: [
            Key("rd", .scalar(.routeDistinguisher), required: true, "the route distinguisher"),
            Key(
                "target", .oneOrMore(.scalar(.routeTarget)),
                "the route targets for both directions"),
            Key(
                "import-target", .oneOrMore(.scalar(.routeTarget)),
                "routes with any of these come in"),
            Key("export-target", .oneOrMore(.scalar(.routeTarget)), "routes go out with these"),
            Key(
                "import", policyChain, default: "accept",
                "policies for routes from the VPN, after the targets"),
            Key("export", policyChain, default: "accept", "policies for routes into the VPN"),
            Key(
                "loopback", .oneOrMore(.scalar(.hostAddress)),
                "the node's own address inside the VRF"),
            Key("static", staticRoutes, "static routes of the VRF"),
            Key(
                "source-address", .oneOrMore(.scalar(.address)),
                default: "of the first attachment, or the VRF's loopback",
                "what the node answers from in the VRF, as a hop of a traceroute"),
            Key("bgp", .mapping(vrfBGP), "BGP with the customer's routers"),
            Key("ospf", .mapping(vrfOSPF), "OSPF with the customer's routers"),
            Key("ospf3", .mapping(vrfOSPF3), "OSPF version 3 with them, for IPv6"),
            Key("rip", .mapping(rip), "RIP version 2 with the customer's routers"),
            Key("ripng", .mapping(ripng), "RIPng with them, for IPv6"),
        ],
        choices: [
            Choice(["target", "import-target"]), Choice(["target", "export-target"]),
        ])

    static let vrrpGroup = MappingKind(
        title: "a VRRP group",
        keys: [
            Key("lan", .scalar(.name), "the LAN that the group serves"),
            Key("link", .scalar(.name), "the link that the group serves"),
            Key(
                "group", .scalar(.integer(1...255)), required: true, "the virtual router identifier"
            ),
            Key(
                "virtual-address", .oneOrMore(.scalar(.address)), required: true,
                "the address that the group's routers share; an IPv6 group has a link-local one too, "
                    + "fe80::5e00:2VV for group VV (hexadecimal) if none is given"),
            Key(
                "priority", .scalar(.integer(1...255)), default: "100",
                "the highest is master; 255 is for the owner of the virtual address"),
            Key(
                "preempt", .scalar(.flag), default: "true",
                "whether a higher priority takes over from a lower one"),
            Key(
                "preempt-delay", .scalar(.duration), default: "0s",
                "how long a router waits after its start before it takes over"),
            Key(
                "advertisement-interval", .scalar(.duration), default: "1s", "time between adverts"),
            Key("version", .scalar(.integer(2...3)), default: "3", "the protocol's version"),
            Key("track", .oneOrMore(.mapping(track)), "what lowers the priority when it is lost"),
        ],
        choices: [Choice(["lan", "link"], isRequired: true)])

    static let track = MappingKind(
        title: "a VRRP track",
        keys: [
            Key("link", .scalar(.name), "a link or LAN of this node"),
            Key("route", .scalar(.prefix), "a prefix that must have an active route"),
            Key("session", .scalar(.addressOrNode), "a BGP neighbor that must be established"),
            Key("vrf", .scalar(.name), default: "the default VRF", "where the route or session is"),
            Key(
                "priority-cost", .scalar(.integer(1...254)), required: true,
                "what its loss takes from the priority"),
        ],
        choices: [Choice(["link", "route", "session"], isRequired: true)])
}

extension MappingKind.Choice {
    init(_ names: [String], isRequired: Bool = false) {
        self.init(names: names, isRequired: isRequired)
    }
}

/// So that tables can say `Choice` for short.
typealias Choice = MappingKind.Choice
