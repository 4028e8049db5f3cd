// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Routing policy.
extension Language {
    static let term = MappingKind(
        title: "a policy's term",
        keys: [
            Key("name", .scalar(.text), "what the term is for"),
            Key("match", .mapping(match), default: "everything", "all of these must hold"),
            Key("set", .mapping(set), "what changes on a route that matches"),
            Key(
                "then", .scalar(.choice(Policy.Verdict.allCases.map(\.rawValue))),
                default: "go on with the next term", "the verdict"),
        ])

    static let match = MappingKind(
        title: "a match",
        keys: [
            Key(
                "protocol",
                .oneOrMore(.scalar(.choice(RouteSource.allCases.map(\.rawValue)))),
                "where the route comes from"),
            Key("prefix", .oneOrMore(.scalar(.prefixMatch)), "the route's prefix is any of these"),
            Key("community", .oneOrMore(.scalar(.community)), "the route has any of these"),
            Key("as-path", .oneOrMore(.scalar(.asPathPattern)), "the AS path fits any of these"),
            Key(
                "next-hop", .oneOrMore(.scalar(addressOrPrefix)),
                "the next hop lies in any of these"),
        ])

    static let set = MappingKind(
        title: "a set",
        keys: [
            Key("local-preference", .scalar(.unsigned32), "the local preference"),
            Key("med", .scalar(.unsigned32), "the multi-exit discriminator"),
            Key("next-hop", .scalar(nextHop), "self, or an address"),
            Key(
                "transport", .scalar(.name),
                "what carries packets to the next hop: a transport, or mpls"),
            Key("community", .mapping(communities), "changes to the communities"),
            Key(
                "as-path-prepend", .oneOrMore(.scalar(.asNumber)),
                "AS numbers to put before the path"),
        ])

    static let communities = MappingKind(
        title: "a community change",
        keys: [
            Key("set", .oneOrMore(.scalar(.community)), "replace all but the route targets"),
            Key("add", .oneOrMore(.scalar(.community)), "add these"),
            Key("remove", .oneOrMore(.scalar(.community)), "remove these"),
        ])

    private static let nextHop = Form.pattern(
        "self or an address", example: "10.0.0.1", "self" | .address
    ) {
        $0 == "self" || IPAddress($0) != nil
    }
    private static let addressOrPrefix = Form.pattern(
        "an address or a prefix", example: "10.0.0.1 or 10.0.0.0/8", .address | .prefix
    ) {
        IPAddress($0) != nil || IPPrefix($0) != nil
    } advice: {
        Form.prefix.advice($0)
    }
}
