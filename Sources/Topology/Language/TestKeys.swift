// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Tests: events, what may be lost around them, and checks.
extension Language {
    static let test = MappingKind(
        title: "a test",
        keys: [
            Key("name", .scalar(.text), required: true, "what the step shows"),
            Key("do", .oneOrMore(.mapping(event)), "what is done to the lab first, in order"),
            Key(
                "outage", .oneOrMore(.mapping(outage)),
                "what may be lost, from before the events until the checks hold"),
            Key(
                "wire", .oneOrMore(.mapping(wire)),
                "what may pass on links, from before the events until the checks hold"),
            Key("checks", .list(.mapping(check)), "what must hold afterwards"),
            Key(
                "within", .scalar(.duration), default: "30s", "how long each check may take to hold"
            ),
        ])

    static let event = MappingKind(
        title: "an event",
        keys: [
            Key("deactivate", .mapping(session), "take a BGP session down and keep it down"),
            Key("activate", .mapping(session), "let it come up again"),
            Key("link-down", linkTarget, "take the carrier from a link, a LAN, or one node's end"),
            Key("link-up", linkTarget, "give it back"),
            Key("impair", .mapping(impairment), "delay, lose or slow down what a link carries"),
            Key("repair", linkTarget, "no longer impair a link, a LAN, or one node's end"),
            Key("kill", .scalar(.nodeName), "end a node without a goodbye"),
            Key("stop", .scalar(.nodeName), "end a node with a goodbye to its neighbors"),
            Key("start", .scalar(.nodeName), "bring a killed or stopped node back"),
            Key("rekey", .mapping(ipsecPeer), "replace a node's keys with a peer by new ones"),
        ],
        choices: [
            Choice(
                [
                    "deactivate", "activate", "link-down", "link-up", "impair", "repair", "kill",
                    "stop", "start", "rekey",
                ], isRequired: true)
        ])

    static let ipsecPeer = MappingKind(title: "an IPsec peer", keys: ipsecPeerKeys)

    private static let ipsecPeerKeys = [
        nodeKey,
        Key("peer", .scalar(.nodeName), required: true, "the provider edge at the other end"),
    ]

    static let wire = MappingKind(
        title: "a wire check",
        keys: [
            Key("link", .scalar(.name), required: true, "the link, both directions"),
            Key(
                "only", .oneOrMore(.scalar(packetKind), orNone: true),
                "packets of no other kind pass"),
            Key("some", .oneOrMore(.scalar(packetKind)), "packets of each of these kinds pass"),
            Key("labels", .list(.scalar(.label)), "no other bottom label passes"),
            Key(
                "never", .oneOrMore(.scalar(.prefixOrVRF)),
                "no packet can be read from or to these, or the subnets and loopbacks of a VRF"),
        ])

    private static let packetKind = Form.choice(PacketKind.allCases.map(\.rawValue))

    private static let linkTarget = Shape.either([.scalar(.name), .mapping(linkEnd)])

    static let linkEnd = MappingKind(title: "a link's end", keys: linkEndKeys)

    private static let linkEndKeys = [
        Key("link", .scalar(.name), required: true, "a link or LAN"),
        Key("node", .scalar(.nodeName), default: "all of its nodes", "the node at that end"),
    ]

    static let impairment = MappingKind(
        title: "an impairment",
        keys: linkEndKeys + [
            Key("delay", .scalar(.duration), default: "none", "added to what that end sends"),
            Key("jitter", .scalar(.duration), default: "none", "how much the delay varies"),
            Key("loss", .scalar(.packetShare), default: "none", "how much is lost, at random"),
            Key("rate", .scalar(.bitRate), default: "no limit", "how much can pass"),
        ])

    static let session = MappingKind(title: "a session", keys: sessionKeys)

    static let outage = MappingKind(
        title: "an outage",
        keys: probeKeys + [
            Key(
                "below", .scalar(.duration), required: true,
                "the longest time without an answer; 0s means that no probe may be lost"),
            Key("interval", .scalar(.duration), default: "5ms", "time between probes"),
        ])

    static let check = MappingKind(
        title: "a check",
        keys: [
            Key("ping", .mapping(ping), "every echo request is answered"),
            Key("unreachable", .mapping(unreachable), "no echo request is answered"),
            Key("traceroute", .mapping(traceroute), "exactly these hops answer"),
            Key("route", .mapping(route), "a route of a router's table"),
            Key("received", .mapping(received), "what a neighbor sends"),
            Key("advertised", .mapping(advertised), "what is sent to a neighbor"),
            Key("bgp", .mapping(bgpState), "the state of a session"),
            Key("vrrp", .mapping(vrrpState), "the state of a VRRP group"),
            Key("isis", .mapping(isisState), "neighbors in IS-IS"),
            Key("ospf", .mapping(ospfState), "neighbors in OSPF"),
            Key("ldp", .mapping(ldpState), "sessions of LDP"),
            Key("bfd", .mapping(bfdState), "sessions of BFD"),
            Key("kernel-route", .mapping(kernelRoute), "a route of the kernel"),
            Key("path-mtu", .mapping(pathMTU), "the largest packet that is not fragmented"),
            Key("endpoints", .mapping(endpoints), "whom a multipoint tunnel reaches"),
            Key("ipsec", .mapping(ipsecState), "the state of security associations"),
        ],
        choices: [
            Choice(
                [
                    "ping", "unreachable", "traceroute", "route", "received", "advertised", "bgp",
                    "vrrp", "isis", "ospf", "ldp", "bfd", "kernel-route", "path-mtu",
                    "endpoints", "ipsec",
                ], isRequired: true)
        ])

    private static let within = Key(
        "within", .scalar(.duration), default: "the test's", "how long it may take to hold")
    private static let vrfKey = Key(
        "vrf", .scalar(.name), default: "the default VRF", "the VRF on that node")
    private static let nodeKey = Key("node", .scalar(.nodeName), required: true, "where to look")
    private static let prefixKey = Key(
        "prefix", .scalar(.prefix), required: true, "the route's prefix")
    private static let labels = Key(
        "labels", .list(.scalar(.label)), "the labels that are pushed, top first")

    private static let probeKeys = [
        Key("from", .scalar(.nodeName), required: true, "where packets start"),
        vrfKey,
        Key(
            "source", .scalar(.addressOrNode), default: "as the kernel chooses",
            "an address of that node, or its name for its loopback"),
        Key(
            "to", .scalar(.addressOrNode), required: true,
            "an address, or a node for its loopback or first address"),
    ]

    private static let sessionKeys = [
        nodeKey, vrfKey,
        Key(
            "neighbor", .scalar(.addressOrNode), required: true, "its neighbor, by node or address"),
    ]

    static let ping = MappingKind(
        title: "a ping",
        keys: probeKeys + [
            Key("count", .scalar(.integer(1...1000)), default: "3", "how many requests"), within,
        ])

    static let unreachable = MappingKind(
        title: "an unreachable check", keys: probeKeys + [within])

    static let traceroute = MappingKind(
        title: "a traceroute",
        keys: probeKeys + [
            Key(
                "hops", .list(.scalar(.hop)), required: true,
                "who answers, the destination last; '*' for a hop that is silent"),
            within,
        ])

    static let path = MappingKind(title: "a path", keys: pathKeys)

    static let route = MappingKind(
        title: "a route check",
        keys: [
            nodeKey, vrfKey, prefixKey,
            Key("absent", .scalar(.flag), default: "false", "the table must lack the prefix"),
            Key(
                "paths", .list(.mapping(path)), default: "only the active path is looked at",
                "all paths of the prefix, the active one first"),
            within,
        ] + pathKeys)

    private static let pathKeys = [
        Key(
            "protocol", .scalar(.choice(RouteSource.allCases.map(\.rawValue))),
            "where it comes from"),
        Key("next-hop", .scalar(.address), "the next hop"),
        Key("interface", .scalar(.name), "the interface it leaves by"),
        Key("from", .scalar(.addressOrNode), "the neighbor it was learned from"),
        Key("med", .scalar(.unsigned32), "the multi-exit discriminator"),
        Key("local-preference", .scalar(.unsigned32), "the local preference"),
        Key("as-path", .scalar(.asPath), "the AS path, nearest first"),
        Key("originator", .scalar(.identifier), "the originator ID that a reflector set"),
        Key(
            "communities", .oneOrMore(.scalar(.community), orNone: true),
            "exactly these, in any order"),
        Key("vpn-label", .scalar(.label), "the label that came with the route"),
        labels,
        Key("transport", .scalar(.name), "what carries it: a transport, or mpls"),
        Key("reason", .scalar(.text), "a part of why the path is active, or is not"),
    ]

    private static let neighborRouteKeys =
        sessionKeys + [
            Key("prefixes", .list(.scalar(.prefix)), required: true, "these prefixes"),
            Key("exact", .scalar(.flag), default: "true", "and no others"),
            Key("med", .scalar(.unsigned32), "the MED of every one"),
            Key("as-path", .scalar(.asPath), "the AS path of every one"),
            within,
        ]
    static let received = MappingKind(title: "a received check", keys: neighborRouteKeys)
    static let advertised = MappingKind(title: "an advertised check", keys: neighborRouteKeys)

    static let bgpState = MappingKind(
        title: "a bgp check",
        keys: sessionKeys + [
            Key(
                "state",
                .scalar(
                    .choice([
                        "idle", "connect", "active", "opensent", "openconfirm", "established",
                    ])), default: "established", "the session's state"),
            within,
        ])

    static let vrrpState = MappingKind(
        title: "a vrrp check",
        keys: [
            nodeKey,
            Key("lan", .scalar(.name), "the group's LAN"),
            Key("link", .scalar(.name), "the group's link"),
            Key("group", .scalar(.integer(1...255)), default: "the only one there", "the group"),
            Key(
                "family", .scalar(.choice(AddressFamily.allCases.map { "\($0)" })),
                default: "the only one there", "the family of the group's virtual addresses"),
            Key(
                "state", .scalar(.choice(["initialize", "backup", "master"])), required: true,
                "the group's state on this node"),
            Key("virtual-address", .oneOrMore(.scalar(.address)), "exactly these"),
            within,
        ],
        choices: [Choice(["lan", "link"], isRequired: true)])

    static let isisState = MappingKind(
        title: "an isis check", keys: [nodeKey, neighborNode, upOrDown, within])

    static let ospfState = MappingKind(
        title: "an ospf check",
        keys: [
            nodeKey, vrfKey, neighborNode,
            Key(
                "family", .scalar(.choice(AddressFamily.allCases.map { "\($0)" })), default: "ipv4",
                "ipv6 is version 3"), upOrDown,
            Key(
                "prefix", .scalar(.prefix),
                "look at the way that OSPF finds there, and not at neighbors"),
            Key(
                "type", .scalar(.choice(OSPFRouteCheck.Kind.allCases.map(\.rawValue))),
                default: "any", "what OSPF takes the prefix for"),
            within,
        ],
        choices: ["neighbor", "family", "state"].map { Choice([$0, "prefix"]) })

    static let ldpState = MappingKind(
        title: "an ldp check", keys: [nodeKey, neighborNode, upOrDown, within])

    static let bfdState = MappingKind(
        title: "a bfd check", keys: [nodeKey, vrfKey, neighborNode, upOrDown, within])

    private static let neighborNode = Key(
        "neighbor", .scalar(.nodeName), default: "all that the node should have",
        "the node at the other end")

    private static let upOrDown = Key(
        "state", .scalar(.choice(["up", "down"])), default: "up",
        "up: each of them is; down: none of them is")

    static let kernelRoute = MappingKind(
        title: "a kernel-route check",
        keys: [
            nodeKey, vrfKey, prefixKey,
            Key("absent", .scalar(.flag), default: "false", "the kernel must lack the prefix"),
            Key("via", .scalar(.address), "the next hop"),
            Key("interface", .scalar(.name), "the interface it leaves by"),
            labels, within,
        ])

    static let pathMTU = MappingKind(
        title: "a path-mtu check",
        keys: probeKeys + [
            Key(
                "mtu", .scalar(.integer(68...65535)), required: true,
                "packets of so many octets pass, larger ones are refused with that number"),
            within,
        ])

    static let endpoints = MappingKind(
        title: "an endpoints check",
        keys: [
            nodeKey, Key("transport", .scalar(.name), required: true, "a transport with mgre"),
            Key(
                "endpoints", .list(.scalar(.addressOrNode)), required: true,
                "exactly these, by address or node"),
            within,
        ])

    static let ipsecState = MappingKind(
        title: "an ipsec check",
        keys: ipsecPeerKeys + [
            Key(
                "state", .scalar(.choice(["up", "down", "failing"])), default: "up",
                "failing: packets arrive that do not authenticate"),
            within,
        ])
}

extension Form {
    static let label = Form.integer(0...1_048_575)
}
