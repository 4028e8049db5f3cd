// SPDX-License-Identifier: Apache-2.0

let helpCommand = Command(
    name: "help", summary: "Explain a command, or list them all",
    description: "Without COMMAND, lists all commands.",
    arguments: [.init(name: "COMMAND", summary: "What to explain", isRequired: false)],
    examples: [.init(line: "weft help show", says: "what a router can be asked, with examples")]
) { invocation in
    let name = invocation.argument("COMMAND")
    guard !name.isEmpty else {
        Terminal.write(HelpText.of(CommandTable.commands))
        return .passed
    }
    let (command, _) = try CommandTable.parse([name, "--help"])
    Terminal.write(HelpText.of(command))
    return .passed
}
