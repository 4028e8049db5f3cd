// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Reads a containerlab topology file, and notes what a topology of Weft cannot say.
struct ContainerlabReader {
    private(set) var lab = ImportedLab()
    private(set) var notes: [ImportNote] = []
    private let root: YAMLNode
    private let topology: YAMLNode
    /// The names here of the file's nodes and bridges.
    private var nodeNames: [String: String] = [:]
    private var bridges: [String: Int] = [:]
    private var count = 0

    /// What a link may name in place of a node.
    private static let outside: Set<String> = [
        "host", "mgmt-net", "macvlan", "vxlan", "vxlan-stitch", "dummy",
    ]
    private static let bridgeKinds: Set<String> = ["bridge", "ovs-bridge"]

    init(_ root: YAMLNode) {
        self.root = root
        topology = root["topology"] ?? root
    }

    mutating func read() {
        let name = root["name"]
        lab.name = fitting(name?.text ?? "imported", Form.labName, name?.place ?? root.place, "lab")
        for pair in root.pairs where !["name", "topology"].contains(pair.key) {
            note(pair.keyPlace, "'\(pair.key.shortened)' is not carried")
        }
        let sections = ["defaults", "kinds", "groups", "nodes", "links"]
        for pair in topology.pairs where !sections.contains(pair.key) {
            note(pair.keyPlace, "'\(pair.key.shortened)' of the topology is not carried")
        }
        noteSettings(topology["defaults"], "all nodes")
        for key in ["kinds", "groups"] {
            for pair in topology[key]?.pairs ?? [] {
                noteSettings(pair.value, "the \(key.dropLast()) '\(pair.key.shortened)'")
            }
        }
        for pair in topology["nodes"]?.pairs ?? [] { readNode(pair) }
        for element in topology["links"]?.elements ?? [] { readLink(element) }
        for index in lab.nodes.indices { decideRole(index) }
        dropEmptyBridges()
    }

    private mutating func note(_ place: Place, _ message: String) {
        notes.append(ImportNote(place: place, message: message))
    }

    /// A place that no other part of the lab has.
    private mutating func own(_ place: Place) -> Place {
        count += 1
        return Place(line: place.line, column: place.column, expansion: count)
    }

    /// A name that fits, as near to the file's as can be.
    private mutating func fitting(
        _ name: String, _ form: Form, _ place: Place, _ what: String, taken: Set<String> = []
    ) -> String {
        var fitting = String(
            name.unicodeScalars.map { scalar in
                Names.isValid("a" + String(scalar), alsoAllowed: "-_") ? Character(scalar) : "-"
            }.prefix(50))
        if !form.accepts(fitting, isPlain: true) { fitting = "n" + fitting }
        var number = 1
        let base = fitting
        while taken.contains(fitting) {
            number += 1
            fitting = "\(base)-\(number)"
        }
        if fitting != name {
            note(place, "the \(what) '\(name.shortened)' is called '\(fitting)' here")
        }
        return fitting
    }

    // MARK: Nodes

    private static let carried: Set<String> = ["kind", "group", "exec", "network-mode"]

    private mutating func noteSettings(_ node: YAMLNode?, _ owner: String) {
        for pair in node?.pairs ?? [] where !Self.carried.contains(pair.key) {
            note(pair.keyPlace, "'\(pair.key.shortened)' of \(owner) is not carried")
        }
        if let mode = node?["network-mode"], mode.text != "none" {
            note(mode.place, "the network mode of \(owner) is not carried")
        }
    }

    private mutating func readNode(_ pair: YAMLPair) {
        noteSettings(pair.value, pair.key)
        let group = pair.value["group"]?.text.flatMap { topology["groups"]?[$0] }
        let kind =
            pair.value["kind"] ?? group?["kind"] ?? topology["defaults"]?["kind"]
        let name = kind?.text ?? "linux"
        let taken = Set(nodeNames.values)
        let home = own(pair.keyPlace)
        if Self.bridgeKinds.contains(name) {
            let fitting = fitting(
                pair.key, Form.nodeName, pair.keyPlace, "bridge", taken: taken)
            nodeNames[pair.key] = fitting
            bridges[pair.key] = lab.lans.count
            lab.lans.append(ImportedLab.LAN(name: fitting, place: home))
            return
        }
        let fitting = fitting(pair.key, Form.nodeName, pair.keyPlace, "node", taken: taken)
        nodeNames[pair.key] = fitting
        var node = ImportedLab.Node(name: fitting, place: home, isRouter: name != "linux")
        if node.isRouter {
            let place = kind?.place ?? pair.keyPlace
            note(
                place,
                "\(pair.key) of the kind '\(name.shortened)' is a router without configuration "
                    + "here")
        }
        let kinds = topology["kinds"]?[name]
        for source in [topology["defaults"], kinds, group, pair.value] {
            for line in source?["exec"]?.oneOrMore ?? [] { carry(line, pair.key, &node) }
        }
        lab.nodes.append(node)
    }

    private mutating func carry(_ line: YAMLNode, _ name: String, _ node: inout ImportedLab.Node) {
        for (text, command) in ShellCommand.commands(in: line.text ?? "") {
            switch command {
            case .nothing: break
            case .forwarding: node.isRouter = true
            case .address(let address, "lo"): carryLoopback(address, line.place, &node)
            case .address(let address, let interface):
                node.addresses[interface, default: []].append(
                    ImportedLab.Address(value: address, place: own(line.place)))
            case .route(let prefix, let gateway):
                guard !node.routes.contains(where: { $0.prefix == prefix }) else { fallthrough }
                node.routes.append(
                    ImportedLab.Route(prefix: prefix, gateway: gateway, place: own(line.place)))
            case nil:
                note(line.place, "'\(text.shortened)' of \(name) is not carried")
            }
        }
    }

    private mutating func carryLoopback(
        _ address: InterfaceAddress, _ place: Place, _ node: inout ImportedLab.Node
    ) {
        let isFirst = !node.loopbacks.contains { $0.family == address.address.family }
        if isFirst, address.prefix.isHost {
            node.loopbacks.append(address.address)
        } else {
            note(
                place,
                "\(address) is not carried: a loopback has one address of each family, with a "
                    + "length of its own")
        }
    }

    /// A node with one link, on which nothing says that it forwards, is a host.
    private mutating func decideRole(_ index: Int) {
        let name = lab.nodes[index].name
        let ends = (lab.links.flatMap(\.ends) + lab.lans.flatMap(\.ends)).filter { $0.node == name }
        if ends.count > 1 { lab.nodes[index].isRouter = true }
        let devices = Set(ends.compactMap(\.interface))
        for (device, addresses) in lab.nodes[index].addresses where !devices.contains(device) {
            for address in addresses {
                let home = Place(line: address.place.line, column: address.place.column)
                note(home, "\(address.value) is not carried: \(name) has no link at '\(device)'")
            }
        }
    }

    // MARK: Links

    private struct RawEnd {
        var node: String
        var interface: String
        var addresses: [ImportedLab.Address] = []
    }

    private mutating func readLink(_ element: YAMLNode) {
        if let type = element["type"], type.text != "veth" {
            return note(
                type.place, "the link of type '\((type.text ?? "").shortened)' is not carried")
        }
        for pair in element.pairs
        where !["type", "endpoints", "mtu", "ipv4", "ipv6"].contains(pair.key) {
            note(pair.keyPlace, "'\(pair.key.shortened)' of the link is not carried")
        }
        let ends = (element["endpoints"]?.elements ?? []).enumerated().compactMap { index, end in
            self.end(end, index, element)
        }
        guard ends.count == 2 else {
            return note(element.place, "the link is not carried: it needs two endpoints")
        }
        for end in ends where Self.outside.contains(end.node) && nodeNames[end.node] == nil {
            return note(
                element.place, "the link is not carried: it leaves the lab by '\(end.node)'")
        }
        if let stranger = ends.first(where: { nodeNames[$0.node] == nil }) {
            return note(
                element.place,
                "the link is not carried: there is no node '\(stranger.node.shortened)'")
        }
        join(ends, element)
    }

    /// `n1:eth1`, or a mapping with `node` and `interface`.
    private mutating func end(_ end: YAMLNode, _ index: Int, _ link: YAMLNode) -> RawEnd? {
        var raw: RawEnd
        if let text = end.text {
            let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { return nil }
            raw = RawEnd(node: parts[0], interface: parts[1])
        } else {
            guard let node = end["node"]?.text else { return nil }
            raw = RawEnd(node: node, interface: end["interface"]?.text ?? "")
            for pair in end.pairs
            where !["node", "interface", "ipv4", "ipv6"].contains(pair.key) {
                note(pair.keyPlace, "'\(pair.key.shortened)' of the end at \(node) is not carried")
            }
        }
        for key in ["ipv4", "ipv6"] {
            let listed = link[key]?.elements ?? []
            for value in [end[key], listed.count > index ? listed[index] : nil].compactMap(\.self) {
                guard let text = value.text, !text.isEmpty else { continue }
                guard let address = InterfaceAddress(text) else {
                    note(value.place, "the address '\(text.shortened)' is not carried")
                    continue
                }
                raw.addresses.append(.init(value: address, place: own(value.place)))
            }
        }
        return raw
    }

    private mutating func join(_ ends: [RawEnd], _ element: YAMLNode) {
        let bridged = ends.compactMap { bridges[$0.node] }
        let place = own(element.place)
        if bridged.count == 2 {
            return note(element.place, "the link between two bridges is not carried")
        }
        let inner = ends.filter { bridges[$0.node] == nil }.map { end in
            ImportedLab.End(
                node: nodeNames[end.node] ?? end.node, interface: interface(end, element.place),
                addresses: end.addresses)
        }
        let mtu = mtu(element)
        if let bridge = bridged.first {
            guard !lab.lans[bridge].ends.contains(where: { $0.node == inner[0].node }) else {
                return note(
                    element.place,
                    "the second link of \(inner[0].node) to the bridge \(lab.lans[bridge].name) is "
                        + "not carried")
            }
            if mtu != nil { note(element.place, "'mtu' of a link to a bridge is not carried") }
            lab.lans[bridge].ends.append(inner[0])
        } else if inner[0].node == inner[1].node {
            note(element.place, "the link from \(inner[0].node) to itself is not carried")
        } else {
            lab.links.append(ImportedLab.Link(ends: inner, mtu: mtu, place: place))
        }
    }

    private mutating func mtu(_ element: YAMLNode) -> String? {
        guard let mtu = element["mtu"], let text = mtu.text else { return nil }
        if Form.mtu.accepts(text, isPlain: true) { return text }
        note(mtu.place, "the mtu '\(text.shortened)' is not carried")
        return nil
    }

    /// nil where Weft gives the interface another name.
    private mutating func interface(_ end: RawEnd, _ place: Place) -> String? {
        let used = (lab.links.flatMap(\.ends) + lab.lans.flatMap(\.ends)).contains {
            $0.node == nodeNames[end.node] && $0.interface == end.interface
        }
        if Names.isInterface(end.interface), !used { return end.interface }
        note(
            place,
            "the interface '\(end.interface.shortened)' of \(end.node) gets another name")
        return nil
    }

    private mutating func dropEmptyBridges() {
        for lan in lab.lans where lan.ends.isEmpty {
            note(
                Place(line: lan.place.line, column: lan.place.column),
                "the bridge \(lan.name) is not carried: it has no links")
        }
        lab.lans.removeAll(where: \.ends.isEmpty)
    }
}
