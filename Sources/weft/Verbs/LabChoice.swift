// SPDX-License-Identifier: Apache-2.0

import Control

/// Which of the running labs a verb is about.
enum LabChoice {
    /// The lab that `--lab` names, or else the only one that is running.
    static func directory(_ invocation: Invocation) throws -> LabDirectory {
        try directory(named: invocation.value("lab"))
    }

    static func directory(named name: String?) throws -> LabDirectory {
        let running = try LabDirectory.running()
        if let name {
            guard let lab = running.first(where: { $0.name == name }) else {
                throw Failure(missing(name, running.map(\.name)), code: .wrongInput)
            }
            return lab
        }
        guard let only = running.first else {
            throw Failure("no lab is running; `weft up FILE` starts one", code: .wrongInput)
        }
        guard running.count == 1 else {
            let names = running.map(\.name).joined(separator: ", ")
            throw Failure(
                "several labs are running (\(names)): choose one by --lab", code: .wrongInput)
        }
        return only
    }

    static func connect(_ invocation: Invocation) throws -> ControlConnection {
        try directory(invocation).connect()
    }

    private static func missing(_ name: String, _ running: [String]) -> String {
        let nearest = NearestName.of(name, among: running)
        let hint = nearest.map { "; did you mean '\($0)'?" } ?? ""
        return "no lab named '\(name)' is running\(hint)"
    }
}
