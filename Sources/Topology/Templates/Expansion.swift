// SPDX-License-Identifier: Apache-2.0

import Primitives

/// What a use of a template has become.
package struct TemplateInstance: Hashable, Sendable {
    /// `<name>` in the template.
    package var name: String
    package var template: String
    /// Of the use in the file.
    package var place: Place
    /// The instance whose template uses this one's.
    package var parent: String?
    /// Names of nodes and LANs that it has made, and its links by name or ends, as NODE-NODE.
    package var nodes: [String] = []
    package var links: [String] = []
    package var lans: [String] = []
    /// Nodes that were there, to which it adds.
    package var extended: [String] = []
}

/// Replaces the uses of templates in a file's tree by what they stand for.
///
/// Everything that an instance brings has the place of its use in the file and a number of its own,
/// under which `origins` knows where in the template it stands.
struct Expansion {
    /// Where a value stands in the template of an instance.
    struct Origin: Hashable {
        /// Index of the instance.
        var instance: Int
        var place: Place
    }

    private(set) var instances: [TemplateInstance] = []
    private(set) var origins: [Origin] = []
    private(set) var diagnostics: [Diagnostic] = []
    /// What all instances bring, in order.
    private(set) var fragments: [Fragment] = []
    private var library: TemplateLibrary
    /// Of instances by name.
    private var places: [String: Place] = [:]
    /// For each instance, where in its parent's template its use stands.
    private var parents: [Origin?] = []
    private var values = 0
    /// What is given for parameters that are nodes.
    private(set) var nodeReferences: [(name: String, place: Place)] = []
    /// How many values all instances together may bring.
    static let valuesMax = 250_000

    /// A key's value that an instance brings.
    struct Fragment {
        var instance: Int
        var pair: YAMLPair
    }

    /// Where a use stands, and what its expressions may name.
    private struct Scope {
        var bindings = TemplateBindings()
        /// nil in the file itself.
        var instance: Int?
        /// Templates that are being used, outermost first.
        var path: [String] = []
        /// Of the use in the file.
        var place: Place
    }

    init(_ root: YAMLNode, builtIn: [String: String]) {
        library = TemplateLibrary(builtIn: builtIn)
        for pair in root["templates"]?.pairs ?? [] where Form.name.accepts(pair.key, isPlain: true)
        {
            let template = Template(name: pair.key, pair.value, isBuiltIn: false)
            diagnostics += template.mistakes()
            library.add(template)
        }
        for entry in root["use"]?.elements ?? [] where entry.isMapping && !isTooLarge {
            expand(entry, Scope(place: entry.place))
        }
        if isTooLarge { fragments = [] }
    }

    /// The chain of templates in which a value stands, innermost first.
    func chain(of place: Place) -> [Origin] {
        guard place.expansion > 0 else { return [] }
        var chain = [origins[place.expansion - 1]]
        while let last = chain.last, let outer = parents[last.instance] { chain.append(outer) }
        return chain
    }

    private var isTooLarge: Bool { values > Self.valuesMax }

    /// Whether a template is one of Weft's own, not of the file.
    func isBuiltIn(_ template: String) -> Bool { library.isBuiltIn(template) }

    private mutating func report(_ place: Place, _ scope: Scope, _ message: String) {
        diagnostics.append(Diagnostic(place: located(place, scope), message: message))
    }

    /// The place of what stands in a template, for one instance of it.
    private mutating func located(_ place: Place, _ scope: Scope) -> Place {
        guard let instance = scope.instance else { return place }
        origins.append(Origin(instance: instance, place: place))
        return Place(
            line: scope.place.line, column: scope.place.column, expansion: origins.count)
    }

    // MARK: Uses

    private mutating func expand(_ entry: YAMLNode, _ scope: Scope) {
        guard let named = entry["template"], let name = named.text else { return }
        guard let template = library.template(name) else {
            let hint = Suggestion.text(for: name, among: library.names)
            return report(named.place, scope, "no template '\(name.shortened)'\(hint)")
        }
        guard !scope.path.contains(name) else {
            let path = (scope.path + [name]).joined(separator: ", ")
            return report(named.place, scope, "the template '\(name)' uses itself: \(path)")
        }
        guard hasKnownParameters(entry, template, scope), let count = count(entry, scope)
        else { return }
        for number in 1...max(count, 1) where number <= count {
            var inner = scope
            if entry["repeat"] != nil || scope.instance == nil {
                inner.bindings.values["n"] = .number(number)
                inner.bindings.values["repeat"] = .number(count)
            }
            // What is wrong with the first would be said of every one.
            guard instantiate(entry, template, inner, of: count) else { return }
        }
    }

    private mutating func hasKnownParameters(
        _ entry: YAMLNode, _ template: Template, _ scope: Scope
    ) -> Bool {
        let names = template.parameters.map(\.name)
        let own = Language.use.keys.map(\.name)
        var isRight = true
        for pair in entry.pairs where !own.contains(pair.key) && !names.contains(pair.key) {
            let near = Suggestion.nearest(to: pair.key, among: own + names)
            let hint =
                near.map { "; did you mean '\($0)'?" }
                ?? (names.isEmpty ? "; it has none" : "; it has \(names.joined(separator: ", "))")
            report(
                pair.keyPlace, scope,
                "the template '\(template.name)' has no parameter '\(pair.key.shortened)'\(hint)")
            isRight = false
        }
        for parameter in template.parameters
        where parameter.default == nil && entry[parameter.name] == nil {
            let what = parameter.description
            report(
                entry.place, scope,
                "the template '\(template.name)' needs '\(parameter.name)'"
                    + (what.isEmpty ? "" : ": \(what)"))
            isRight = false
        }
        return isRight
    }

    /// How often; nil after a mistake.
    private mutating func count(_ entry: YAMLNode, _ scope: Scope) -> Int? {
        guard let node = entry["repeat"] else { return 1 }
        guard let text = filled(node, scope) else { return nil }
        if let count = Form.number(text), count <= Language.repeatMax { return count }
        // The tables have reported what has no expression in it.
        if TemplateText.hasExpressions(node.text ?? "") {
            report(
                node.place, scope,
                "'repeat' must be a number from 0 to \(Language.repeatMax), not "
                    + "'\(text.shortened)'")
        }
        return nil
    }

    /// A text with its expressions computed; nil after a mistake.
    private mutating func filled(_ node: YAMLNode, _ scope: Scope) -> String? {
        guard let text = node.text else { return nil }
        return filled(text, at: node.place, scope)
    }

    private mutating func filled(_ text: String, at place: Place, _ scope: Scope) -> String? {
        guard TemplateText.hasExpressions(text) else { return text }
        do throws(ExpressionError) {
            return try TemplateText(text).filled(scope.bindings)
        } catch {
            report(place, scope, "in '\(text.shortened)': \(error.message)")
            return nil
        }
    }

    // MARK: Instances

    /// - Returns: false after a mistake.
    private mutating func instantiate(
        _ entry: YAMLNode, _ template: Template, _ scope: Scope, of count: Int
    ) -> Bool {
        guard let name = instanceName(entry, template, scope, count) else { return false }
        let outer = instances.count
        instances.append(
            TemplateInstance(
                name: name, template: template.name, place: scope.place,
                parent: scope.instance.map { instances[$0].name }))
        parents.append(scope.instance.map { Origin(instance: $0, place: entry.place) })
        var inner = Scope(
            instance: outer, path: scope.path + [template.name], place: scope.place)
        inner.bindings.values = ["name": .text(name)]
        for key in ["n", "repeat"] { inner.bindings.values[key] = scope.bindings.values[key] }
        for parameter in template.parameters {
            guard let value = value(of: parameter, entry, outside: scope, inside: inner)
            else { return false }
            inner.bindings.values[parameter.name] = value
        }
        for pair in template.content {
            let value = copy(pair.value, inner)
            fragments.append(
                Fragment(
                    instance: outer,
                    pair: YAMLPair(
                        key: pair.key, keyPlace: located(pair.keyPlace, inner), value: value)))
        }
        for use in template.uses where use.isMapping && !isTooLarge { expand(use, inner) }
        return !isTooLarge
    }

    private mutating func instanceName(
        _ entry: YAMLNode, _ template: Template, _ scope: Scope, _ count: Int
    ) -> String? {
        let number = scope.bindings.values["n"].map(\.description) ?? "1"
        var name = entry["repeat"] == nil ? template.name : "\(template.name)-\(number)"
        let place = entry["as"]?.place ?? entry.place
        if let given = entry["as"] {
            guard let text = filled(given, scope) else { return nil }
            name = text
            guard Form.name.accepts(name, isPlain: true) else {
                if TemplateText.hasExpressions(given.text ?? "") {
                    report(
                        place, scope,
                        "'as' must be \(Form.name.expectation), not '\(name.shortened)'")
                }
                return nil
            }
        }
        if let other = places[name] {
            let advice = count > 1 ? "; 'as' needs <n>" : "; say another with 'as'"
            report(place, scope, "the instance '\(name)' is there already (\(other))\(advice)")
            return nil
        }
        places[name] = scope.place
        return name
    }

    private mutating func value(
        of parameter: Template.Parameter, _ entry: YAMLNode, outside: Scope, inside: Scope
    ) -> TemplateValue? {
        let given = entry[parameter.name]
        let scope = given == nil ? inside : outside
        guard let node = given ?? parameter.default, let text = filled(node, scope) else {
            return nil
        }
        let form = parameter.form.form
        guard form.accepts(text, isPlain: true) else {
            report(
                node.place, scope,
                "'\(parameter.name)' must be \(form.expectation), not '\(text.shortened)'"
                    + form.hint(for: text))
            return nil
        }
        if parameter.form == .node {
            nodeReferences.append((text, located(node.place, scope)))
        }
        return parameter.form.value(text)
    }

    /// A part of a template, its expressions computed and its places told apart.
    private mutating func copy(_ node: YAMLNode, _ scope: Scope) -> YAMLNode {
        values += 1
        if values == Self.valuesMax + 1 {
            let message = "the templates come to more than \(Self.valuesMax) values"
            diagnostics.append(Diagnostic(place: scope.place, message: message))
        }
        guard !isTooLarge else { return node }
        var copied = node
        switch node.content {
        case .scalar(let text, let isPlain):
            let value = filled(text, at: node.place, scope) ?? text
            copied.content = .scalar(value, isPlain: isPlain)
        case .sequence(let elements):
            copied.content = .sequence(elements.map { copy($0, scope) })
        case .mapping(let pairs): copied.content = .mapping(copy(pairs, scope))
        }
        copied.place = located(node.place, scope)
        return copied
    }

    /// Two keys may come to the same.
    private mutating func copy(_ pairs: [YAMLPair], _ scope: Scope) -> [YAMLPair] {
        var seen: Set<String> = []
        return pairs.compactMap { pair in
            let key = filled(pair.key, at: pair.keyPlace, scope) ?? pair.key
            let value = copy(pair.value, scope)
            guard seen.insert(key).inserted else {
                report(pair.keyPlace, scope, "the key '\(key.shortened)' stands twice")
                return nil
            }
            return YAMLPair(key: key, keyPlace: located(pair.keyPlace, scope), value: value)
        }
    }

    /// What an instance has made, for people.
    mutating func note(_ instance: Int, _ change: (inout TemplateInstance) -> Void) {
        change(&instances[instance])
    }

    /// Reports what is wrong with a value that an instance brings.
    mutating func report(_ place: Place, _ message: String) {
        diagnostics.append(Diagnostic(place: place, message: message))
    }
}

extension ParameterForm {
    /// What expressions compute with; a text that fits the form.
    fileprivate func value(_ text: String) -> TemplateValue {
        switch self {
        case .number, .autonomousSystem: Form.number(text).map { .number($0) } ?? .text(text)
        case .address: IPAddress(text).map { .address($0) } ?? .text(text)
        case .prefix: IPPrefix(text).map { .prefix($0, within: $0) } ?? .text(text)
        case .text, .name, .node, .flag, .time: .text(text)
        }
    }
}
