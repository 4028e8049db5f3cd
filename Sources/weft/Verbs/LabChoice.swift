// SPDX-License-Identifier: Apache-2.0

import Control
import Primitives

/// Which of the running labs a verb is about.
enum LabChoice {
    /// The lab of a name, or else the only one that is running.
    static func directory(named name: String?) throws -> LabDirectory {
        let running = try LabDirectory.running()
        if let name { return try named(name, running) }
        guard let only = running.first else { throw nothing }
        guard running.count == 1 else { throw several(running) }
        return only
    }

    /// What a lab must have to be the one that is meant.
    enum Place: Hashable {
        case node(String)
        case link(String)

        fileprivate var name: String {
            switch self {
            case .node(let name), .link(let name): name
            }
        }
        fileprivate var kind: String { if case .node = self { "node" } else { "link" } }
    }

    /// Connects to the lab that `--lab` names, or else to the only one that has the node.
    static func connect(_ invocation: Invocation, node: String) throws -> ControlConnection {
        try connect(invocation, .node(node))
    }

    /// Connects to the lab that `--lab` names, or else to the only one that has the place.
    static func connect(_ invocation: Invocation, _ place: Place) throws -> ControlConnection {
        let running = try LabDirectory.running()
        if let name = invocation.value("lab") { return try named(name, running).connect() }
        guard running.count > 1 else {
            guard let only = running.first else { throw nothing }
            return try only.connect()
        }
        let known = running.map { ($0, names(of: place.kind, in: $0)) }
        let matches = known.filter { $0.1.contains(place.name) }.map(\.0)
        guard let match = matches.first else {
            let labs = running.map(\.name).joined(separator: ", ")
            let hint = Suggestion.text(for: place.name, among: known.flatMap(\.1))
            throw Failure(
                "none of the running labs (\(labs)) has a \(place.kind) '\(place.name)'\(hint)",
                code: .wrongInput)
        }
        guard matches.count == 1 else { throw several(matches) }
        return try match.connect()
    }

    /// The names of a lab's nodes or links; none where it does not answer.
    private static func names(of kind: String, in lab: LabDirectory) -> [String] {
        let answer = try? lab.connect().call(.names, within: .seconds(2))
        return answer?[kind + "s"]?.array.compactMap { $0["name"]?.string } ?? []
    }

    private static func named(_ name: String, _ running: [LabDirectory]) throws -> LabDirectory {
        if let lab = running.first(where: { $0.name == name }) { return lab }
        let hint = Suggestion.text(for: name, among: running.map(\.name))
        throw Failure("no lab named '\(name)' is running\(hint)", code: .wrongInput)
    }

    private static let nothing = Failure(
        "no lab is running; `weft up FILE` starts one", code: .wrongInput)

    private static func several(_ labs: [LabDirectory]) -> Failure {
        let names = labs.map(\.name).joined(separator: ", ")
        return Failure("several labs are running (\(names)): choose one", code: .wrongInput)
    }
}
