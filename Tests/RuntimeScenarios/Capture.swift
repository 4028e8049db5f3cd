// SPDX-License-Identifier: Apache-2.0

import Glibc
import Kernel
import Primitives

/// tcpdump in a node: a witness that is not ours. Each line is a packet.
final class Capture {
    private let pid: Int32
    private let output: FileDescriptor
    private var text: [UInt8] = []

    /// Begins to listen; when this returns, nothing is missed any more.
    init(_ node: Node, _ interface: String, _ filter: String) throws {
        let (reader, writer) = try DescriptorPair.pipe().split()
        pid = try node.spawn {
            dup2(writer, 1)
            dup2(writer, 2)
            return execute(
                ["tcpdump", "-lnneUi", interface] + filter.split(separator: " ").map(String.init))
        }
        FileDescriptor(owning: writer).discard()
        output = FileDescriptor(owning: reader)
        try output.setNonBlocking()
        _ = try line { $0.hasPrefix("listening on") }
    }

    /// The next line that fits.
    func line(_ fits: (String) -> Bool) throws -> String {
        let deadline = MonotonicClock.now + .seconds(10)
        let poller = try Poller()
        try poller.add(output.raw, token: 0)
        while true {
            while let end = text.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: text[..<end], as: UTF8.self)
                text.removeSubrange(...end)
                if fits(line) { return line }
            }
            guard MonotonicClock.now < deadline else { throw Failure("tcpdump saw nothing") }
            guard try !poller.wait(until: deadline).isEmpty else { continue }
            let piece = try output.read(4096)
            guard !piece.isEmpty else {
                throw Failure("tcpdump ended: \(String(decoding: text, as: UTF8.self))")
            }
            text += piece
        }
    }

    deinit {
        ChildProcess.signal(pid, SIGKILL)
        _ = try? ChildProcess.wait(for: pid)
    }
}
