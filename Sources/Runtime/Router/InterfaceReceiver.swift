// SPDX-License-Identifier: Apache-2.0

import Kernel
import Primitives

/// A raw socket that hears multicasts on one interface, with the hop limits of what comes in.
final class InterfaceReceiver {
    /// How many packets an interface may bring in one turn.
    private static let packetsPerTurn = 32

    let interface: String
    let family: AddressFamily
    private let socket: Socket

    /// - Parameter prepare: what else the socket needs before it hears anything.
    init(
        ipProtocol: UInt8, group: IPAddress, on interface: String, _ index: UInt32,
        _ token: PollToken, _ poller: PollerBox,
        prepare: (borrowing Socket) throws(SystemError) -> Void = { _ throws(SystemError) in }
    ) throws(SystemError) {
        self.interface = interface
        family = group.family
        socket = try Socket.open(.raw(ipProtocol: ipProtocol), group.family)
        try socket.bind(toDevice: interface)
        try prepare(socket)
        try socket.join(group, interface: index)
        try socket.receiveHopLimit()
        try poller.value.add(socket.raw, token: token.rawValue)
    }

    /// What waits, as far as it fits one turn. In IPv4 a packet begins with its IP header.
    func packets() -> [Datagram] {
        var packets: [Datagram] = []
        for _ in 0..<Self.packetsPerTurn {
            guard let packet = try? socket.receive() else { break }
            packets.append(packet)
        }
        return packets
    }
}
