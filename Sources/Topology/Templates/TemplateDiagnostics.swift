// SPDX-License-Identifier: Apache-2.0

/// Says of mistakes inside of instances which template they are in.
struct TemplateDiagnostics {
    private let expansion: Expansion
    /// Places in the file's own templates at which a mistake is reported already.
    private let reported: Set<Place>
    /// Where expressions could not be computed, so that it is no wonder what their texts are.
    private let uncomputed: Set<Expansion.Origin>

    /// What is the same mistake in every instance of one use.
    private struct Spot: Hashable {
        var use: Place
        var template: String
        var place: Place
    }

    private init(_ expansion: Expansion, _ diagnostics: [Diagnostic]) {
        self.expansion = expansion
        reported = Set(diagnostics.map(\.place).filter { $0.expansion == 0 })
        uncomputed = Set(expansion.diagnostics.compactMap { expansion.chain(of: $0.place).first })
    }

    /// Diagnostics with places in the file alone.
    static func text(_ diagnostics: [Diagnostic], _ expansion: Expansion) -> [Diagnostic] {
        let translator = TemplateDiagnostics(expansion, diagnostics)
        let inside = diagnostics.filter { $0.place.expansion > 0 }
        return diagnostics.filter { $0.place.expansion == 0 } + translator.translated(inside)
    }

    private func translated(_ diagnostics: [Diagnostic]) -> [Diagnostic] {
        var first: [Spot: Int] = [:]
        var others: [Spot: Set<Int>] = [:]
        let ownPlaces = Set(expansion.diagnostics.map(\.place))
        var kept: [(spot: Spot, diagnostic: Diagnostic)] = []
        for diagnostic in diagnostics.sorted(by: { $0.place < $1.place }) {
            guard let origin = expansion.chain(of: diagnostic.place).first,
                !reported.contains(origin.place) || isBuiltIn(origin),
                !uncomputed.contains(origin) || ownPlaces.contains(diagnostic.place)
            else { continue }
            let instance = expansion.instances[origin.instance]
            let spot = Spot(
                use: instance.place, template: instance.template, place: origin.place)
            if first[spot, default: origin.instance] == origin.instance {
                first[spot] = origin.instance
                kept.append((spot, diagnostic))
            } else {
                others[spot, default: []].insert(origin.instance)
            }
        }
        return kept.map { spot, diagnostic in
            translated(diagnostic, more: others[spot]?.count ?? 0)
        }
    }

    private func isBuiltIn(_ origin: Expansion.Origin) -> Bool {
        expansion.isBuiltIn(expansion.instances[origin.instance].template)
    }

    private func translated(_ diagnostic: Diagnostic, more: Int) -> Diagnostic {
        let chain = expansion.chain(of: diagnostic.place)
        var message = diagnostic.message
        for (depth, origin) in chain.enumerated() {
            let instance = expansion.instances[origin.instance]
            message += depth == 0 ? ", in '\(instance.name)': " : ", used by "
            message += "template '\(instance.template)', line \(origin.place.line)"
        }
        if more > 0 { message += " (and in \(more) more)" }
        let place = Place(line: diagnostic.place.line, column: diagnostic.place.column)
        return Diagnostic(place: place, message: message)
    }
}
