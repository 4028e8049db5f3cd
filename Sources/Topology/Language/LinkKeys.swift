// SPDX-License-Identifier: Apache-2.0

/// Cables and shared segments.
extension Language {
    static let link = MappingKind(
        title: "a link",
        keys: [
            Key(
                "endpoints",
                .either([
                    .list(.scalar(.endpoint), count: 2), .map(keys: .nodeName, values: end),
                ]), required: true,
                "the two nodes, each alone, with an interface (juno:eth3), or with its settings"),
            Key(
                "name", .scalar(.name), default: "its nodes, as in juno-luna",
                "what events and tracks call the link"
            ),
            Key("vlan", .scalar(.vlan), "the 802.1Q tag that packets carry"),
            Key(
                "addresses", .list(.oneOrMore(.scalar(.interfaceAddress)), count: 2),
                default: "from subnet, or from addressing.links",
                "the addresses of the two ends, in the order of endpoints"),
            Key(
                "subnet", .oneOrMore(.scalar(.prefix)), default: "from addressing.links",
                "the first two addresses of it are the ends'"),
            Key(
                "vrf", .scalar(.name), default: "the default VRF",
                "the VRF that the link is in on its provider edge"),
            Key(
                "metric", .scalar(.integer(1...16_777_215)), default: "10",
                "the interior cost, of a link between provider nodes"),
            Key("mtu", .scalar(.mtu), default: "1500", "the largest IP packet, in octets"),
            routerAdvertisements,
            Key(
                "core", .scalar(.flag),
                default: "true between provider nodes, unless they are in different AS",
                "whether the link is inside of a provider"),
        ] + protocols,
        choices: [Choice(["addresses", "subnet"])])

    /// What is special about a segment in the routing protocols of its ends.
    private static let protocols = [
        Key("isis", orNone(linkISIS), "IS-IS here"), Key("ospf", orNone(linkOSPF), "OSPF here"),
        Key("ospf3", orNone(linkOSPF3), "OSPF version 3 here"),
        Key("ldp", none, "LDP does not run here"),
        Key("bfd", orNone(bfd), "how fast IS-IS and OSPF notice the loss of a neighbor here"),
    ]

    static let lan = MappingKind(
        title: "a LAN",
        keys: [
            Key(
                "endpoints",
                .either([.list(.scalar(.endpoint)), .map(keys: .nodeName, values: end)]),
                required: true, "the nodes, each alone, with its address, or with its settings"),
            Key("vlan", .scalar(.vlan), "the 802.1Q tag that packets carry"),
            Key(
                "subnet", .oneOrMore(.scalar(.prefix)), default: "from addressing.lans",
                "where nodes get addresses that have none"),
            Key(
                "vrf", .scalar(.name), default: "the default VRF",
                "the VRF that the LAN is in on provider edges"),
            Key(
                "metric", .scalar(.integer(1...16_777_215)), default: "10",
                "the interior cost, of a LAN of provider nodes in a signalled core"),
            Key("mtu", .scalar(.mtu), default: "1500", "the largest IP packet, in octets"),
            routerAdvertisements,
        ] + protocols)

    private static let routerAdvertisements = Key(
        "router-advertisements", .scalar(.flag), default: "false",
        "whether routers advertise themselves in IPv6; hosts here that have no static ::/0 then "
            + "learn their default route")

    /// An address alone is the short form of an end.
    private static let end = Shape.either([
        .mapping(endpoint), .scalar(.interfaceAddress), .list(.scalar(.interfaceAddress)),
    ])

    static let endpoint = MappingKind(
        title: "an endpoint",
        keys: [
            Key(
                "address", .oneOrMore(.scalar(.interfaceAddress)), default: "from the subnet",
                "the address here, with its length"),
            Key(
                "interface", .scalar(.interfaceName), default: "eth1, eth2 … in the file's order",
                "the device's name"),
            Key("vrf", .scalar(.name), default: "of the link or LAN", "the VRF on this node"),
        ])
}

extension Form {
    static let vlan = Form.integer(1...4094)
    static let mtu = Form.integer(576...65000)
}
