// SPDX-License-Identifier: Apache-2.0

import Kernel
import Primitives

/// The receivers of one protocol, each known by a number that is never used again.
struct InterfaceReceivers {
    private var receivers: [UInt64: InterfaceReceiver] = [:]
    private var next: UInt64 = 0

    subscript(number: UInt64) -> InterfaceReceiver? { receivers[number] }

    func has(_ interface: String, _ family: AddressFamily) -> Bool {
        receivers.values.contains { $0.interface == interface && $0.family == family }
    }

    mutating func open(
        _ make: (UInt64) throws(SystemError) -> InterfaceReceiver
    ) throws(SystemError) {
        receivers[next] = try make(next)
        next += 1
    }

    /// Closes those that are not wanted, or whose interface is another one by now.
    mutating func close(_ indexes: LinkIndexes, unless isWanted: (InterfaceReceiver) -> Bool) {
        for (number, receiver) in receivers
        where !isWanted(receiver) || indexes.byName[receiver.interface] != receiver.index {
            receiver.close()
            receivers[number] = nil
        }
    }
}

/// A raw socket that hears multicasts on one interface, with the hop limits of what comes in.
final class InterfaceReceiver {
    /// How many packets an interface may bring in one turn.
    private static let packetsPerTurn = 32

    let interface: String
    let family: AddressFamily
    /// Of the interface; another may come to stand under its name.
    let index: UInt32
    private let socket: Socket
    private let poller: PollerBox

    /// - Parameter prepare: what else the socket needs before it hears anything.
    init(
        ipProtocol: UInt8, group: IPAddress, on interface: String, _ index: UInt32,
        _ token: PollToken, _ poller: PollerBox,
        prepare: (borrowing Socket) throws(SystemError) -> Void = { _ throws(SystemError) in }
    ) throws(SystemError) {
        self.interface = interface
        self.index = index
        self.poller = poller
        family = group.family
        socket = try Socket.open(.raw(ipProtocol: ipProtocol), group.family)
        try socket.bind(toDevice: interface)
        try prepare(socket)
        try socket.join(group, interface: index)
        try socket.receiveHopLimit()
        try poller.value.add(socket.raw, token: token.rawValue)
    }

    /// Hears nothing any more.
    func close() { try? poller.value.remove(socket.raw) }

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
