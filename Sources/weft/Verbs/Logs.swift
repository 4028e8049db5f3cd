// SPDX-License-Identifier: Apache-2.0

import Control
import Kernel
import Primitives

let logsCommand = Command(
    name: "logs", summary: "Tell what a lab and its routers said",
    description: """
        Sessions that came up and went down, links, VRRP, events, messages that could not be taken
        as they were, what the kernel refused, routers that died, and what IKE daemons print: each
        with the time of day (UTC) and the seconds since the lab began. A lab keeps the last 10,000
        lines and says how many it has dropped. What routes do is not among them.
        """,
    arguments: [
        .init(name: "NODE", summary: "Only what this node said", isRequired: false)
    ],
    options: [
        .init(name: "follow", value: nil, summary: "Go on as more is said, until Ctrl-C"),
        .init(name: "since", value: "TIME", summary: "Nothing older than this, such as 5m"),
        .json, .lab,
    ],
    examples: [
        .init(line: "weft logs", says: "all that the only lab still knows"),
        .init(line: "weft logs juno --since 5m", says: "one node's last five minutes"),
        .init(
            line: "weft logs --follow", says: "in one terminal, while weft set is used in another"),
        .init(line: "weft logs --follow --json", says: "a line of JSON for each entry"),
    ]
) { invocation in
    let node = invocation.argument("NODE")
    let lab =
        node.isEmpty
        ? try LabChoice.directory(named: invocation.value("lab")).connect()
        : try LabChoice.connect(invocation, node: node)
    var members: [JSON.Member] = node.isEmpty ? [] : [.init("node", .string(node))]
    if let text = invocation.value("since") {
        guard let age = Duration(text: text) else {
            throw UsageError(
                message: "--since: '\(text)' is not a time such as 5m", command: "logs")
        }
        members.append(.init("since-ns", JSON(age.nanoseconds)))
    }
    if invocation.has("follow") {
        try followLog(lab, members, asJSON: invocation.has("json"))
        return .passed
    }
    var entries: [JSON] = []
    let end = try lab.call(.logs, members) { entries += $0["entries"]?.array ?? [] }
    if invocation.has("json") {
        let answer: JSON = ["dropped": end["dropped"] ?? 0, "entries": JSON(entries)]
        Terminal.write(answer.indentedText + "\n")
    } else {
        Terminal.write(LogText.lines(entries, Terminal.style).map { $0 + "\n" }.joined())
        if let dropped = end["dropped"]?.int, dropped > 0 {
            Terminal.note("\(dropped) older lines are no longer kept")
        }
    }
    return .passed
}

/// Prints what is said until the lab or the user ends it.
private func followLog(
    _ lab: ControlConnection, _ members: [JSON.Member], asJSON: Bool
) throws {
    let signals = try SignalDescriptor([SignalDescriptor.interrupt, SignalDescriptor.terminate])
    let client = InterruptibleClient(lab, signals.raw)
    let request = try client.start(.logs, members + [.init("follow", true)])
    while let message = try nextUntilInterrupted(client) {
        guard message.request == request else { continue }
        switch message.content {
        case .progress(let piece):
            let entries = piece["entries"]?.array ?? []
            if let skipped = piece["skipped"]?.int, skipped > 0 {
                Terminal.note("\(skipped) lines were skipped: this end did not keep up")
            }
            let lines = asJSON ? entries.map(\.text) : LogText.lines(entries, Terminal.style)
            Terminal.write(lines.map { $0 + "\n" }.joined())
        case .failure(let text): throw CallError.refused(text)
        case .result, .data: return
        }
    }
}

/// The next message; nil when the user wants no more.
func nextUntilInterrupted(_ client: InterruptibleClient) throws -> ControlMessage? {
    do throws(ControlError) { return try client.next(until: nil) } catch {
        if client.isInterrupted { return nil }
        throw error
    }
}
