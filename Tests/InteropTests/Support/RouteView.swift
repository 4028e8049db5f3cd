// SPDX-License-Identifier: Apache-2.0

import Foundation
import Primitives

/// A BGP route with all its attributes as one end of a session shows it, in the words that we use.
struct RouteView: Hashable, CustomStringConvertible {
    var prefix: String
    var routeDistinguisher: String?
    var nextHop: String?
    /// Empty for a route of the speaker's own AS.
    var asPath = ""
    /// igp, egp or incomplete.
    var origin: String
    var med: Int64?
    var localPreference: Int64?
    /// Of all three kinds, in the order of their texts.
    var communities: [String] = []
    var originator: String?
    var clusterList: [String] = []
    /// The VPN's label.
    var label: Int64?

    var description: String {
        let numbers = [("med", med), ("local-preference", localPreference), ("label", label)]
            .compactMap { name, value in value.map { "\(name) \($0)" } }
        let rest = [
            nextHop.map { "next-hop \($0)" }, "path [\(asPath)]", origin,
            communities.isEmpty ? nil : communities.joined(separator: ","),
            originator.map { "originator \($0)" },
            clusterList.isEmpty ? nil : "clusters \(clusterList.joined(separator: ","))",
        ].compactMap { $0 }
        let name = (routeDistinguisher.map { $0 + " " } ?? "") + prefix
        return "\n" + ([name] + rest + numbers).joined(separator: " ")
    }

    /// The same route with changes, such as what a neighbor does to it on the way out.
    func with(_ change: (inout Self) -> Void) -> Self {
        var copy = self
        change(&copy)
        return copy
    }
}

extension [RouteView] {
    subscript(prefix: String) -> RouteView? { first { $0.prefix == prefix } }
}

extension RouteView {
    /// Reads a route of our own `received` or `advertised`.
    init(ours json: JSON) {
        prefix = json["prefix"]?.string ?? ""
        routeDistinguisher = json["route-distinguisher"]?.string
        nextHop = json["next-hop"]?.string
        asPath = json["as-path"]?.string ?? ""
        origin = json["origin"]?.string ?? ""
        med = json["med"]?.int
        localPreference = json["local-preference"]?.int
        communities = (json["communities"]?.array.compactMap(\.string) ?? []).sorted()
        originator = json["originator"]?.string
        clusterList = json["cluster-list"]?.array.compactMap(\.string) ?? []
        label = json["labels"]?[0]?.int
    }
}

extension TestLab {
    /// What a router of ours got from a neighbor, or sent to one, in the order of prefixes.
    func routes(_ direction: String, _ node: String, _ neighbor: String) throws -> [RouteView] {
        let answer = try show(node, direction, ["neighbor": .string(neighbor)])
        return (answer["routes"]?.array ?? []).map { RouteView(ours: $0) }.sorted()
    }
}

extension RouteView: Comparable {
    static func < (a: Self, b: Self) -> Bool {
        (a.prefix, a.routeDistinguisher ?? "", a.nextHop ?? "")
            < (b.prefix, b.routeDistinguisher ?? "", b.nextHop ?? "")
    }
}
