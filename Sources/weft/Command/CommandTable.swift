// SPDX-License-Identifier: Apache-2.0

import Primitives

/// All verbs, in the order in which the help lists them.
enum CommandTable {
    static let commands: [Command] = [
        upCommand, downCommand, listCommand, testCommand, diffCommand, showCommand, setCommand,
        logsCommand, execCommand, shellCommand, captureCommand, graphCommand, traceCommand,
        validateCommand, planCommand, newCommand, importCommand, schemaCommand, doctorCommand,
        completionCommand, versionCommand, helpCommand, initCommand, microVMCommand,
        completeCommand,
    ]

    /// Finds the verb and reads the words after it.
    static func parse(
        _ words: [String], _ commands: [Command] = commands
    ) throws(UsageError) -> (Command, Invocation) {
        guard let verb = words.first else {
            throw UsageError(message: "which command?", command: nil)
        }
        let name =
            ["--help", "-h"].contains(verb) ? "help" : verb == "--version" ? "version" : verb
        guard let command = commands.first(where: { $0.name == name }) else {
            let names = commands.filter { !$0.isHidden }.map(\.name)
            let hint = Suggestion.text(for: name, among: names)
            throw UsageError(message: "unknown command '\(name)'\(hint)", command: nil)
        }
        return (command, try Invocation(Array(words.dropFirst()), for: command))
    }
}
