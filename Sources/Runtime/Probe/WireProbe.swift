// SPDX-License-Identifier: Apache-2.0

import Kernel
import Primitives

/// The end of a link from which it is captured.
package struct WireEnd: Hashable, Sendable {
    /// The physical device, below VLANs.
    package var device: String
    /// The node at this end, and the one at the other, for words.
    package var node: String
    package var peer: String

    package init(device: String, node: String, peer: String) {
        self.device = device
        self.node = node
        self.peer = peer
    }
}

/// Captures a link and judges every packet as it passes.
final class WireProbe {
    private let end: WireEnd
    private let port: ProbePort
    private let socket: CaptureSocket
    private var ledger: WireLedger

    /// How long what is under way when the end is asked for may take to pass.
    private static let grace = Duration.milliseconds(50)
    /// Frames that are read before the port is looked at again.
    private static let batch = 1000

    init(_ end: WireEnd, _ judge: WireJudge, _ port: ProbePort) throws(SystemError) {
        self.end = end
        self.port = port
        ledger = WireLedger(judge)
        let links = LinkIndexes(try NetlinkSocket().links())
        socket = try CaptureSocket.open(
            interface: links.index(of: end.device, for: "capture"))
    }

    func run() throws(SystemError) {
        try port.watch(socket.raw)
        port.send(["progress": ["started": true]])
        while !port.isStopped, !port.isClosed {
            try port.wait(until: nil)
            _ = try take()
        }
        let limit = MonotonicClock.now + Self.grace
        while !port.isClosed, MonotonicClock.now < limit {
            try port.wait(until: limit)
            _ = try take()
        }
        // What came before the limit is still to be judged, however much it is.
        while try take() {}
        ledger.lost = try socket.takeLost()
        port.send(["result": ledger.result])
    }

    /// Judges frames that wait; says whether there may be more.
    private func take() throws(SystemError) -> Bool {
        for _ in 0..<Self.batch {
            guard let frame = try socket.receive() else { return false }
            let direction =
                frame.isOutgoing ? "\(end.node) to \(end.peer)" : "\(end.peer) to \(end.node)"
            ledger.add(frame.octets, at: MonotonicClock.now, direction: direction)
        }
        return true
    }
}
