// SPDX-License-Identifier: Apache-2.0

import Kernel
import Primitives
import Wire

/// Sends an echo request of exactly the MTU, and one that is an octet longer, neither of which may
/// be fragmented (RFC 1191, RFC 8201).
final class PathMTUProbe {
    /// What became of a packet.
    enum Fate: Hashable {
        case answered
        /// Somebody, by address or, where it is the sending node, by name, knows a link that takes
        /// only `mtu` octets.
        case refused(by: String, mtu: UInt32)
        /// Any other error that came back, in words.
        case failed(String)
        case lost

        func text(_ size: UInt32) -> String {
            switch self {
            case .answered: "\(size) passes"
            case .refused(let by, let mtu): "\(size) is refused by \(by) with \(mtu)"
            case .failed(let text): "\(size) fails: \(text)"
            case .lost: "\(size) is not answered"
            }
        }
    }

    private let path: ProbePath
    private let node: String
    private let mtu: UInt32
    private let timeout: Duration
    private let port: ProbePort
    private let receiver: Socket
    private let identifier: UInt16

    /// - Parameters:
    ///   - node: the sending node's name.
    ///   - timeout: how long to wait for the answer to a packet.
    init(
        _ path: ProbePath, _ node: String, mtu: UInt32, _ timeout: Duration, _ port: ProbePort
    ) throws(SystemError) {
        self.path = path
        self.node = node
        self.mtu = mtu
        self.timeout = timeout
        self.port = port
        identifier = UInt16(truncatingIfNeeded: ChildProcess.pid)
        receiver = try Socket.openICMP(path)
    }

    func run() throws(SystemError) {
        try port.watch(receiver.raw)
        let whole = try fate(of: mtu, sequence: 0)
        let longer = whole == .answered ? try fate(of: mtu + 1, sequence: 1) : nil
        port.send(["result": Self.result(mtu, whole, longer)])
    }

    /// - Parameters:
    ///   - whole: the fate of a packet of `mtu` octets.
    ///   - longer: that of one octet more; nil where it was not sent.
    static func result(_ mtu: UInt32, _ whole: Fate, _ longer: Fate?) -> JSON {
        var members: [JSON.Member] = [.init("passed", JSON(whole == .answered))]
        if case .refused(let by, let mtu) = longer {
            members += [.init("refused-mtu", JSON(mtu)), .init("refused-by", .string(by))]
        }
        let text = [whole.text(mtu), longer?.text(mtu + 1)].compactMap(\.self)
        return .object(members + [.init("text", .string(text.joined(separator: ", ")))])
    }

    /// Sends a packet of so many octets, IP header included, and waits for word of it.
    private func fate(of size: UInt32, sequence: UInt16) throws(SystemError) -> Fate {
        let headers = path.family == .ipv4 ? IPv4Header.octetsMin : IPv6Header.octetCount
        let request = ICMPMessage.echoRequest(
            identifier: identifier, sequence: sequence,
            payload: [UInt8](repeating: 0x77, count: max(0, Int(size) - headers - 8)))
        // One for each packet: an error about one would be the next one's.
        let sender = try Socket.openICMP(path)
        try sender.neverFragment()
        try sender.receiveNothing()
        do throws(SystemError) {
            let refusal = try sender.sendWhole(
                request.octets(path.family), to: SocketAddress(path.destination))
            if let refusal { return .refused(by: node, mtu: refusal) }
        } catch {
            return .failed(error.reason)
        }
        let deadline = MonotonicClock.now + timeout
        while !port.isClosed, MonotonicClock.now < deadline {
            if let fate = try answer(to: sequence) { return fate }
            try port.wait(until: deadline)
        }
        return try answer(to: sequence) ?? .lost
    }

    /// What has come for a packet; nil while nothing has.
    private func answer(to sequence: UInt16) throws(SystemError) -> Fate? {
        while let datagram = try receiver.receive(1 << 16) {
            guard let answer = ProbeAnswer(datagram),
                case .echo(identifier, sequence) = answer.subject
            else { continue }
            switch answer.kind {
            case .echoReply: return .answered
            case .tooBig(let mtu): return .refused(by: answer.from.description, mtu: mtu)
            case .timeExceeded, .unreachable:
                return .failed(
                    "\(answer.from) sent type \(answer.type) code \(answer.code)")
            }
        }
        return nil
    }
}
