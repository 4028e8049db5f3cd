// SPDX-License-Identifier: Apache-2.0

import Primitives

/// What several routing protocols share: authentication, SPF throttling, BFD; and LDP.
extension Language {
    /// A protocol's authentication: the kinds that its RFCs define, the first by default.
    static func authentication(
        of protocolName: String, _ methods: [Authentication.Method], keyIDs: ClosedRange<Int>
    ) -> Key {
        let kind = MappingKind(
            title: "authentication of \(protocolName)",
            keys: [
                Key(
                    "type", .scalar(.choice(methods.map(\.rawValue))),
                    default: methods[0].rawValue, "how packets are signed"),
                Key(
                    "password", .scalar(.password), required: true, "what the routers share"),
                Key(
                    "key-id", .scalar(.integer(keyIDs)), default: "1",
                    "the number that packets name the password by"),
            ])
        return Key("authentication", .mapping(kind), "packets of other routers are ignored")
    }

    static let spf = MappingKind(
        title: "spf",
        keys: [
            Key(
                "initial", .scalar(.duration), default: "0s",
                "from the first change to the computation, after a quiet time"),
            Key(
                "wait", .scalar(.duration), default: "50ms",
                "at least between two computations; doubles while changes go on"),
            Key("maximum", .scalar(.duration), default: "200ms", "what it doubles to at most"),
        ])

    static let spfKey = Key(
        "spf", .mapping(spf), "when shortest paths are computed after a change")

    static let bfd = MappingKind(
        title: "bfd",
        keys: [
            Key(
                "interval", .scalar(.duration), default: "300ms",
                "between packets, as sent and as wanted from the neighbor"),
            Key(
                "multiplier", .scalar(.integer(1...255)), default: "3",
                "how many packets may be missing before the neighbor is down"),
            Key(
                "demand", .scalar(.flag), default: "false",
                "ask the neighbor to send nothing while the session is up (RFC 5880 section 6.6)"),
            authentication(
                of: "BFD", [.meticulousSHA1, .sha1, .meticulousMD5, .md5, .clear],
                keyIDs: 0...255),
        ])

    static let ldp = MappingKind(
        title: "LDP",
        keys: [
            Key("password", .scalar(.password), "the TCP MD5 key of sessions (RFC 2385)"),
            Key(
                "synchronization", .scalar(.flag), default: "true",
                "a link is the last resort of the IGP until LDP is up on it (RFC 5443)"),
            Key(
                "track-igp-metric", .scalar(.flag), default: "true",
                "a label switched path costs what the IGP's route does; else 1"),
            Key(
                "hello-interval", .scalar(.duration), default: "5s",
                "between hellos, by which neighbors find each other"),
            Key(
                "hello-hold-time", .scalar(.duration), default: "15s",
                "without a hello, after which a neighbor is gone"),
            Key(
                "keepalive", .scalar(.duration), default: "30s",
                "without a message, after which a session ends"),
            explicitNull,
        ])

    static let nodeLDP = MappingKind(
        title: "LDP of a node",
        keys: [
            explicitNull,
            Key(
                "targeted", .oneOrMore(.scalar(.nodeName)),
                "provider nodes to have a session with that need not be neighbors; they answer"),
        ])

    private static let explicitNull = Key(
        "explicit-null", .scalar(.flag), default: "false",
        "ask for packets to the node itself with the label 0, rather than none")

    /// Of a link: the protocol does not run there.
    static let none = Shape.scalar(.none)

    static func orNone(_ kind: MappingKind) -> Shape { .either([.mapping(kind), none]) }
}

extension Form {
    static let none = choice(["none"])
}
