// SPDX-License-Identifier: Apache-2.0

import Control
import Primitives

let completionCommand = Command(
    name: "completion", summary: "Print what teaches your shell to complete weft",
    description: """
        Verbs, options, files, running labs, their nodes, links, VRFs and neighbors: the script asks
        weft itself for the candidates of every word.
        """,
    arguments: [.init(name: "SHELL", summary: "bash, zsh or fish")],
    examples: [
        .init(line: "weft completion bash", says: "in ~/.bashrc: eval \"$(weft completion bash)\""),
        .init(line: "weft completion zsh", says: "in ~/.zshrc: source <(weft completion zsh)"),
        .init(
            line: "weft completion fish",
            says: "in ~/.config/fish/config.fish: weft completion fish | source"),
    ]
) { invocation in
    let name = invocation.argument("SHELL")
    guard let script = CompletionScript(rawValue: name) else {
        let names = CompletionScript.allCases.map(\.rawValue)
        let hint = Suggestion.text(for: name, among: names)
        throw UsageError(
            message: "no completion for '\(name)'"
                + (hint.isEmpty ? "; there is bash, zsh and fish" : hint),
            command: "completion")
    }
    Terminal.write(script.text)
    return .passed
}

/// What the scripts call.
let completeCommand = Command(
    name: "__complete", summary: "Print candidates for the last of these words",
    description: """
        Started by what `weft completion` prints. After the candidates may stand `:files` or
        `:commands`, for the shell to complete.
        """,
    arguments: [
        .init(
            name: "WORD", summary: "Those after `weft`, the last one perhaps empty",
            isRequired: false, arity: .verbatim)
    ],
    isHidden: true
) { invocation in
    let completer = Completer(commands: CommandTable.commands, source: RunningLabs())
    let candidates = completer.candidates(invocation.rest.isEmpty ? [""] : invocation.rest)
    Terminal.write(candidates.map { $0 + "\n" }.joined())
    return .passed
}

/// The labs of this user. One that does not answer at once has no names.
private struct RunningLabs: CompletionSource {
    func labs() -> [String] { ((try? LabDirectory.running()) ?? []).map(\.name) }

    func names(lab: String?) -> [JSON] {
        let running = (try? LabDirectory.running()) ?? []
        return running.filter { lab == nil || $0.name == lab }.compactMap {
            try? $0.connect().call(.names, within: .seconds(1))
        }
    }
}
