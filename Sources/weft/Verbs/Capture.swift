// SPDX-License-Identifier: Apache-2.0

import Control
import Kernel
import Primitives

let captureCommand = Command(
    name: "capture", summary: "See the packets of a link",
    description: """
        WHERE is NODE:LINK, NODE:DEVICE, or LINK alone, which is one of its ends. Both directions
        are seen. On a terminal each packet is a line in words; into a pipe or a file it is pcapng,
        as Wireshark and tshark read it. Ctrl-C ends it. A reader that is slow holds up nobody: what
        the kernel has no more room for is counted as lost.
        """,
    arguments: [.init(name: "WHERE", summary: "Such as juno:eth1, luna:site or juno-luna")],
    options: [
        .init(
            name: "write", value: "FILE", summary: "Write pcapng to a file; - is standard output"),
        .init(name: "open", value: nil, summary: "Open Wireshark, or tshark where there is none"),
        .init(name: "text", value: nil, summary: "Words, into a pipe too"),
        .lab,
    ],
    examples: [
        .init(line: "weft capture juno-luna", says: "a line a packet, until Ctrl-C"),
        .init(line: "weft capture juno:eth1 --write juno.pcapng", says: "for later"),
        .init(line: "weft capture luna:site --open", says: "live in Wireshark"),
        .init(
            line: "weft capture juno:eth1 --write -",
            says: "into any tool: ... | wireshark -k -i -, or ... | tshark -r -"),
    ]
) { invocation in
    let capture = try CaptureRequest(invocation)
    let lab = try LabChoice.connect(invocation, capture.place)
    let session = try CaptureSession(lab, capture)
    return try session.run()
}

/// What `weft capture` asks for.
struct CaptureRequest: Hashable {
    enum Sink: Hashable {
        case terminal
        /// pcapng on standard output.
        case output
        case file(String)
        case tool
    }

    let node: String?
    let link: String
    let sink: Sink

    init(
        _ invocation: Invocation, outputIsTerminal: Bool = StandardStream.output.isTerminal
    ) throws(UsageError) {
        let parts = invocation.argument("WHERE")
            .split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        node = parts.count == 2 ? parts[0] : nil
        link = parts.last ?? ""
        guard node != "", !link.isEmpty else {
            throw UsageError(message: "WHERE is NODE:LINK or LINK", command: "capture")
        }
        let file = invocation.value("write")
        guard
            [file != nil, invocation.has("open"), invocation.has("text")].count(where: { $0 }) < 2
        else {
            throw UsageError(message: "--write, --open or --text: choose one", command: "capture")
        }
        switch file {
        case "-"? where outputIsTerminal:
            throw UsageError(
                message: "pcapng is not for terminals; give a file or a pipe", command: "capture")
        case "-"?: sink = .output
        case let path?: sink = .file(path)
        case nil where invocation.has("open"): sink = .tool
        case nil: sink = invocation.has("text") || outputIsTerminal ? .terminal : .output
        }
    }

    var place: LabChoice.Place { node.map { .node($0) } ?? .link(link) }

    /// The request's members.
    var members: [JSON.Member] {
        let names = (node.map { [JSON.Member("node", .string($0))] } ?? [])
        let form = sink == .terminal ? "text" : "pcapng"
        return names + [.init("link", .string(link)), .init("form", .string(form))]
    }
}

/// A capture under way.
private final class CaptureSession {
    private let lab: ControlConnection
    private let request: UInt64
    private let signals: SignalDescriptor
    private let sink: PacketSink
    private var isStopping = false

    init(_ lab: ControlConnection, _ capture: CaptureRequest) throws {
        self.lab = lab
        signals = try SignalDescriptor([SignalDescriptor.interrupt, SignalDescriptor.terminate])
        let request = try lab.start(.capture, capture.members)
        self.request = request
        // No file is made, and no tool started, before the lab has agreed.
        switch try lab.next(of: request, until: nil)?.content {
        case .failure(let text)?: throw CallError.refused(text)
        case .progress(let news)?:
            let (node, device) = (news["node"]?.string ?? "", news["device"]?.string ?? "")
            Terminal.note("capturing \(device) of \(node); Ctrl-C ends it")
        default: break
        }
        sink = try PacketSink(capture.sink)
    }

    func run() throws -> ExitCode {
        while true {
            while let message = try lab.next(of: request, until: lab.now) {
                if let code = try take(message.content) { return code }
            }
            let wanted = [(lab.descriptor, lab.interest), (signals.raw, Poller.Interest.read)]
            let ready = try Poller.wait(forAny: wanted, until: nil)
            if ready[1] { try stop() }
        }
    }

    private func take(_ content: ControlMessage.Content) throws -> ExitCode? {
        switch content {
        case .data(_, let bytes): try write(bytes)
        case .result(let answer):
            try write([])
            sink.close()
            let lost = answer["lost"]?.int ?? 0
            let packets = answer["packets"]?.int ?? 0
            Terminal.note(
                "\(packets) packet\(packets == 1 ? "" : "s")"
                    + (lost > 0 ? ", and \(lost) lost: they came faster than they were read" : ""))
            return .passed
        case .failure(let text): throw CallError.refused(text)
        case .progress: break
        }
        return nil
    }

    private func write(_ bytes: [UInt8]) throws {
        var outcome = try sink.write(bytes, unless: signals.raw)
        while outcome == .interrupted {
            try stop()
            outcome = try sink.write([], unless: signals.raw)
        }
        if outcome == .gone, !isStopping { try stop() }
    }

    /// What has been captured is still fetched; a second time ends this at once.
    private func stop() throws {
        _ = signals.read()
        guard !isStopping else { throw Failure("interrupted before the last packets") }
        isStopping = true
        try lab.sendMore(["stop": true], about: request)
    }
}
