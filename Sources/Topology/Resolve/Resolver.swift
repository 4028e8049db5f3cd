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
    /// Of each policy of the file.
    var policyActions: [String: PolicyActions] = [:]
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
        checkFile()
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

    /// Nodes may be the file's own or its templates'; a misspelt key is not a missing one too.
    private mutating func checkFile() {
        let isWhole = file.node.pairs.allSatisfy { Language.file.key($0.key) != nil }
        if file.node.isMapping, file["nodes"] == nil, isWhole {
            report(file.node.place, "a topology needs 'nodes': the routers and hosts")
        }
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
