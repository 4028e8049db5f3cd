// SPDX-License-Identifier: Apache-2.0

import Kernel
import Primitives

/// Raw sockets that send link-local multicasts with hop limit 255, so that receivers know that the
/// packets come from the link itself. Made when first used, and kept.
final class MulticastSenders {
    private struct Key: Hashable {
        var ipProtocol: UInt8
        var device: String
        var source: IPAddress
    }

    private final class Sender {
        let socket: Socket
        init(_ socket: consuming Socket) { self.socket = socket }
    }

    static let hopLimit: UInt8 = 255

    private var senders: [Key: Sender] = [:]

    /// - Parameters:
    ///   - index: of the device.
    ///   - source: the device's own, or one that another link of the node has.
    func send(
        _ payload: [UInt8], ipProtocol: UInt8, from source: IPAddress, to group: IPAddress,
        by device: String, _ index: UInt32
    ) throws(SystemError) {
        let key = Key(ipProtocol: ipProtocol, device: device, source: source)
        let sender: Sender
        if let open = senders[key] {
            sender = open
        } else {
            sender = Sender(try Self.open(key, index))
            senders[key] = sender
        }
        try sender.socket.send(payload, to: SocketAddress(group, scope: index))
    }

    private static func open(_ key: Key, _ index: UInt32) throws(SystemError) -> Socket {
        let socket = try Socket.open(.raw(ipProtocol: key.ipProtocol), key.source.family)
        try socket.bind(toDevice: key.device)
        if key.source.family == .ipv6 { try socket.bindToForeignAddresses() }
        try socket.bind(SocketAddress(key.source, scope: key.source.isLinkLocal ? index : 0))
        try socket.setMulticast(interface: index, hopLimit: Self.hopLimit)
        try socket.receiveNothing()
        return socket
    }
}
