// SPDX-License-Identifier: Apache-2.0

/// The help texts, made from the table of commands.
enum HelpText {
    /// The whole program.
    static func of(_ commands: [Command]) -> String {
        let visible = commands.filter { !$0.isHidden }
        let names = Table(
            columns: [.init("", minimum: 10), .init("")],
            rows: visible.map { ["  " + $0.name, $0.summary] })
        return """
            weft: a provider network on this machine, from one file, that proves it behaves

            Usage: weft COMMAND [ARGUMENTS] [OPTIONS]

            Commands:
            \(names.text(showsHeader: false))

            `weft help COMMAND` or `weft COMMAND --help` explains one, with examples.
            Exit codes: 0 done, every check passed; 1 a check failed; 2 the file or the command
            line is wrong; 3 the lab could not be built or carried here.

            """
    }

    /// One command.
    static func of(_ command: Command) -> String {
        var parts = ["weft \(command.name): \(command.summary)", "Usage: " + usage(of: command)]
        parts.append(command.description)
        if !command.arguments.isEmpty {
            parts.append(list("Arguments:", command.arguments.map { ($0.name, $0.summary) }))
        }
        let options = (command.options + [Command.help]).map { option in
            ("--" + option.name + (option.value.map { " " + $0 } ?? ""), option.summary)
        }
        parts.append(list("Options:", options))
        if !command.examples.isEmpty {
            let examples = command.examples.map { "  \($0.line)\n      \($0.says)" }
            parts.append("Examples:\n" + examples.joined(separator: "\n"))
        }
        return parts.joined(separator: "\n\n") + "\n"
    }

    /// A longer line of usage leaves the options to the list of them.
    private static let usageMax = 90

    /// `weft exec NODE COMMAND... [--lab NAME]`
    static func usage(of command: Command) -> String {
        let arguments = command.arguments.map { argument in
            let name = argument.name + (argument.arity == .one ? "" : "...")
            return argument.isRequired ? name : "[\(name)]"
        }
        let options = command.options.map { option in
            "[--" + option.name + (option.value.map { " " + $0 } ?? "") + "]"
        }
        let isCommandLast = command.arguments.last?.arity == .verbatim
        func line(_ options: [String]) -> String {
            let words = isCommandLast ? options + arguments : arguments + options
            return (["weft", command.name] + words).joined(separator: " ")
        }
        let whole = line(options)
        return whole.count <= usageMax ? whole : line(["[OPTIONS]"])
    }

    private static func list(_ title: String, _ rows: [(String, String)]) -> String {
        let table = Table(
            columns: [.init("", minimum: 10), .init("")], rows: rows.map { ["  " + $0.0, $0.1] })
        return title + "\n" + table.text(showsHeader: false)
    }
}
