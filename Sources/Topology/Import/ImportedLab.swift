// SPDX-License-Identifier: Apache-2.0

import Primitives

/// A topology that is being made of another tool's file. Every part has the place that it comes
/// from; what Weft would refuse is taken out again, and told.
struct ImportedLab {
    struct Address {
        var value: InterfaceAddress
        var place: Place
    }

    struct Route {
        var prefix: IPPrefix
        var gateway: IPAddress
        var place: Place
    }

    struct Node {
        var name: String
        var place: Place
        /// Whether packets pass through it.
        var isRouter: Bool
        var loopbacks: [IPAddress] = []
        /// By interface.
        var addresses: [String: [Address]] = [:]
        var routes: [Route] = []
    }

    struct End {
        var node: String
        /// nil where the name is not one that Weft can give.
        var interface: String?
        /// Besides those of the node.
        var addresses: [Address] = []
    }

    struct Link {
        var ends: [End]
        var mtu: String?
        var place: Place
    }

    struct LAN {
        var name: String
        var ends: [End] = []
        var place: Place
    }

    var name = ""
    var nodes: [Node] = []
    var links: [Link] = []
    var lans: [LAN] = []
    private(set) var notes: [ImportNote] = []
    /// Addresses that were taken out.
    private var refused: Set<Place> = []

    mutating func note(_ place: Place, _ message: String) {
        let home = Place(line: place.line, column: place.column)
        notes.append(ImportNote(place: home, message: message))
    }

    // MARK: Taking out

    /// Takes out what makes the topology wrong, until it is right.
    mutating func settle() throws(TopologyErrors) -> Topology {
        while true {
            let (topology, diagnostics) = TopologyFile.resolved(tree)
            guard !diagnostics.isEmpty else { return topology }
            var isBetter = false
            for diagnostic in diagnostics where remove(at: diagnostic.place) {
                note(diagnostic.place, "left out: " + diagnostic.message)
                isBetter = true
            }
            guard isBetter else { throw TopologyErrors(diagnostics: diagnostics) }
        }
    }

    /// Takes out the route, the address, or else the whole link or LAN of a place.
    private mutating func remove(at place: Place) -> Bool {
        for index in nodes.indices {
            if let route = nodes[index].routes.firstIndex(where: { $0.place == place }) {
                nodes[index].routes.remove(at: route)
                return true
            }
        }
        let ends = links.flatMap(\.ends) + lans.flatMap(\.ends)
        if ends.flatMap({ addresses(of: $0) }).contains(where: { $0.place == place }) {
            return refused.insert(place).inserted
        }
        if let link = links.firstIndex(where: { $0.place == place }) {
            let own = Set(links[link].ends.flatMap { addresses(of: $0) }.map(\.place))
            if own.isEmpty { links.remove(at: link) } else { refused.formUnion(own) }
            return true
        }
        if let lan = lans.firstIndex(where: { $0.place == place }) {
            let own = Set(lans[lan].ends.flatMap { addresses(of: $0) }.map(\.place))
            if own.isEmpty { lans.remove(at: lan) } else { refused.formUnion(own) }
            return true
        }
        return false
    }

    private func addresses(of end: End) -> [Address] {
        let node = nodes.first { $0.name == end.node }
        let own = end.interface.flatMap { node?.addresses[$0] } ?? []
        return (own + end.addresses).filter { !refused.contains($0.place) }
    }

    // MARK: The topology

    var tree: YAMLNode {
        let place = Place(line: 1, column: 1)
        func mapping(_ pairs: [YAMLPair]) -> YAMLNode {
            YAMLNode(place: place, content: .mapping(pairs))
        }
        var pairs = [pair("name", .scalar(name, isPlain: true), place)]
        pairs.append(
            YAMLPair(
                key: "nodes", keyPlace: place,
                value: mapping(
                    nodes.map { YAMLPair(key: $0.name, keyPlace: $0.place, value: value(of: $0)) }))
        )
        if !links.isEmpty {
            pairs.append(pair("links", .sequence(links.map { value(of: $0) }), place))
        }
        if !lans.isEmpty {
            let values = lans.map { lan in
                YAMLPair(key: lan.name, keyPlace: lan.place, value: value(of: lan))
            }
            pairs.append(pair("lans", .mapping(values), place))
        }
        return mapping(pairs)
    }

    private func pair(_ key: String, _ content: YAMLNode.Content, _ place: Place) -> YAMLPair {
        YAMLPair(key: key, keyPlace: place, value: YAMLNode(place: place, content: content))
    }

    private func text(_ text: some CustomStringConvertible, _ place: Place) -> YAMLNode {
        YAMLNode(place: place, content: .scalar(text.description, isPlain: true))
    }

    private func value(of node: Node) -> YAMLNode {
        let place = node.place
        var pairs = [pair("role", .scalar(node.isRouter ? "ce" : "host", isPlain: true), place)]
        let loopbacks = node.loopbacks.map { text($0, place) }
        if loopbacks.count > 1 {
            pairs.append(pair("loopback", .sequence(loopbacks), place))
        } else if let loopback = loopbacks.first {
            pairs.append(pair("loopback", loopback.content, place))
        } else if node.isRouter {
            pairs.append(pair("loopback", .scalar("none", isPlain: true), place))
        }
        if !node.routes.isEmpty {
            let routes = node.routes.map { route in
                YAMLPair(
                    key: route.prefix.description, keyPlace: route.place,
                    value: text(route.gateway, route.place))
            }
            pairs.append(pair("static", .mapping(routes), place))
        }
        return YAMLNode(place: place, content: .mapping(pairs))
    }

    /// Ends in a list where all is said alike, else each with its settings.
    private func value(of link: Link) -> YAMLNode {
        let place = link.place
        let addresses = link.ends.map { self.addresses(of: $0) }
        var pairs: [YAMLPair] = []
        if addresses.allSatisfy(\.isEmpty) || !addresses.contains(where: \.isEmpty) {
            let ends = link.ends.map { end in
                text(end.node + (end.interface.map { ":" + $0 } ?? ""), place)
            }
            pairs.append(pair("endpoints", .sequence(ends), place))
            if !addresses[0].isEmpty {
                let lists = addresses.map { list($0, place) }
                pairs.append(pair("addresses", .sequence(lists), place))
            }
        } else {
            pairs.append(pair("endpoints", .mapping(link.ends.map { settings($0, place) }), place))
        }
        if let mtu = link.mtu { pairs.append(pair("mtu", .scalar(mtu, isPlain: true), place)) }
        return YAMLNode(place: place, content: .mapping(pairs))
    }

    private func value(of lan: LAN) -> YAMLNode {
        let ends = lan.ends.map { settings($0, lan.place) }
        return YAMLNode(
            place: lan.place, content: .mapping([pair("endpoints", .mapping(ends), lan.place)]))
    }

    private func settings(_ end: End, _ place: Place) -> YAMLPair {
        var pairs: [YAMLPair] = []
        if let interface = end.interface {
            pairs.append(pair("interface", .scalar(interface, isPlain: true), place))
        }
        let addresses = addresses(of: end)
        if !addresses.isEmpty {
            pairs.append(YAMLPair(key: "address", keyPlace: place, value: list(addresses, place)))
        }
        return pair(end.node, .mapping(pairs), place)
    }

    private func list(_ addresses: [Address], _ place: Place) -> YAMLNode {
        let texts = addresses.map { text($0.value, $0.place) }
        return texts.count == 1 ? texts[0] : YAMLNode(place: place, content: .sequence(texts))
    }
}
