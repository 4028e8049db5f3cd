// SPDX-License-Identifier: Apache-2.0

import Primitives

/// A command line after it has been checked against its command.
struct Invocation: Hashable, Sendable {
    /// Values of the positional arguments by name.
    private(set) var arguments: [String: String] = [:]
    /// The words of the argument that takes the rest.
    private(set) var rest: [String] = []
    private(set) var switches: Set<String> = []
    /// Of each option, in the order in which they were given.
    private var valueLists: [String: [String]] = [:]

    /// The value of a required argument; the parser has seen to it that it is there.
    func argument(_ name: String) -> String { arguments[name] ?? "" }
    /// The last one, where an option was given several times.
    func value(_ option: String) -> String? { valueLists[option]?.last }
    func values(_ option: String) -> [String] { valueLists[option] ?? [] }
    func has(_ option: String) -> Bool { switches.contains(option) }

    /// Reads the words after the verb. Options may stand anywhere before `--` and before the words
    /// of another program.
    /// - Throws: `UsageError` with the nearest name that exists.
    init(_ words: [String], for command: Command) throws(UsageError) {
        var words = words[...]
        var positions = command.arguments[...]
        while let word = words.popFirst() {
            if word == "--" {
                for word in words { try take(word, &positions, command) }
                break
            }
            if word.hasPrefix("--") || word == "-h" {
                try takeOption(word, &words, command)
            } else if word.hasPrefix("-"), word != "-" {
                throw UsageError(
                    message: "unknown option '\(word)'; options are written with two dashes",
                    command: command.name)
            } else {
                try take(word, &positions, command)
                if !rest.isEmpty, positions.first?.arity == .verbatim {
                    rest += words
                    break
                }
            }
        }
        guard !has("help") else { return }
        if let missing = positions.first(where: {
            $0.isRequired && ($0.arity == .one || rest.isEmpty)
        }) {
            throw UsageError(message: "\(missing.name) is missing", command: command.name)
        }
    }

    private mutating func take(
        _ word: String, _ positions: inout ArraySlice<Command.Argument>, _ command: Command
    ) throws(UsageError) {
        guard let argument = positions.first else {
            throw UsageError(message: "one word too many: '\(word)'", command: command.name)
        }
        if argument.arity == .one {
            arguments[argument.name] = word
            positions.removeFirst()
        } else {
            rest.append(word)
        }
    }

    private mutating func takeOption(
        _ word: String, _ words: inout ArraySlice<String>, _ command: Command
    ) throws(UsageError) {
        let parts = word == "-h" ? ["help"] : word.dropFirst(2).split(separator: "=", maxSplits: 1)
        let name = String(parts.first ?? "")
        let options = command.options + [Command.help]
        guard let option = options.first(where: { $0.name == name }) else {
            let nearest = Suggestion.nearest(to: name, among: options.map(\.name))
            let hint = nearest.map { "; did you mean '--\($0)'?" } ?? ""
            throw UsageError(message: "unknown option '--\(name)'\(hint)", command: command.name)
        }
        guard let wanted = option.value else {
            guard parts.count == 1 else {
                throw UsageError(message: "--\(name) takes no value", command: command.name)
            }
            switches.insert(name)
            return
        }
        guard let value = parts.count == 2 ? String(parts[1]) : words.popFirst() else {
            throw UsageError(message: "--\(name) needs a \(wanted)", command: command.name)
        }
        valueLists[name, default: []].append(value)
    }
}
