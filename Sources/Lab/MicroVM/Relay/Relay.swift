// SPDX-License-Identifier: Apache-2.0

import Kernel

/// Joins sockets to the channels of a virtio-serial port, on the host's side and on the guest's.
/// Never blocks; it lives in an event loop.
final class Relay {
    /// One socket and its channel.
    private final class Endpoint {
        let socket: FileDescriptor
        /// What came for the socket and it has not taken: at most a window.
        var pending = ByteQueue()
        /// The socket has no more to say, or nobody wants to hear it.
        var sourceEnded = false
        /// No more will come for the socket.
        var sinkEnded = false
        var isWatched = false

        init(_ socket: consuming FileDescriptor) { self.socket = socket }

        var isDone: Bool { sourceEnded && sinkEnded && pending.isEmpty }
    }

    private let port: FileDescriptor
    private let loop: EventLoop
    private var multiplexer = Multiplexer()
    private var endpoints: [UInt32: Endpoint] = [:]
    /// Whose turn it is to be read first: the port's room is not always enough for all.
    private var turn: UInt32 = 0
    private var space = [UInt8](repeating: 0, count: 64 << 10)

    /// Called with a channel that the other side opened: what shall it be joined to?
    var onOpen: (UInt32) -> FileDescriptor? = { _ in nil }
    /// Called with what is about no channel: notes, ready, finished.
    var onNews: (RelayDelivery) -> Void = { _ in }
    /// Called once when the port has closed or cannot go on, with the reason if there is one.
    var onClose: (String?) -> Void = { _ in }
    private(set) var isClosed = false

    init(port: consuming FileDescriptor, _ loop: EventLoop) throws(SystemError) {
        self.port = port
        self.loop = loop
        try self.port.setNonBlocking()
        try loop.watch(self.port.raw) { [unowned self] ready in serve(ready) }
    }

    /// Opens a channel for a socket.
    func attach(_ socket: consuming FileDescriptor) {
        guard !isClosed else { return }
        endpoints[multiplexer.open()] = Endpoint(socket)
        flush()
    }

    /// Says something that is about no channel.
    func announce(_ frame: RelayFrame) {
        guard !isClosed else { return }
        multiplexer.announce(frame)
        flush()
    }

    /// Nothing more will be said on the port by the sockets that there are.
    var isSilent: Bool {
        isClosed || multiplexer.pending.isEmpty && endpoints.values.allSatisfy(\.sourceEnded)
    }

    /// Every socket has taken what came for it.
    var isDelivered: Bool { endpoints.values.allSatisfy(\.pending.isEmpty) }

    // MARK: - The port

    private func serve(_ ready: Poller.Ready) {
        if ready.canRead { receive() }
        flush()
    }

    private func receive() {
        do throws(SystemError) {
            let bytes = try port.read(into: &space)
            guard !bytes.isEmpty else { return close(nil) }
            take(bytes)
        } catch {
            if !error.isWouldBlock { close(error.isPeerGone ? nil : "\(error)") }
        }
    }

    private func take(_ bytes: [UInt8]) {
        do throws(RelayError) {
            for delivery in try multiplexer.receive(bytes) { take(delivery) }
        } catch {
            close("\(error)")
        }
    }

    private func take(_ delivery: RelayDelivery) {
        switch delivery {
        case .opened(let channel):
            if let socket = onOpen(channel) {
                endpoints[channel] = Endpoint(socket)
            } else {
                multiplexer.abort(channel)
            }
        case .data(let channel, let bytes):
            endpoints[channel]?.pending.append(bytes)
            write(channel)
        case .ended(let channel):
            endpoints[channel]?.sinkEnded = true
            write(channel)
        case .aborted(let channel):
            endpoints[channel]?.sourceEnded = true
            endpoints[channel]?.sinkEnded = true
            write(channel)
        case .note, .ready, .finished: onNews(delivery)
        }
    }

    /// Writes what the port takes, then looks at who may go on.
    private func flush() {
        do throws(SystemError) {
            while !isClosed, !multiplexer.pending.isEmpty {
                let piece = Array(multiplexer.pending.prefix(RelayFrame.payloadSizeMax))
                multiplexer.written(try port.write(piece))
            }
        } catch {
            if !error.isWouldBlock { return close(error.isPeerGone ? nil : "\(error)") }
        }
        guard !isClosed else { return }
        loop.setInterest(port.raw, multiplexer.pending.isEmpty ? .read : [.read, .write])
        let channels = endpoints.keys.sorted()
        for channel in channels.filter({ $0 >= turn }) + channels.filter({ $0 < turn }) {
            update(channel)
        }
    }

    private func close(_ reason: String?) {
        guard !isClosed else { return }
        isClosed = true
        loop.forget(port.raw)
        for channel in endpoints.keys.sorted() {
            endpoints[channel]?.sourceEnded = true
            endpoints[channel]?.sinkEnded = true
            write(channel)
            update(channel)
        }
        onClose(reason)
    }

    // MARK: - The sockets

    private func serve(_ channel: UInt32, _ ready: Poller.Ready) {
        if ready.canWrite || ready.isBroken { write(channel) }
        if ready.canRead { read(channel) }
        flush()
    }

    private func read(_ channel: UInt32) {
        let allowance = multiplexer.allowance(channel)
        guard let endpoint = endpoints[channel], !endpoint.sourceEnded, allowance > 0 else {
            return
        }
        turn = channel + 1
        do throws(SystemError) {
            let bytes = try UnixSocket.receive(endpoint.socket, allowance)
            if bytes.isEmpty {
                endpoint.sourceEnded = true
                multiplexer.end(channel)
            } else {
                multiplexer.send(channel, bytes)
            }
        } catch {
            if !error.isWouldBlock { drop(channel) }
        }
    }

    private func write(_ channel: UInt32) {
        guard let endpoint = endpoints[channel] else { return }
        do throws(SystemError) {
            while !endpoint.pending.isEmpty {
                let piece = Array(endpoint.pending.bytes.prefix(RelayFrame.payloadSizeMax))
                let count = try UnixSocket.send(endpoint.socket, piece, from: 0)
                endpoint.pending.removeFirst(count)
                multiplexer.consumed(channel, count)
            }
            if endpoint.sinkEnded { UnixSocket.finish(endpoint.socket) }
        } catch {
            if !error.isWouldBlock { drop(channel) }
        }
    }

    /// Gives a broken socket up.
    private func drop(_ channel: UInt32) {
        multiplexer.abort(channel)
        forget(channel)
    }

    private func forget(_ channel: UInt32) {
        guard let endpoint = endpoints.removeValue(forKey: channel) else { return }
        if endpoint.isWatched { loop.forget(endpoint.socket.raw) }
    }

    /// Waits for what a socket can do next. One that can do nothing now is not watched at all: the
    /// kernel would tell its hang-up again and again.
    private func update(_ channel: UInt32) {
        guard let endpoint = endpoints[channel] else { return }
        if endpoint.isDone { return forget(channel) }
        var interest: Poller.Interest = []
        if !endpoint.sourceEnded, multiplexer.allowance(channel) > 0 { interest.insert(.read) }
        if !endpoint.pending.isEmpty { interest.insert(.write) }
        if interest.isEmpty {
            if endpoint.isWatched { loop.forget(endpoint.socket.raw) }
            endpoint.isWatched = false
        } else if endpoint.isWatched {
            loop.setInterest(endpoint.socket.raw, interest)
        } else {
            watch(channel, endpoint, interest)
        }
    }

    private func watch(_ channel: UInt32, _ endpoint: Endpoint, _ interest: Poller.Interest) {
        do throws(SystemError) {
            try loop.watch(endpoint.socket.raw, interest) { [unowned self] ready in
                serve(channel, ready)
            }
            endpoint.isWatched = true
        } catch {
            drop(channel)
        }
    }
}
