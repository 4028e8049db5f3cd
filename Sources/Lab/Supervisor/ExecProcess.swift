// SPDX-License-Identifier: Apache-2.0

import Control
import Kernel
import Primitives

/// A tool that runs in a node at a client's request, with its streams.
final class ExecProcess {
    /// What to run and how.
    struct Tool {
        var arguments: [String]
        var environment: [String: String]
        var directory: String
        /// The client's terminal, if it has one.
        var windowSize: (rows: UInt16, columns: UInt16)?
    }

    /// Our end of one of its streams.
    private final class Stream {
        let file: FileDescriptor
        init(_ file: consuming FileDescriptor) { self.file = file }
    }

    private let reply: Reply
    private let loop: EventLoop
    private(set) var pid: Int32 = 0
    /// Our ends; nil once closed. A terminal is input and output in one.
    private var input: Stream?
    private var outputs: [ExecStream: Stream] = [:]
    private var isTerminal = false
    private var waiting: [UInt8] = []
    private var inputEnds = false
    /// Ends the tool for good; set when its client has gone.
    private var deadline: UInt64?

    /// How long a tool has between the loss of its client and its end.
    private static let grace: Duration = .seconds(2)
    private static let pieceSize = Frame.chunkSize

    init(_ reply: Reply, _ loop: EventLoop) {
        self.reply = reply
        self.loop = loop
    }

    // MARK: Start

    /// Starts the tool.
    /// - Parameter move: takes the child into the node.
    func start(_ tool: Tool, _ move: () throws(SystemError) -> Void) throws(SystemError) {
        if let size = tool.windowSize {
            try startOnTerminal(tool, rows: size.rows, columns: size.columns, move)
        } else {
            try startOnPipes(tool, move)
        }
        reply.onInput = { [weak self] bytes in self?.take(input: bytes) }
        reply.onMessage = { [weak self] message in self?.take(message) }
        reply.onCancel = { [weak self] in self?.abandon() }
        reply.onDrained = { [weak self] in self?.setOutputInterest() }
    }

    private func startOnPipes(
        _ tool: Tool, _ move: () throws(SystemError) -> Void
    ) throws(SystemError) {
        let (childIn, ourIn) = try Self.pipe()
        let (ourOut, childOut) = try Self.pipe()
        let (ourErr, childErr) = try Self.pipe()
        pid = try ChildProcess.fork([.diesWithParent, .ownSession]) {
            Self.become(tool, [childIn.file.raw, childOut.file.raw, childErr.file.raw], move)
        }
        input = ourIn
        outputs = [.standardOutput: ourOut, .standardError: ourErr]
        try watch()
    }

    private func startOnTerminal(
        _ tool: Tool, rows: UInt16, columns: UInt16, _ move: () throws(SystemError) -> Void
    ) throws(SystemError) {
        let (ours, theirs) = try PseudoTerminal(rows: rows, columns: columns).split()
        let (controller, terminal) = (
            Stream(FileDescriptor(owning: ours)), Stream(FileDescriptor(owning: theirs))
        )
        pid = try ChildProcess.fork([.diesWithParent, .ownSession]) {
            let raw = terminal.file.raw
            try? PseudoTerminal.takeControl(raw)
            return Self.become(tool, [raw, raw, raw], move)
        }
        isTerminal = true
        input = controller
        outputs = [.standardOutput: controller]
        try watch()
    }

    /// What is read and what is written.
    private static func pipe() throws(SystemError) -> (Stream, Stream) {
        let (read, write) = try DescriptorPair.pipe().split()
        return (Stream(FileDescriptor(owning: read)), Stream(FileDescriptor(owning: write)))
    }

    /// In the child: moves into the node and becomes the tool.
    private static func become(
        _ tool: Tool, _ streams: [Int32], _ move: () throws(SystemError) -> Void
    ) -> Int32 {
        do throws(SystemError) {
            for (raw, stream) in zip(streams, [StandardStream.input, .output, .error]) {
                try stream.become(raw)
            }
            try move()
            FileDescriptor.closeAll(except: [])
            Surroundings.changeDirectory(tool.directory)
            throw ChildProcess.replace(tool.arguments, environment: tool.environment)
        } catch {
            StandardStream.error.write("weft: \(error)\n".utf8)
            return 127
        }
    }

    private func watch() throws(SystemError) {
        for (name, stream) in outputs {
            try stream.file.setNonBlocking()
            try loop.watch(stream.file.raw) { [unowned self] ready in self.serve(name, ready) }
        }
        try input?.file.setNonBlocking()
    }

    // MARK: Streams

    private func serve(_ name: ExecStream, _ ready: Poller.Ready) {
        if ready.canWrite { writeInput() }
        if ready.canRead { forward(name) }
    }

    /// Passes on one piece of output.
    private func forward(_ name: ExecStream) {
        guard let stream = outputs[name] else { return }
        do throws(SystemError) {
            let bytes = try stream.file.read(Self.pieceSize)
            guard !bytes.isEmpty else { return closeOutput(name) }
            reply.data(name, bytes)
            if reply.isStuck { setOutputInterest() }
        } catch {
            // A terminal whose last user has gone reads as an input/output error.
            if !error.isWouldBlock { closeOutput(name) }
        }
    }

    private func closeOutput(_ name: ExecStream) {
        guard let stream = outputs.removeValue(forKey: name) else { return }
        loop.forget(stream.file.raw)
        if isTerminal { input = nil }
        reply.data(name, [])
    }

    private func setOutputInterest() {
        for stream in outputs.values {
            var interest: Poller.Interest = reply.isStuck ? [] : .read
            if isTerminal, !waiting.isEmpty { interest.insert(.write) }
            loop.setInterest(stream.file.raw, interest)
        }
    }

    private func take(input bytes: [UInt8]) {
        guard input != nil else { return }
        waiting += bytes
        // A terminal's input ends by what is typed, not by being closed.
        inputEnds = inputEnds || (bytes.isEmpty && !isTerminal)
        writeInput()
    }

    private func writeInput() {
        guard let input else { return }
        let isWaiting: Bool
        do throws(SystemError) {
            while !waiting.isEmpty {
                waiting.removeFirst(try input.file.write(waiting))
            }
            isWaiting = false
        } catch {
            isWaiting = error.isWouldBlock
            if !isWaiting {
                waiting = []
                inputEnds = !isTerminal
            }
        }
        if isTerminal { return setOutputInterest() }
        loop.forget(input.file.raw)
        if isWaiting {
            try? loop.watch(input.file.raw, .write) { [unowned self] _ in self.writeInput() }
        } else if inputEnds {
            self.input = nil
        }
    }

    /// {signal: NUMBER} or {terminal: {rows, columns}}.
    private func take(_ message: JSON) {
        if let number = message["signal"]?.int, let signal = Int32(exactly: number), signal > 0 {
            ChildProcess.signal(-pid, signal)
        }
        if isTerminal, let input, let rows = message["terminal"]?["rows"]?.int,
            let columns = message["terminal"]?["columns"]?.int
        {
            PseudoTerminal.setSize(
                input.file.raw, rows: UInt16(clamping: rows), columns: UInt16(clamping: columns))
        }
    }

    // MARK: End

    /// The client has gone: what ran for it is told to end, and soon made to.
    private func abandon() {
        let group = -pid
        ChildProcess.signal(group, SignalDescriptor.hangUp)
        ChildProcess.signal(group, SignalDescriptor.terminate)
        closeAll()
        deadline = loop.call(at: loop.now + Self.grace) {
            ChildProcess.signal(group, SignalDescriptor.kill)
        }
    }

    /// The tool has ended. What it printed is passed on; a descendant that goes on in the
    /// background and keeps the streams open is not waited for.
    func finish(_ exit: ChildProcess.Exit) {
        if let deadline { loop.cancel(deadline) }
        for name in outputs.keys.sorted(by: { $0.rawValue < $1.rawValue }) {
            while let stream = outputs[name], let bytes = try? stream.file.read(Self.pieceSize),
                !bytes.isEmpty
            {
                reply.data(name, bytes)
            }
            closeOutput(name)
        }
        closeAll()
        reply.finish(
            JSON.object([
                .init("status", JSON(exit.status.map { Int($0) })),
                .init("signal", JSON(exit.signal.map { Int($0) })),
            ]).compact)
    }

    private func closeAll() {
        for stream in outputs.values { loop.forget(stream.file.raw) }
        outputs = [:]
        if let input { loop.forget(input.file.raw) }
        input = nil
    }
}

extension Supervisor {
    func exec(_ reply: Reply, _ lab: RunningLab) {
        guard let router = router(reply, lab) else { return }
        let node = router.node
        guard let tool = ExecProcess.Tool(reply) else {
            return reply.fail("exec: argv is missing")
        }
        let process = ExecProcess(reply, loop)
        do throws(SystemError) {
            let network = try lab.namespace(node)
            let room = try lab.room(node)
            try process.start(tool) { () throws(SystemError) in
                try network.set()
                try room.enter()
                try? Surroundings.setHostName(node)
            }
        } catch {
            return reply.fail("\(error)")
        }
        whenEnded(process.pid) { process.finish($0) }
    }
}

extension ExecProcess.Tool {
    /// Reads a request; nil where it names no program.
    init?(_ reply: Reply) {
        arguments = reply["argv"]?.array.compactMap(\.string) ?? []
        environment = [:]
        for member in reply["env"]?.members ?? [] { environment[member.name] = member.value.string }
        if environment.isEmpty { environment = Kernel.Environment.all }
        directory = reply["directory"]?.string ?? "/"
        windowSize = reply["terminal"].map {
            (UInt16(clamping: $0["rows"]?.int ?? 24), UInt16(clamping: $0["columns"]?.int ?? 80))
        }
        if arguments.isEmpty { return nil }
    }
}
