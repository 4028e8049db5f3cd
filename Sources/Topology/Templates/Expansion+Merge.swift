// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Puts what instances bring together with what the file says itself.
extension Expansion {
    /// The file's tree without uses: they have become what they stand for. Keys that are left keep
    /// their order.
    mutating func merged(into root: YAMLNode) -> YAMLNode {
        guard !fragments.isEmpty else { return root }
        var pairs = root.pairs
        for key in Language.content.map(\.name) {
            let own = fragments.filter { $0.pair.key == key }
            guard let first = own.first else { continue }
            let index = pairs.firstIndex { $0.key == key }
            let base = index.map { pairs[$0].value }
            // What is no list or mapping is a mistake of the file, which is told of it as it is.
            if let base, base.text != nil, !base.isNull { continue }
            let value =
                switch key {
                case "nodes": mergedNodes(base, own)
                case "links": appended(base, own)
                case "tests": mergedTests(base, own)
                default: mergedMapping(base, own, key)
                }
            if let index {
                pairs[index].value = value
            } else {
                pairs.append(YAMLPair(key: key, keyPlace: first.pair.keyPlace, value: value))
            }
        }
        let tree = YAMLNode(place: root.place, content: .mapping(pairs))
        checkNodeReferences(tree)
        return tree
    }

    /// Where a parameter is a node, there is one of that name.
    private mutating func checkNodeReferences(_ tree: YAMLNode) {
        let names = tree["nodes"]?.pairs.map(\.key) ?? []
        let known = Set(names)
        var reported: Set<[Place]> = []
        for (name, place) in nodeReferences where !known.contains(name) {
            // One entry of many instances is told of the first.
            let use = Place(line: place.line, column: place.column)
            guard reported.insert([use] + chain(of: place).map(\.place)).inserted else { continue }
            let hint = Suggestion.text(for: name, among: names)
            report(place, "no node '\(name.shortened)'\(hint)")
        }
    }

    private func mapping(_ base: YAMLNode?, _ own: [Fragment]) -> MergedMapping {
        let empty = YAMLNode(place: own[0].pair.value.place, content: .mapping([]))
        return MergedMapping(base.flatMap { $0.isMapping ? $0 : nil } ?? empty, source: nil)
    }

    /// A node with a role is a new one; one without adds to a node that is there.
    private mutating func mergedNodes(_ base: YAMLNode?, _ own: [Fragment]) -> YAMLNode {
        let nodes = mapping(base, own)
        let referenced = Set(nodeReferences.map(\.name))
        var additions: [(pair: YAMLPair, instance: Int)] = []
        for fragment in own {
            for pair in fragment.pair.value.pairs {
                guard pair.value["role"] != nil else {
                    additions.append((pair, fragment.instance))
                    continue
                }
                if nodes.has(pair.key, with: "role"), let other = nodes.keyPlace(pair.key) {
                    report(pair.keyPlace, "the node '\(pair.key)' is there already (\(other))")
                    continue
                }
                merge(pair, into: nodes, fragment.instance, "nodes")
                note(fragment.instance) { $0.nodes.append(pair.key) }
            }
        }
        for (pair, instance) in additions {
            guard nodes.keyPlace(pair.key) != nil else {
                // A parameter that is a node is told of where it is given.
                if !referenced.contains(pair.key) {
                    let isFew = diagnostics.count < 100
                    let hint = isFew ? Suggestion.text(for: pair.key, among: nodes.keys) : ""
                    report(pair.keyPlace, "no node '\(pair.key.shortened)'\(hint)")
                }
                continue
            }
            merge(pair, into: nodes, instance, "nodes")
            note(instance) { if !$0.nodes.contains(pair.key) { $0.extended.append(pair.key) } }
        }
        return nodes.node
    }

    private mutating func mergedMapping(
        _ base: YAMLNode?, _ own: [Fragment], _ key: String
    ) -> YAMLNode {
        let merged = mapping(base, own)
        for fragment in own {
            for pair in fragment.pair.value.pairs {
                if key == "lans", merged.keyPlace(pair.key) == nil {
                    note(fragment.instance) { $0.lans.append(pair.key) }
                }
                merge(pair, into: merged, fragment.instance, key)
            }
        }
        return merged.node
    }

    private mutating func merge(
        _ pair: YAMLPair, into mapping: MergedMapping, _ instance: Int, _ key: String
    ) {
        var conflicts: [MergedMapping.Conflict] = []
        mapping.merge(pair, source: instance, &conflicts)
        for conflict in conflicts {
            let path = ([key] + conflict.path).joined(separator: ".")
            let source = conflict.source.map { " by '\(instances[$0].name)'" } ?? ""
            report(
                conflict.place,
                "\(path) says another thing already\(source) (\(conflict.other))")
        }
    }

    private mutating func appended(_ base: YAMLNode?, _ own: [Fragment]) -> YAMLNode {
        var elements = base?.elements ?? []
        for fragment in own {
            for element in fragment.pair.value.elements {
                note(fragment.instance) { $0.links.append(element.linkTitle) }
                elements.append(element)
            }
        }
        let place = base?.place ?? own[0].pair.value.place
        return YAMLNode(place: place, content: .sequence(elements))
    }

    /// Tests of the same name become one, with the checks of all.
    private mutating func mergedTests(_ base: YAMLNode?, _ own: [Fragment]) -> YAMLNode {
        var tests = base?.elements ?? []
        var indices: [String: Int] = [:]
        for (index, test) in tests.enumerated() {
            if let name = test["name"]?.text { indices[name] = index }
        }
        var checks: [Int: [YAMLNode]] = [:]
        for test in own.flatMap(\.pair.value.elements) {
            guard let name = test["name"]?.text, let index = indices[name] else {
                if let name = test["name"]?.text { indices[name] = tests.count }
                tests.append(test)
                continue
            }
            if let extra = test.pairs.first(where: { !["name", "checks"].contains($0.key) }) {
                report(
                    extra.keyPlace,
                    "the test '\(name.shortened)' is there already; only its 'checks' can grow")
            }
            checks[index, default: []] += test["checks"]?.elements ?? []
        }
        for (index, more) in checks { tests[index].append(more, to: "checks") }
        let place = base?.place ?? own[0].pair.value.place
        return YAMLNode(place: place, content: .sequence(tests))
    }
}

extension YAMLNode {
    /// Its name, or its ends.
    fileprivate var linkTitle: String {
        if let name = self["name"]?.text { return name }
        let ends = self["endpoints"].map { $0.isMapping ? $0.pairs.map(\.key) : $0.texts } ?? []
        return ends.map { String($0.prefix { $0 != ":" }) }.joined(separator: "-")
    }

    private var texts: [String] { elements.compactMap(\.text) }

    /// Makes the list that a key of the mapping holds longer.
    fileprivate mutating func append(_ more: [YAMLNode], to key: String) {
        var pairs = pairs
        if let index = pairs.firstIndex(where: { $0.key == key }) {
            let old = pairs[index].value
            pairs[index].value.content = .sequence(old.elements + more)
        } else if let first = more.first {
            let list = YAMLNode(place: first.place, content: .sequence(more))
            pairs.append(YAMLPair(key: key, keyPlace: first.place, value: list))
        }
        content = .mapping(pairs)
    }
}
