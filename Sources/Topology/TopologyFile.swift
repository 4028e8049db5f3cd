// SPDX-License-Identifier: Apache-2.0

import Primitives

extension Topology {
    /// The largest topology file that is read, in bytes.
    package static let fileSizeMax = 4 << 20

    /// Reads a topology file.
    ///
    /// - Throws: every mistake of the file, in the file's order; of a file that is not well-formed
    ///   YAML, the first.
    package static func parse(_ text: [UInt8]) throws(TopologyErrors) -> Topology {
        try TopologyFile(text).topology
    }
}

/// A topology file that has been read: what it means, and what its templates have become.
package struct TopologyFile: Sendable {
    package let topology: Topology
    /// Of templates, in the order of their uses; an instance comes before what it uses itself.
    package let instances: [TemplateInstance]
    private let tree: YAMLNode

    /// - Throws: as `Topology.parse`.
    package init(_ text: [UInt8]) throws(TopologyErrors) {
        guard text.count <= Topology.fileSizeMax else {
            throw TopologyErrors(
                Place(line: 1, column: 1),
                "the file has \(text.count) bytes; at most \(Topology.fileSizeMax)")
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
        var expansion = Expansion(root, builtIn: BuiltInTemplates.texts)
        tree = expansion.merged(into: root)
        instances = expansion.instances
        // Without its templates a topology is not whole: what names stand for cannot be said.
        let (topology, mistakes) = Self.resolved(tree, isWhole: expansion.diagnostics.isEmpty)
        self.topology = topology
        diagnostics += expansion.diagnostics + mistakes
        guard diagnostics.isEmpty else {
            throw TopologyErrors(sorting: TemplateDiagnostics.text(diagnostics, expansion))
        }
    }

    /// What a tree without templates means; complete only where there are no mistakes.
    static func resolved(_ tree: YAMLNode, isWhole: Bool = true) -> (Topology, [Diagnostic]) {
        var validator = Validator()
        validator.check(tree, .mapping(Language.file), "the file")
        guard isWhole else { return (Topology(name: ""), validator.diagnostics) }
        var resolver = Resolver(root: tree, broken: validator.broken)
        let topology = resolver.resolve()
        return (topology, validator.diagnostics + resolver.diagnostics)
    }

    /// The whole topology without templates, as YAML: a file of its own that comes to the same lab,
    /// but for passwords, which are not shown.
    package var expandedText: String {
        let pairs = tree.pairs.filter { !["use", "templates"].contains($0.key) }
        var mask = SecretMask()
        let bare = YAMLNode(place: tree.place, content: .mapping(pairs))
        return YAMLText.text(mask.masked(bare))
    }
}

extension TopologyErrors {
    init(_ place: Place, _ message: String) {
        self.init(diagnostics: [Diagnostic(place: place, message: message)])
    }

    /// In the file's order, each once: what an alias repeats has one place.
    fileprivate init(sorting diagnostics: [Diagnostic]) {
        self.init(
            diagnostics: Set(diagnostics).sorted { ($0.place, $0.message) < ($1.place, $1.message) }
        )
    }
}

/// Puts other texts in the place of passwords: the same for the same.
private struct SecretMask {
    private var numbers: [String: Int] = [:]

    mutating func masked(_ node: YAMLNode) -> YAMLNode {
        var node = node
        switch node.content {
        case .scalar: break
        case .sequence(let elements): node.content = .sequence(elements.map { masked($0) })
        case .mapping(let pairs):
            node.content = .mapping(
                pairs.map { pair in
                    var pair = pair
                    let isSecret = ["password", "secret", "secrets"].contains(pair.key)
                    pair.value = isSecret ? hidden(pair.value) : masked(pair.value)
                    return pair
                })
        }
        return node
    }

    private mutating func hidden(_ node: YAMLNode) -> YAMLNode {
        var node = node
        if let text = node.text {
            let number = numbers[text] ?? numbers.count + 1
            numbers[text] = number
            node.content = .scalar("hidden-\(number)", isPlain: true)
        } else {
            node.content = .mapping(
                node.pairs.map { pair in
                    var pair = pair
                    pair.value = hidden(pair.value)
                    return pair
                })
        }
        return node
    }
}
