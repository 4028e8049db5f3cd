// SPDX-License-Identifier: Apache-2.0

import Control
import Kernel
import Primitives

let execCommand = Command(
    name: "exec", summary: "Run any program of this machine inside a node",
    description: """
        The program sees the node's interfaces, routes, /sys and processes, and a /run of the node's
        own; everything else is this machine's. On a terminal it gets one, so shells and full-screen
        programs work. Its exit status becomes that of weft (128 more than a signal's number).
        """,
    arguments: [
        .init(name: "NODE", summary: "Where to run it"),
        .init(name: "COMMAND", summary: "The program and its words", arity: .verbatim),
    ],
    options: [.lab],
    examples: [
        .init(line: "weft exec saturn -- ping -c 3 10.0.0.3", says: "one of the node's own pings"),
        .init(line: "weft exec juno -- ip route show table all", says: "what its kernel holds"),
        .init(line: "weft exec luna -- tcpdump -ni eth1", says: "watch a link; Ctrl-C ends it"),
        .init(
            line: "weft exec luna -- tcpdump -Uni eth1 -w - > luna.pcap",
            says: "a capture, written on this side"),
        .init(line: "weft exec luna -- bash", says: "a shell in the node"),
    ]
) { invocation in
    let node = invocation.argument("NODE")
    let lab = try LabChoice.connect(invocation, node: node)
    let session = try ExecSession(lab, node: node, command: invocation.rest)
    return try session.run()
}

extension Environment {
    /// All variables, as requests to run a program carry them.
    static var json: JSON { variables(adding: [:]) }

    fileprivate static func variables(adding more: [String: String]) -> JSON {
        let all = all.merging(more) { $1 }
        return .object(all.sorted { $0.key < $1.key }.map { .init($0.key, .string($0.value)) })
    }
}

/// A program in a node, joined to our own streams.
final class ExecSession {
    private let lab: ControlConnection
    private let request: UInt64
    private let signals: SignalDescriptor
    /// Given back its old ways when the session ends.
    private let terminal: RawTerminal?
    private var inputIsOpen = true

    /// While more than this waits for the lab to take it, no more input is read.
    private static let backlogMax = 1 << 20

    /// - Parameter environment: what is added to ours.
    init(
        _ lab: ControlConnection, node: String, command: [String],
        environment: [String: String] = [:]
    ) throws {
        self.lab = lab
        let isInteractive = StandardStream.input.isTerminal && StandardStream.output.isTerminal
        let size = isInteractive ? StandardStream.output.windowSize ?? (24, 80) : nil
        var members: [JSON.Member] = [
            .init("node", .string(node)), .init("argv", JSON(command)),
            .init("env", Environment.variables(adding: environment)),
            .init("directory", .string(Surroundings.directory)),
        ]
        if let size { members.append(.init("terminal", Self.json(size))) }
        signals = try SignalDescriptor([
            SignalDescriptor.interrupt, SignalDescriptor.terminate, SignalDescriptor.hangUp,
            SignalDescriptor.windowChange,
        ])
        request = try lab.start(.exec, members)
        terminal = size == nil ? nil : RawTerminal()
    }

    private static func json(_ size: (rows: UInt16, columns: UInt16)) -> JSON {
        ["rows": JSON(size.rows), "columns": JSON(size.columns)]
    }

    func run() throws -> ExitCode {
        while true {
            while let message = try lab.next(until: lab.now) {
                if let code = try take(message) { return code }
            }
            let readsInput = inputIsOpen && lab.backlog < Self.backlogMax
            var wanted = [(lab.descriptor, lab.interest), (signals.raw, Poller.Interest.read)]
            if readsInput { wanted.append((StandardStream.input.rawValue, .read)) }
            let ready = try Poller.wait(forAny: wanted, until: nil)
            if ready[1] { try forwardSignals() }
            if readsInput, ready[2] { try forwardInput() }
        }
    }

    private func take(_ message: ControlMessage) throws -> ExitCode? {
        switch message.content {
        case .data(.standardError, let bytes): StandardStream.error.write(bytes)
        case .data(_, let bytes): StandardStream.output.write(bytes)
        case .progress: break
        case .failure(let text): throw Failure(text, code: .wrongInput)
        case .result(let answer):
            let status = answer["status"]?.int ?? 128 + (answer["signal"]?.int ?? 0)
            return ExitCode(rawValue: Int32(clamping: status))
        }
        return nil
    }

    private func forwardInput() throws {
        let bytes = StandardStream.input.read(Frame.chunkSize)
        inputIsOpen = !bytes.isEmpty
        try lab.sendInput(bytes, to: request)
    }

    /// An interrupt is for the program; it decides what that means.
    private func forwardSignals() throws {
        for signal in signals.read() {
            if signal == SignalDescriptor.windowChange {
                guard let size = StandardStream.output.windowSize else { continue }
                try lab.sendMore(["terminal": Self.json(size)], about: request)
            } else {
                try lab.sendMore(["signal": JSON(signal)], about: request)
            }
        }
    }
}
