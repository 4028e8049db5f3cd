// SPDX-License-Identifier: Apache-2.0

import Kernel

/// Where captured packets go: standard output, a file, or a tool that shows them.
final class PacketSink {
    enum Outcome {
        case taken
        /// The user has interrupted a wait for a slow reader; the rest is kept.
        case interrupted
        /// Nobody reads any more.
        case gone
    }

    private enum Target {
        case output
        case file(SharedFile, name: String)
    }

    /// A descriptor that an enum can hold.
    private final class SharedFile {
        let file: FileDescriptor
        init(_ file: consuming FileDescriptor) { self.file = file }
    }

    private var target: Target
    /// A tool that is waited for.
    private var tool: Int32?
    private var waiting: [UInt8] = []
    private var isGone = false

    /// What a pipe that is ready takes without waiting (PIPE_BUF).
    private static let pieceSize = 4096

    init(_ sink: CaptureRequest.Sink) throws {
        ProcessControl.ignoreBrokenPipes()
        switch sink {
        case .terminal, .output: target = .output
        case .file(let path):
            do throws(SystemError) {
                target = .file(SharedFile(try FileDescriptor.create(path)), name: path)
            } catch {
                throw Failure("\(error)", code: .wrongInput)
            }
        case .tool:
            let (reader, writer) = try DescriptorPair.pipe().split()
            target = .file(SharedFile(FileDescriptor(owning: writer)), name: "the tool")
            tool = try Self.startTool(reader)
        }
    }

    /// Wireshark where there is a screen for it, else tshark.
    /// - Parameter reader: what it reads; taken over.
    /// - Returns: the process to wait for; Wireshark stays open as long as its user likes.
    private static func startTool(_ reader: Int32) throws -> Int32? {
        let input = FileDescriptor(owning: reader)
        let hasScreen = Environment["DISPLAY"] != nil || Environment["WAYLAND_DISPLAY"] != nil
        let tools = [
            (name: "wireshark", arguments: ["wireshark", "-k", "-i", "-"], isUsable: hasScreen),
            (name: "tshark", arguments: ["tshark", "-l", "-r", "-"], isUsable: true),
        ]
        guard let tool = tools.first(where: { $0.isUsable && Subprocess.exists($0.name) }) else {
            throw Failure("there is neither wireshark, with a screen for it, nor tshark here")
        }
        // Ctrl-C is for us: the tool then sees the capture's end.
        let pid = try ChildProcess.fork(.ownSession) {
            do throws(SystemError) {
                try StandardStream.input.become(input.raw)
                throw ChildProcess.replace(tool.arguments, environment: Environment.all)
            } catch {
                StandardStream.error.write("weft: \(error)\n".utf8)
                return 127
            }
        }
        return tool.name == "tshark" ? pid : nil
    }

    /// Writes octets, and what was kept before them.
    /// - Parameter signals: a descriptor that becomes readable when the user interrupts.
    /// - Throws: where a file cannot be written.
    func write(_ octets: [UInt8], unless signals: Int32) throws -> Outcome {
        guard !isGone else { return .taken }
        waiting += octets
        var start = 0
        defer { waiting.removeFirst(start) }
        while start < waiting.count {
            let wanted = [(descriptor, Poller.Interest.write), (signals, .read)]
            let ready = try Poller.wait(forAny: wanted, until: nil)
            if ready[1] { return .interrupted }
            guard ready[0] else { continue }
            let piece = Array(waiting[start..<min(start + Self.pieceSize, waiting.count)])
            guard let count = try write(piece) else {
                (isGone, start) = (true, waiting.count)
                return .gone
            }
            start += count
        }
        return .taken
    }

    private var descriptor: Int32 {
        switch target {
        case .output: StandardStream.output.rawValue
        case .file(let shared, _): shared.file.raw
        }
    }

    /// How many octets were taken; nil where nobody reads any more.
    private func write(_ piece: [UInt8]) throws -> Int? {
        switch target {
        case .output: return StandardStream.output.writeSome(piece)
        case .file(let shared, let name):
            do throws(SystemError) { return try shared.file.write(piece) } catch {
                if error.isPeerGone { return nil }
                throw Failure("\(name): \(error)")
            }
        }
    }

    /// No more comes: a tool shows what it has.
    func close() {
        if case .file = target { target = .output }
        isGone = true
        if let tool { _ = try? ChildProcess.wait(for: tool) }
        tool = nil
    }
}
