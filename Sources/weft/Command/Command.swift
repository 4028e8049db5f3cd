// SPDX-License-Identifier: Apache-2.0

/// How the program ends.
struct ExitCode: RawRepresentable, Hashable, Sendable {
    let rawValue: Int32

    /// Done; every check passed.
    static let passed = ExitCode(rawValue: 0)
    /// A check failed.
    static let failed = ExitCode(rawValue: 1)
    /// The topology file or the command line is wrong.
    static let wrongInput = ExitCode(rawValue: 2)
    /// The lab could not be built or carried here, or was lost.
    static let labFailed = ExitCode(rawValue: 3)
}

/// A verb of the command line, told as data: the same words make the parser and the help text.
struct Command: Sendable {
    var name: String
    /// One line for the list of commands.
    var summary: String
    /// What it does and when to use it; lines of at most 80 columns.
    var description: String
    var arguments: [Argument] = []
    var options: [Option] = []
    var examples: [Example] = []
    /// Not in the list: started by Weft itself.
    var isHidden = false
    /// What the verb does; nil for one that is answered from the table itself (help).
    var run: @Sendable (Invocation) throws -> ExitCode

    /// A word that stands by its position.
    struct Argument: Sendable {
        var name: String
        var summary: String
        var isRequired = true
        var arity = Arity.one
    }

    /// How many words an argument takes; only the last one may take several.
    enum Arity: Sendable {
        case one
        case many
        /// All that follows, options too: a command of another program.
        case verbatim
    }

    struct Option: Sendable {
        /// Without the dashes.
        var name: String
        /// What the value is called; nil for a switch.
        var value: String?
        var summary: String
    }

    struct Example: Sendable {
        var line: String
        var says: String
    }

    /// Every command has it.
    static let help = Option(name: "help", value: nil, summary: "Print this text")
}

extension Command.Option {
    static let json = Command.Option(
        name: "json", value: nil, summary: "Print JSON instead of a table")
    static let lab = Command.Option(
        name: "lab", value: "NAME",
        summary: "Which lab; needed only when more than one that runs has the node")
    static let setting = Command.Option(
        name: "set", value: "KEY=VALUE",
        summary: "Say this in place of what FILE says, as in core=static; may be repeated")
    static let substrate = Command.Option(
        name: "substrate", value: "WHICH",
        summary: "rootless, host, microvm, or auto (the default): the first that carries the lab")
}

/// What is wrong with a command line, and the exit code that says so.
struct UsageError: Error, Hashable {
    var message: String
    /// The command whose help would explain.
    var command: String?
}

/// A failure that is told to the user in one sentence.
struct Failure: Error, Hashable {
    var message: String
    var code: ExitCode

    init(_ message: String, code: ExitCode = .labFailed) {
        self.message = message
        self.code = code
    }
}
