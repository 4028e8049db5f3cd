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

    /// Connects to the lab that `--lab` names, or else to the only one that has the node.
    static func connect(_ invocation: Invocation, node: String) throws -> ControlConnection {
        let running = try LabDirectory.running()
        if let name = invocation.value("lab") { return try named(name, running).connect() }
        guard running.count > 1 else {
            guard let only = running.first else { throw nothing }
            return try only.connect()
        }
        let matches = try running.filter { try has(node, $0) }
        guard let match = matches.first else {
            let names = running.map(\.name).joined(separator: ", ")
            throw Failure(
                "none of the running labs (\(names)) has a node '\(node)'", code: .wrongInput)
        }
        guard matches.count == 1 else { throw several(matches) }
        return try match.connect()
    }

    private static func has(_ node: String, _ lab: LabDirectory) throws -> Bool {
        let answer = try? lab.connect().call(.hello, within: .seconds(2))
        return answer?["nodes"]?.array.contains { $0["name"]?.string == node } ?? false
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
