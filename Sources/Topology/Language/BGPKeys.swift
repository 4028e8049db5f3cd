// SPDX-License-Identifier: Apache-2.0

/// BGP: speakers, neighbors, groups.
extension Language {
    static let bgp = MappingKind(
        title: "bgp",
        keys: [
            Key("as", .scalar(.asNumber), required: true, "the autonomous system of the node"),
            Key(
                "cluster-id", .scalar(.identifier), default: "the router ID",
                roles: [.pe, .p, .rr],
                "the cluster that this route reflector serves"),
            Key("neighbors", neighbors(neighbor), "neighbors by node name or address"),
        ])

    static let vrfBGP = MappingKind(
        title: "bgp of a VRF",
        keys: [
            Key(
                "neighbors", neighbors(vrfNeighbor), required: true,
                "neighbors by node name or address")
        ])

    /// A neighbor's settings, or only the name of its group.
    private static func neighbors(_ kind: MappingKind) -> Shape {
        .map(keys: .addressOrNode, values: .either([.mapping(kind), .scalar(.name)]))
    }

    /// None is what holds without a policy, also where the group has some.
    static let policyChain = Shape.oneOrMore(.scalar(.name), orNone: true)

    static let neighbor = MappingKind(
        title: "a neighbor", keys: [group] + addresses + [families(.families)] + common + reflection
    )

    static let vrfNeighbor = MappingKind(
        title: "a neighbor in a VRF",
        keys: [group] + addresses + [families(.unicastFamilies)] + common)

    static let bgpGroup = MappingKind(
        title: "a BGP group", keys: [group, families(.families)] + common + reflection)

    private static let group = Key(
        "group", .scalar(.name), "the BGP group whose settings hold where this says nothing")

    private static let addresses = [
        Key(
            "address", .scalar(.address),
            default: "on the shared link or LAN; the loopback between nodes of one provider, and "
                + "of two over several hops",
            "the neighbor's address"),
        Key(
            "local-address", .scalar(.address), default: "the address here that goes with it",
            "what the session is made from"),
    ]

    private static func families(_ form: Form) -> Key {
        Key(
            "families", .oneOrMore(.scalar(form)), default: "unicast of the address's family",
            "what the session carries")
    }

    private static let common = [
        Key("as", .scalar(.asNumber), default: "the other node's", "the neighbor's AS"),
        Key("passive", .scalar(.flag), default: "false", "wait for the neighbor to connect"),
        Key("password", .scalar(.password), "the TCP MD5 key (RFC 2385)"),
        Key(
            "hold-time", .scalar(.holdTime), default: "90",
            "seconds without a message that end the session; 0 is forever"),
        Key(
            "next-hop-self", .scalar(.flag), default: "false",
            "give internal neighbors this node as the next hop of external routes"),
        Key(
            "as-override", .scalar(.flag), default: "false",
            "send our AS in place of the neighbor's own"),
        Key(
            "allowas-in", .scalar(.integer(0...10)), default: "0",
            "how often our own AS may stand in a received path"),
        Key(
            "maximum-prefixes", .scalar(.integer(1...Int(UInt32.max))), default: "any number",
            "how many prefixes of each family are taken before the session is ended for good"),
        Key("med-out", .scalar(.unsigned32), "the MED of all that is sent"),
        Key(
            "import", policyChain, default: "accept from internal neighbors, reject from external",
            "policies for received routes, in order"),
        Key(
            "export", policyChain, default: "BGP routes to internal neighbors, none to external",
            "policies for sent routes, in order"),
        Key(
            "multihop", .scalar(.integer(1...255)), default: "1",
            "how many routers an external session may cross; 1 is a neighbor on the link"),
        Key(
            "bfd", orNone(bfd), default: "none",
            "end the session when the neighbor is lost; multihop where it is not on the link"),
        Key("deactivated", .scalar(.flag), default: "false", "start without the session"),
    ]

    private static let reflection = [
        Key(
            "route-reflector-client", .scalar(.flag), default: "false",
            "reflect routes to and from this neighbor"),
        Key(
            "add-path", .scalar(.integer(0...16)),
            "take several paths to a destination and send so many, 0 for the best alone (RFC 7911)"
        ),
        Key(
            "best-external", .scalar(.flag), default: "false",
            "tell an internal neighbor the best external path, though an internal one be better"),
    ]
}

extension Form {
    static let unsigned32 = Form.integer(0...Int(UInt32.max))

    /// RFC 4271 §4.2: zero or at least three seconds.
    static let holdTime = Form.pattern(
        "0 or a number of seconds from 3 to 65535,", example: "90", "0|[3-9]|[1-9][0-9]{1,4}"
    ) {
        Form.number($0).map { $0 == 0 || (3...65535).contains($0) } ?? false
    }
}
