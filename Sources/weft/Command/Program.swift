// SPDX-License-Identifier: Apache-2.0

import Control

/// From the words of the command line to the exit code.
enum Program {
    static func run(_ words: [String]) -> ExitCode {
        guard !words.isEmpty else {
            Terminal.note(HelpText.of(CommandTable.commands))
            return .wrongInput
        }
        do {
            let (command, invocation) = try CommandTable.parse(words)
            if invocation.has("help") {
                Terminal.write(HelpText.of(command))
                return .passed
            }
            return try command.run(invocation)
        } catch {
            return report(error)
        }
    }

    private static func report(_ error: any Error) -> ExitCode {
        switch error {
        case let error as UsageError:
            say(error.message)
            let verb = error.command.map { "\($0) " } ?? ""
            Terminal.note("`weft \(verb)--help` explains.")
            return .wrongInput
        case let error as Failure:
            say(error.message)
            return error.code
        case let error as CallError:
            say(error.description)
            if case .refused = error { return .wrongInput }
            return .labFailed
        default:
            say("\(error)")
            return .labFailed
        }
    }

    private static func say(_ message: String) {
        Terminal.note(Terminal.noteStyle.bad("weft: ") + message)
    }
}
