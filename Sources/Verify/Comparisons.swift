// SPDX-License-Identifier: Apache-2.0

import Primitives
import Topology

extension RouteCheck {
    var wantedText: String {
        guard isPresent else { return "absent" }
        guard let paths else { return active.fields.isEmpty ? "present" : active.fields.wantedText }
        return paths.map(\.fields.wantedText).joined(separator: " | ")
    }

    /// - Parameter paths: those of the prefix, best first; empty where the table lacks it.
    func compare(paths seen: [JSON]) -> Observation {
        guard isPresent else {
            return seen.isEmpty ? .holds("absent") : .differs(wanted: wantedText, seen: "present")
        }
        guard let best = seen.first, best["active"]?.bool == true else {
            let state = seen.isEmpty ? "absent" : "no active path"
            return .differs(wanted: wantedText, seen: state)
        }
        let active = self.active.fields.observe(best)
        guard let paths, case .holds = active else { return active }
        let pairs = zip(paths, seen)
        let seenText = seen.enumerated().map { index, path in
            let fields =
                paths.indices.contains(index) ? paths[index].fields : paths.last?.fields ?? []
            return fields.map { $0.seenText(in: path) }.joined(separator: ", ")
        }.joined(separator: " | ")
        return paths.count == seen.count && pairs.allSatisfy({ $0.fields.holds(in: $1) })
            ? .holds(seenText) : .differs(wanted: wantedText, seen: seenText)
    }
}

extension NeighborRoutesCheck {
    private var fields: [FieldExpectation] {
        var fields: [FieldExpectation] = []
        if let med { fields.append(FieldExpectation(name: "med", wanted: JSON(med))) }
        if let asPath { fields.append(FieldExpectation(name: "as-path", wanted: JSON(asPath))) }
        return fields
    }

    var wantedText: String {
        let scope = isExact ? "exactly" : "at least"
        let all = fields.isEmpty ? "" : ", each with " + fields.wantedText
        return "\(scope) \(prefixes.sorted().map(\.description).joined(separator: " "))\(all)"
    }

    func compare(routes: [JSON]) -> Observation {
        let seen = Set(routes.compactMap { $0["prefix"]?.string })
        let wanted = Set(prefixes.map(\.description))
        let missing = wanted.subtracting(seen).sorted()
        let extra = isExact ? seen.subtracting(wanted).sorted() : []
        let wrong = routes.first {
            wanted.contains($0["prefix"]?.string ?? "") && !fields.holds(in: $0)
        }
        var differences: [String] = []
        if !missing.isEmpty { differences.append("missing " + missing.joined(separator: " ")) }
        if !extra.isEmpty { differences.append("also " + extra.joined(separator: " ")) }
        if let wrong {
            differences.append(
                "\(wrong["prefix"]?.string ?? "") with \(fields.seenText(in: wrong))")
        }
        return differences.isEmpty
            ? .holds("\(seen.count) prefixes")
            : .differs(wanted: wantedText, seen: differences.joined(separator: "; "))
    }
}

extension KernelRouteCheck {
    var fields: [FieldExpectation] {
        var fields: [FieldExpectation] = []
        if let via { fields.append(FieldExpectation(name: "via", wanted: JSON(via))) }
        if let interface {
            fields.append(FieldExpectation(name: "interface", wanted: JSON(interface)))
        }
        if let labels {
            let wanted = JSON.array(labels.map { JSON($0.value) })
            fields.append(FieldExpectation(name: "labels", wanted: wanted))
        }
        return fields
    }
}
