// SPDX-License-Identifier: Apache-2.0

/// A value that takes the place of what a topology file says: `core=static`,
/// `core.isis.level=1`, `nodes.juno.loopback=10.0.0.5`.
package struct TopologySetting: Sendable {
    /// Keys of mappings, the file's own first.
    private let path: [String]
    private let value: YAMLNode

    /// - Returns: nil where the text is no path, an equals sign and a value in YAML.
    package init?(_ text: String) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        path = parts[0].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard path.allSatisfy({ !$0.isEmpty }),
            let (value, mistakes) = try? YAMLDocument.read(Array(parts[1].utf8)),
            mistakes.isEmpty, let value
        else { return nil }
        self.value = value
    }

    /// The text of a file that says the same but for some settings, without its comments.
    ///
    /// - Throws: where the file is no YAML.
    package static func text(
        of file: [UInt8], with settings: [TopologySetting]
    ) throws(TopologyErrors) -> String {
        let read: (YAMLNode?, [Diagnostic])
        do { read = try YAMLDocument.read(file) } catch {
            throw TopologyErrors(diagnostics: [error])
        }
        guard read.1.isEmpty else { throw TopologyErrors(diagnostics: read.1) }
        var root = read.0 ?? YAMLNode(place: Place(line: 1, column: 1))
        for setting in settings { root.set(setting.value, at: setting.path[...]) }
        return YAMLText.text(root)
    }
}

extension YAMLNode {
    /// What is no mapping on the way becomes one.
    fileprivate mutating func set(_ value: YAMLNode, at path: ArraySlice<String>) {
        guard let key = path.first else {
            self = value
            return
        }
        var pairs = self.pairs
        if let index = pairs.firstIndex(where: { $0.key == key }) {
            pairs[index].value.set(value, at: path.dropFirst())
        } else {
            var inner = YAMLNode(place: place)
            inner.set(value, at: path.dropFirst())
            pairs.append(YAMLPair(key: key, keyPlace: place, value: inner))
        }
        content = .mapping(pairs)
    }
}
