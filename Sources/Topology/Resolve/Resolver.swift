// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Turns a file's tree into a topology: finds what names stand for, fills in every default and
/// every address, and reports what cannot be. Goes on after a mistake, to report all of them.
struct Resolver {
    let file: Fields
    /// Where values start that do not fit the language's tables.
    let broken: Set<Place>
    var diagnostics: [Diagnostic] = []

    var groups: [String: YAMLNode] = [:]
    var ipsecProfiles: [IPsecProfile] = []
    var transports: [Transport] = []
    /// Also of transports that have mistakes.
    var transportNames: [String] = []
    var policies: [Policy] = []
    var policyNames: Set<String> = ["accept", "reject"]
    var nodes: [NodeDraft] = []
    var nodeIndex: [String: Int] = [:]
    var segments: [Segment] = []
    var segmentIndex: [String: Int] = [:]
    /// Known once the nodes are.
    var reach = TransportReach(Topology(name: ""))

    init(root: YAMLNode, broken: Set<Place>) {
        file = Fields(root)
        self.broken = broken
    }

    /// The topology; complete only where `diagnostics` stays empty.
    mutating func resolve() -> Topology {
        resolveGroups()
        resolveTransports()
        resolvePolicies()
        draftNodes()
        draftSegments()
        nameInterfaces()
        allocateAddresses()
        checkSegments()
        attachInterfaces()
        checkNodes()
        resolveNodes()
        var topology = Topology(
            name: file.text("name") ?? "", description: file.text("description") ?? "",
            nodes: nodes.map(\.node), links: links, lans: lans, core: core(),
            transports: transports, ipsecProfiles: ipsecProfiles, policies: policies)
        reach = TransportReach(topology)
        checkTransports()
        topology.tests = tests()
        return topology
    }

    mutating func report(_ place: Place, _ message: String) {
        diagnostics.append(Diagnostic(place: place, message: message))
    }

    /// Whether the validator found nothing wrong with a value.
    func isWhole(_ node: YAMLNode) -> Bool { !broken.contains(node.place) }

    /// The index of a node that a value names; reports a name that no node has.
    mutating func node(_ name: String, at place: Place) -> Int? {
        if let index = nodeIndex[name] { return index }
        let hint = Suggestion.text(for: name, among: nodes.map(\.name))
        report(place, "no node '\(name.shortened)'\(hint)")
        return nil
    }

    /// The index of a link or LAN that a value names; reports a name that none has.
    mutating func segment(_ name: String, isLAN: Bool?, at place: Place) -> Int? {
        if let index = segmentIndex[name], isLAN.map({ segments[index].isLAN == $0 }) ?? true {
            return index
        }
        if let index = segmentIndex[name] {
            let key = segments[index].isLAN ? "lan" : "link"
            report(place, "\(segments[index].title) is named by '\(key)'")
            return nil
        }
        let kind = isLAN.map { $0 ? "LAN" : "link" } ?? "link or LAN"
        let names = segments.filter { isLAN == nil || $0.isLAN == isLAN }.map(\.name)
        // Where a link is malformed, its name is not known.
        if segments.allSatisfy(\.isCertain) {
            let hint = Suggestion.text(for: name, among: names)
            report(place, "no \(kind) '\(name.shortened)'\(hint)")
        }
        return nil
    }
}

extension Topology {
    /// Reads a topology file.
    ///
    /// - Throws: every mistake of the file, in the file's order; of a file that is not well-formed
    ///   YAML, the first.
    package static func parse(_ text: [UInt8]) throws(TopologyErrors) -> Topology {
        guard text.count <= fileSizeMax else {
            throw TopologyErrors(
                Place(line: 1, column: 1),
                "the file has \(text.count) bytes; at most \(fileSizeMax)")
        }
        var diagnostics: [Diagnostic]
        let root: YAMLNode?
        do {
            (root, diagnostics) = try YAMLDocument.read(text)
        } catch {
            throw TopologyErrors(diagnostics: [error])
        }
        guard let root, !root.isNull else {
            throw TopologyErrors(Place(line: 1, column: 1), "the file is empty")
        }
        var validator = Validator()
        validator.check(root, .mapping(Language.file), "the file")
        diagnostics += validator.diagnostics
        var resolver = Resolver(root: root, broken: validator.broken)
        let topology = resolver.resolve()
        diagnostics += resolver.diagnostics
        guard diagnostics.isEmpty else { throw TopologyErrors(sorting: diagnostics) }
        return topology
    }
}

extension TopologyErrors {
    fileprivate init(_ place: Place, _ message: String) {
        self.init(diagnostics: [Diagnostic(place: place, message: message)])
    }

    /// In the file's order, each once: what an alias repeats has one place.
    fileprivate init(sorting diagnostics: [Diagnostic]) {
        self.init(
            diagnostics: Set(diagnostics).sorted { ($0.place, $0.message) < ($1.place, $1.message) }
        )
    }
}
