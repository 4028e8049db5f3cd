// SPDX-License-Identifier: Apache-2.0

import Primitives

/// The provider's core, and what carries VPNs over it.
extension Language {
    static let core = MappingKind(
        title: "core",
        keys: [
            Key(
                "mode", coreMode, default: "static; signalled with any key of a protocol",
                "signalled: an IGP and LDP find the paths; static: label switched paths along "
                    + "shortest paths, computed once; ip: routes along them; none: neither"),
            Key(
                "igp", .scalar(.choice(Core.IGP.allCases.map(\.rawValue))),
                default: "isis; ospf where that is given", "what finds the core's routes"),
            Key("isis", .mapping(coreISIS), "IS-IS between provider nodes"),
            Key("ospf", .mapping(coreOSPF), "OSPF between provider nodes"),
            Key(
                "ldp", orNone(ldp),
                "LDP, which makes label switched paths of the IGP's routes; none: a core without"),
            Key(
                "bfd", orNone(bfd), default: "none",
                "how fast the loss of a neighbor in the core is noticed"),
            Key(
                "label-base", .scalar(.integer(17...1_000_000)), default: "1000",
                "the first label of the core's paths"),
            Key(
                "transport", .scalar(.name), default: "mpls; in mode ip, the file's only transport",
                "what carries VPNs between provider edges"),
            Key("pairs", .list(.mapping(transportPair)), "two provider edges that use another"),
        ], choices: [Choice(["isis", "ospf"])])

    /// Alone, the mode is the short form of a core.
    static let coreMode = Shape.scalar(.choice(Core.Mode.allCases.map(\.rawValue)))

    static let transportPair = MappingKind(
        title: "a pair",
        keys: [
            Key(
                "endpoints", .list(.scalar(.nodeName), count: 2), required: true,
                "the two provider edges"),
            Key("transport", .scalar(.name), required: true, "what they use between them"),
        ])

    static let transport = MappingKind(
        title: "a transport",
        keys: [
            Key(
                "encapsulation",
                .scalar(.choice(Transport.Encapsulation.allCases.map(\.rawValue))), required: true,
                "gre: a tunnel for each pair of provider edges; mgre: one for all"),
            Key("key", .scalar(.unsigned32), "the GRE key (RFC 2890)"),
            Key("ttl", .scalar(.integer(1...255)), default: "64", "of encapsulating packets"),
            Key(
                "mtu", .scalar(.mtu), default: "what the core's smallest link leaves",
                "of the tunnel, in octets, labels included"),
            Key("ipsec", .scalar(.name), "the IPsec profile that protects it"),
            Key(
                "advertise", .scalar(.flag), default: "false",
                "tell other provider edges by BGP to use it (RFC 9012)"),
        ])

    static let ipsecProfile = MappingKind(
        title: "an IPsec profile",
        keys: [
            Key(
                "keying", .scalar(.choice(IPsecProfile.Keying.allCases.map(\.rawValue))),
                default: "manual", "manual: keys drawn for each lab; ike: IKEv2 by strongSwan"),
            Key(
                "mode", .scalar(.choice(IPsecMode.allCases.map(\.rawValue))), default: "transport",
                "transport: GRE in ESP; tunnel: an IP header of its own inside ESP"),
            Key(
                "cipher", .scalar(.choice(ESPCipher.allCases.map(\.rawValue))),
                default: "aes-gcm-128", "how packets are encrypted and authenticated"),
            Key("rekey-time", .scalar(.duration), "how long an association lives; only with ike"),
            Key(
                "dead-peer-delay", .scalar(.duration), default: "2s",
                "how long a peer may be silent before it is asked whether it lives; only with ike"),
            Key(
                "secret", .scalar(.password), default: "drawn at random for each lab",
                "what both ends know"),
            Key(
                "secrets", .map(keys: .nodeName, values: .scalar(.password)),
                "what single nodes believe it to be"),
        ])
}
