// SPDX-License-Identifier: Apache-2.0

import Kernel
import Primitives
import Wire

/// What is captured, and in which form it is told.
package struct CaptureTarget: Hashable, Sendable {
    package enum Form: String, Hashable, Sendable {
        /// For Wireshark and its kin.
        case pcapng
        /// A line a packet, in words.
        case text
    }

    package var device: String
    /// The node whose device it is, and who is at the other end, for words.
    package var node: String
    package var peer: String?
    package var form: Form

    package init(device: String, node: String, peer: String?, form: Form) {
        self.device = device
        self.node = node
        self.peer = peer
        self.form = form
    }
}

/// Captures a device and passes on every packet.
///
/// What the other end does not take in time waits in the kernel, and what the kernel has no room
/// for is lost, and counted: nobody else waits.
final class CaptureProbe {
    private let target: CaptureTarget
    private let port: ProbePort
    private let socket: CaptureSocket
    private var packets = 0
    /// What passes later is none of ours.
    private var end: WallTime?

    /// How long what is under way when the end is asked for may take to pass.
    private static let grace = Duration.milliseconds(50)
    /// Octets that are collected before they are passed on.
    private static let pieceSize = 32 << 10
    /// Octets that may wait for the other end before we stop reading.
    private static let backlogMax = 256 << 10

    init(_ target: CaptureTarget, _ port: ProbePort) throws(SystemError) {
        self.target = target
        self.port = port
        let links = try NetlinkSocket().links()
        guard let link = links.first(where: { $0.name == target.device }) else {
            throw SystemError.missing("device \(target.device)")
        }
        socket = try CaptureSocket.open(
            interface: link.index, isCooked: !link.hasEthernetHeader, withTime: true)
    }

    func run() throws(SystemError) {
        try port.watch(socket.raw)
        port.send(["progress": ["started": true]])
        if target.form == .pcapng { port.send(data: header) }
        while !port.isStopped, !port.isClosed {
            try port.wait(until: nil)
            _ = try take()
        }
        let limit = MonotonicClock.now + Self.grace
        while !port.isClosed, MonotonicClock.now < limit {
            try port.wait(until: limit)
            _ = try take()
        }
        // What came before now is still to be told, however much it is.
        end = WallClock.now
        while !port.isClosed, try take() {}
        try finish()
    }

    private var header: [UInt8] {
        let other = target.peer.map { " to \($0)" } ?? ""
        return PcapNG.header(
            socket.isCooked ? .cooked : .ethernet, name: target.device,
            description: "\(target.node)\(other)", program: "weft")
    }

    private func finish() throws(SystemError) {
        let lost = try socket.takeLost()
        if target.form == .pcapng {
            port.send(
                data: PcapNG.statistics(
                    passed: UInt64(packets + lost), lost: UInt64(lost), at: WallClock.now))
        }
        port.send(["result": ["packets": JSON(packets), "lost": JSON(lost)]])
    }

    /// Passes on what waits, up to a piece; says whether there may be more.
    private func take() throws(SystemError) -> Bool {
        var piece: [UInt8] = []
        var isMore = true
        while piece.count < Self.pieceSize {
            guard let frame = try socket.receive() else {
                isMore = false
                break
            }
            let time = frame.time ?? WallClock.now
            if let end, time > end {
                isMore = false
                break
            }
            packets += 1
            piece += told(frame, time)
        }
        if !piece.isEmpty { port.send(data: piece) }
        try port.waitForRoom(below: Self.backlogMax)
        return isMore
    }

    private func told(_ frame: CapturedFrame, _ time: WallTime) -> [UInt8] {
        switch target.form {
        case .pcapng:
            return PcapNG.packet(frame.octets, at: time, isOutgoing: frame.isOutgoing)
        case .text: return Array((line(frame, time) + "\n").utf8)
        }
    }

    /// `16:22:23.456  juno > luna  icmp  IPv4 10.0.0.1 > 10.0.0.2, ICMP echo request  (98)`
    private func line(_ frame: CapturedFrame, _ time: WallTime) -> String {
        let packet =
            socket.isCooked
            ? Dissection(cooked: frame.octets) : Dissection(frame: frame.octets)
        let ends = (target.node, target.peer ?? "...")
        let direction = frame.isOutgoing ? "\(ends.0) > \(ends.1)" : "\(ends.1) > \(ends.0)"
        return "\(time.time)  \(direction)  \(packet.kind.rawValue)  \(packet.textAboveLink)"
            + "  (\(frame.octets.count))"
    }
}
