// SPDX-License-Identifier: Apache-2.0

import Primitives

/// IS-IS, OSPF and RIP: of the core, of a node, of a VRF, of a link.
extension Language {
    // MARK: IS-IS

    static let coreISIS = MappingKind(
        title: "IS-IS of the core",
        keys: [
            isisLevel("2", "the levels that routers take part in"),
            Key("area", .scalar(.isisArea), default: "49.0001", "the area of all nodes"),
            isisAuthentication,
        ] + isisTimes + [
            Key(
                "lsp-lifetime", .scalar(.duration), default: "1200s",
                "how long a router's description holds without being sent anew"),
            Key(
                "overload-on-start", .scalar(.duration), default: "0s",
                "how long a router that starts asks others to send nothing through it"),
            spfKey,
            Key(
                "ipv6", .scalar(.flag), default: "whether core links have IPv6 addresses",
                "carry IPv6 routes too (RFC 5308)"),
        ])

    static let nodeISIS = MappingKind(
        title: "IS-IS of a node",
        keys: [
            isisLevel("the core's", "the levels that the node takes part in"),
            Key("area", .scalar(.isisArea), default: "the core's", "the node's area"),
            Key(
                "system-id", .scalar(.systemID), default: "made of the router ID",
                "the node's identifier"),
            Key(
                "overload", .scalar(.flag), default: "false",
                "ask others to send nothing through the node"),
            Key(
                "priority", .scalar(.integer(0...127)), default: "64",
                "the highest is a LAN's designated router"),
        ])

    static let linkISIS = MappingKind(
        title: "IS-IS of a link",
        keys: [
            isisLevel("what the ends have in common", "the levels of the adjacency"),
            circuitType,
            passive("tell of the subnet, but have no neighbors there"),
            isisAuthentication,
        ] + isisTimes)

    private static func isisLevel(_ value: String, _ text: String) -> Key {
        Key(
            "level", .scalar(.choice(ISIS.Level.allCases.map(\.rawValue))), default: value, text)
    }

    private static let isisAuthentication = authentication(
        of: "IS-IS", [.hmacMD5, .hmacSHA1, .hmacSHA256, .clear], keyIDs: 0...255)

    private static let isisTimes = [
        helloInterval("3s"),
        Key(
            "hold-multiplier", .scalar(.integer(2...255)), default: "3",
            "how many hellos may be missing before the neighbor is gone"),
    ]

    // MARK: OSPF

    static let coreOSPF = MappingKind(
        title: "OSPF of the core",
        keys: [ospfArea("0"), ospfStub, ospfTotallyStub] + ospfLinkKeys(.ipv4) + [spfKey])

    static let nodeOSPF = ospfOfNode("OSPF of a node", .ipv4)
    static let nodeOSPF3 = ospfOfNode("OSPF version 3 of a node", .ipv6)
    static let vrfOSPF = ospfOfVRF("OSPF of a VRF", .ipv4)
    static let vrfOSPF3 = ospfOfVRF("OSPF version 3 of a VRF", .ipv6)
    static let linkOSPF = ospfOfLink("OSPF of a link", .ipv4)
    static let linkOSPF3 = ospfOfLink("OSPF version 3 of a link", .ipv6)

    private static func ospfOfNode(_ title: String, _ family: AddressFamily) -> MappingKind {
        let keys = [ospfArea("0, or the core's"), ospfStub, ospfTotallyStub] + ospfExport
        return MappingKind(
            title: title,
            keys: keys + [passiveLinks("all; of a provider node none")] + ospfLinkKeys(family)
                + [ospfPriority, spfKey])
    }

    private static func ospfOfVRF(_ title: String, _ family: AddressFamily) -> MappingKind {
        let keys = [ospfArea("0"), ospfStub, ospfTotallyStub] + ospfExport
        return MappingKind(
            title: title,
            keys: keys + [passiveLinks("none")] + ospfLinkKeys(family) + [ospfPriority, spfKey]
                + [
                    Key(
                        "domain-id", .scalar(.identifier),
                        "sites of one domain see each other's routes as their own (RFC 4577)"),
                    Key(
                        "sham-links", .list(.mapping(shamLink)),
                        "links over the core to the same VRF of other provider edges"),
                ])
    }

    private static func ospfOfLink(_ title: String, _ family: AddressFamily) -> MappingKind {
        MappingKind(
            title: title,
            keys: [
                ospfArea("of its nodes"),
                Key(
                    "cost", .scalar(.integer(1...65535)), default: "the link's metric",
                    "what the way over it costs"),
                circuitType,
                passive("tell of the subnet, but have no neighbors there"),
            ] + ospfLinkKeys(family))
    }

    static let shamLink = MappingKind(
        title: "a sham link",
        keys: [
            Key(
                "remote", .scalar(.addressOrNode), required: true,
                "the other provider edge, or its address in the VRF"),
            Key(
                "local", .scalar(.address), default: "the VRF's loopback",
                "the address here, which BGP carries and OSPF does not"),
            Key("cost", .scalar(.integer(1...65535)), default: "1", "what the way over it costs"),
        ])

    private static func ospfArea(_ value: String) -> Key {
        Key("area", .scalar(.ospfArea), default: value, "the area, as a number or dotted")
    }

    private static let ospfStub = Key(
        "stub", .oneOrMore(.scalar(.ospfArea)),
        "areas that take in no routes from outside of OSPF, but a default route")

    private static let ospfTotallyStub = Key(
        "totally-stub", .oneOrMore(.scalar(.ospfArea)),
        "areas that take in no routes of other areas either, but a default route")

    private static let ospfExport = [
        igpExport,
        Key(
            "export-type", .scalar(.integer(1...2)), default: "2",
            "external routes of type 1 cost what the way to this router does, too"),
    ]

    private static let ospfPriority = Key(
        "priority", .scalar(.integer(0...255)), default: "1",
        "the highest is a LAN's designated router; 0 never is")

    /// Version 3 has no authentication of its own (RFC 5340 §2.6).
    private static func ospfLinkKeys(_ family: AddressFamily) -> [Key] {
        (family == .ipv4 ? [ospfAuthentication] : []) + [
            helloInterval("10s"),
            Key(
                "dead-interval", .scalar(.duration), default: "four hello intervals",
                "without a hello, after which the neighbor is gone"),
        ]
    }

    private static let ospfAuthentication = authentication(
        of: "OSPF", [.md5, .hmacSHA1, .hmacSHA256, .hmacSHA384, .hmacSHA512, .clear],
        keyIDs: 0...255)

    // MARK: RIP

    static let rip = MappingKind(
        title: "RIP", keys: ripKeys + [
            authentication(of: "RIP", [.md5, .hmacSHA1, .hmacSHA256, .clear], keyIDs: 0...255)
        ])

    static let ripng = MappingKind(title: "RIPng", keys: ripKeys)

    private static let ripKeys = [
        igpExport, passiveLinks("all; none in a VRF"),
        Key("update-interval", .scalar(.duration), default: "30s", "between updates"),
        Key(
            "timeout", .scalar(.duration), default: "six update intervals",
            "without an update, after which a route is gone"),
        Key(
            "garbage-time", .scalar(.duration), default: "four update intervals",
            "how long neighbors are told that it is"),
    ]

    // MARK: What they share

    private static let igpExport = Key(
        "export", policyChain, default: "nothing",
        "policies for routes of other protocols that are told here; 'med' is their metric")

    /// - Parameter value: what holds without the key.
    private static func passiveLinks(_ value: String) -> Key {
        Key(
            "passive", .oneOrMore(.scalar(.name), orNone: true), default: value,
            "links and LANs without a neighbor that are told of too, or all, or none")
    }

    private static func passive(_ text: String) -> Key {
        Key("passive", .scalar(.flag), default: "false", text)
    }

    private static func helloInterval(_ value: String) -> Key {
        Key("hello-interval", .scalar(.duration), default: value, "between hellos")
    }

    private static let circuitType = Key(
        "type", .scalar(.choice(CircuitType.allCases.map(\.rawValue))),
        default: "point-to-point; of a LAN broadcast",
        "whether there is one neighbor at most, or a designated router")
}

extension Form {
    /// ISO 10589 §7.1.1: an area address has 1 to 13 octets before the system identifier.
    static let isisArea = pattern(
        "an area of 1 to 13 octets", example: "49.0001",
        "[0-9a-f]{2}(?:\\.(?:[0-9a-f]{2})+)+"
    ) {
        // The first octet stands apart, so that it is no whole number to other tools.
        AreaAddress($0) != nil && $0.utf8.dropFirst(2).first == 0x2e
    }
    static let systemID = value(
        "a system identifier", example: "0100.0000.0005", SystemID.self,
        "[0-9A-Fa-f]{4}(?:\\.[0-9A-Fa-f]{4}){2}")
    static let ospfArea = pattern(
        "an area", example: "1 or 0.0.0.1", .ipv4 | "0|[1-9][0-9]{0,9}"
    ) {
        OSPF.area($0) != nil
    }
}
