// SPDX-License-Identifier: Apache-2.0

import Control
import Kernel
import Primitives

let shellCommand = Command(
    name: "shell", summary: "Open a shell inside a node",
    description: """
        Your $SHELL, or else bash or sh, as with `weft exec NODE`: it has the node's interfaces,
        routes and processes, a /run of the node's own, and otherwise this machine's files. The
        prompt says where you are; WEFT_LAB and WEFT_NODE say it to programs.
        """,
    arguments: [.init(name: "NODE", summary: "Where")],
    options: [.lab],
    examples: [
        .init(line: "weft shell juno", says: "then ip route, ping, tcpdump …; exit leaves it")
    ]
) { invocation in
    let node = invocation.argument("NODE")
    let lab = try LabChoice.connect(invocation, node: node)
    let name = try lab.call(.hello)["name"]?.string ?? ""
    let shell = Shell(
        Environment["SHELL"], lab: name, node: node, exists: { FileSystem.exists($0) })
    let session = try ExecSession(
        lab, node: node, command: shell.arguments, environment: shell.environment)
    return try session.run()
}

/// A shell that says in which node it runs.
struct Shell: Hashable {
    let arguments: [String]
    /// What is added to the environment.
    let environment: [String: String]

    /// - Parameters:
    ///   - wanted: the user's.
    ///   - exists: whether there is such a file.
    init(_ wanted: String?, lab: String, node: String, exists: (String) -> Bool) {
        let candidates = [wanted ?? "", "/bin/bash", "/bin/sh"]
        let path = candidates.first { !$0.isEmpty && exists($0) } ?? "/bin/sh"
        let mark = "(\(node)) "
        var environment = ["WEFT_LAB": lab, "WEFT_NODE": node]
        switch path.split(separator: "/").last {
        case "bash":
            // After its own files have set the prompt, whatever it is.
            environment["PROMPT_COMMAND"] =
                "case $PS1 in \"\(mark)\"*) ;; *) PS1=\"\(mark)$PS1\";; esac"
            arguments = [path]
        case "fish":
            let prompt =
                "functions --copy fish_prompt weft_prompt; "
                + "function fish_prompt; printf '\(mark)'; weft_prompt; end"
            arguments = [path, "--init-command", prompt]
        case "zsh":
            environment["PROMPT"] = "\(mark)%# "
            arguments = [path]
        default:
            environment["PS1"] = "\(mark)$ "
            arguments = [path]
        }
        self.environment = environment
    }
}
