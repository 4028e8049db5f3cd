// SPDX-License-Identifier: Apache-2.0

import Primitives

/// What a foreign file says that a topology cannot.
package struct ImportNote: Hashable, Sendable {
    /// In the foreign file.
    package var place: Place
    /// One sentence without a full stop.
    package var message: String
}

/// A containerlab topology file as a topology of Weft: nodes, links and bridges, and the addresses
/// and static routes that `exec` lines of its nodes set with iproute2.
package struct ContainerlabImport: Sendable {
    /// The topology, as YAML that is right.
    package let text: String
    package let topology: Topology
    /// What was not carried, in the file's order.
    package let notes: [ImportNote]

    /// - Throws: where the file is no YAML, or has no nodes.
    package init(_ text: [UInt8]) throws(TopologyErrors) {
        guard text.count <= Topology.fileSizeMax else {
            throw TopologyErrors(
                Place(line: 1, column: 1),
                "the file has \(text.count) bytes; at most \(Topology.fileSizeMax)")
        }
        let root: YAMLNode?
        let mistakes: [Diagnostic]
        do {
            (root, mistakes) = try YAMLDocument.read(text)
        } catch {
            throw TopologyErrors(diagnostics: [error])
        }
        guard let root, root["topology"]?["nodes"]?.isMapping == true else {
            throw TopologyErrors(
                root?.place ?? Place(line: 1, column: 1),
                "a containerlab file has 'topology' with 'nodes'")
        }
        var reader = ContainerlabReader(root)
        reader.read()
        var lab = reader.lab
        topology = try lab.settle()
        self.text = YAMLText.text(lab.tree)
        let odd = mistakes.map { ImportNote(place: $0.place, message: $0.message) }
        notes = Set(reader.notes + lab.notes + odd).sorted {
            ($0.place, $0.message) < ($1.place, $1.message)
        }
    }
}
