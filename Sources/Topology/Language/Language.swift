// SPDX-License-Identifier: Apache-2.0

/// The tables of the topology language: every kind of mapping, every key, what it may say.
enum Language {
    /// The whole file.
    static let file = MappingKind(
        title: "a topology",
        keys: [
            Key("name", .scalar(.labName), required: true, "the lab's name"),
            Key("description", .scalar(.text), "one line for people"),
            Key("addressing", .mapping(addressing), "where addresses come from that are not given"),
            Key(
                "core", .either([.mapping(core), coreMode]),
                "how the provider's core forwards; a mode, or more"),
            Key(
                "transports", .map(keys: .name, values: .mapping(transport)),
                "ways to carry VPNs over a core without MPLS"),
            Key(
                "ipsec", .map(keys: .name, values: .mapping(ipsecProfile)),
                "how transports are protected"),
            Key(
                "templates", .map(keys: .name, values: .mapping(template)),
                "pieces of a topology with parameters"),
            Key("use", .list(.mapping(use)), "templates that become a part of this topology"),
        ] + content)

    /// What a file says itself, and a template may say too.
    static let content: [Key] = [
        Key(
            "bgp-groups", .map(keys: .name, values: .mapping(bgpGroup)),
            "settings that several neighbors share"),
        Key(
            "policies", .map(keys: .name, values: .list(.mapping(term))),
            "what may pass between routers, and how it changes"),
        Key(
            "nodes", .map(keys: .nodeName, values: .mapping(node)),
            "the routers and hosts; a topology has some, here or by its templates"),
        Key("links", .list(.mapping(link)), "point-to-point cables"),
        Key(
            "lans", .map(keys: .name, values: .mapping(lan)),
            "segments that several nodes share"),
        Key("tests", .list(.mapping(test)), "what must hold, and what to do to the lab"),
    ]

    static let addressing = MappingKind(
        title: "addressing",
        keys: [
            Key(
                "loopbacks", .oneOrMore(.scalar(.prefix)), default: "10.255.0.0/16",
                "loopbacks are taken from here, one address each"),
            Key(
                "links", .oneOrMore(.scalar(.prefix)), default: "172.16.0.0/12",
                "links are numbered from here, a /30 (or an IPv6 /64) each"),
            Key(
                "lans", .oneOrMore(.scalar(.prefix)), default: "192.168.0.0/16",
                "LANs are numbered from here, a /24 (or an IPv6 /64) each"),
        ])

    /// Every kind, for finding where a misplaced key belongs; the file's own first.
    static let kinds: [MappingKind] = {
        var kinds: [MappingKind] = []
        collect(.mapping(file), &kinds)
        return kinds
    }()

    private static func collect(_ shape: Shape, _ kinds: inout [MappingKind]) {
        switch shape {
        case .scalar: break
        case .mapping(let kind):
            guard !kinds.contains(where: { $0.title == kind.title }) else { return }
            kinds.append(kind)
            for key in kind.keys { collect(key.shape, &kinds) }
        case .map(_, let shape), .list(let shape, _), .oneOrMore(let shape, _):
            collect(shape, &kinds)
        case .either(let shapes): for shape in shapes { collect(shape, &kinds) }
        case .template(let shape): collect(shape, &kinds)
        }
    }
}
