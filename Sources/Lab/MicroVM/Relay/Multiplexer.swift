// SPDX-License-Identifier: Apache-2.0

/// What the other side of the port wants done.
package enum RelayDelivery: Hashable, Sendable {
    /// A new channel: connect it to something.
    case opened(UInt32)
    /// Bytes for the channel's sink; say `consumed` when the sink has taken them.
    case data(UInt32, [UInt8])
    /// No more bytes will come for the channel's sink.
    case ended(UInt32)
    /// The channel is gone; forget it.
    case aborted(UInt32)
    case note(String)
    case ready
    case finished(UInt8)
}

/// Many byte streams over one, without I/O: what is said to it and what it says are values.
///
/// Each direction of a channel has a window: a side sends only as much as the other has promised
/// to hold. A reader that stalls therefore holds up its own channel and no other, and costs
/// at most a window of memory.
package struct Multiplexer: Sendable {
    /// Octets of one direction of a channel that may be under way.
    package static let window = 256 << 10
    /// Octets that may wait for the port before its sources are left alone.
    package static let outgoingMax = 128 << 10

    private struct Channel {
        /// Octets that may still be sent.
        var credit = Multiplexer.window
        /// Octets that have come and were not yet taken by the sink.
        var held = 0
        /// Octets that the sink took since the other side was last given credit.
        var taken = 0
        var sourceEnded = false
        var sinkEnded = false
    }

    private var channels: [UInt32: Channel] = [:]
    /// The highest channel that was ever opened; late frames for one below are ignored.
    private var latest: UInt32 = 0
    private var decoder = RelayDecoder()
    private var outgoing = ByteQueue()

    package init() {}

    /// Bytes that wait to be written to the port.
    package var pending: ArraySlice<UInt8> { outgoing.bytes }

    /// The port has taken so many bytes of `pending`.
    package mutating func written(_ count: Int) {
        outgoing.removeFirst(count)
    }

    /// A new channel of ours.
    package mutating func open() -> UInt32 {
        precondition(latest < UInt32.max)
        latest += 1
        channels[latest] = Channel()
        say(.open(latest))
        return latest
    }

    /// Says something that is about no channel.
    package mutating func announce(_ frame: RelayFrame) {
        say(frame)
    }

    /// How many bytes may be read from the channel's source now.
    package func allowance(_ channel: UInt32) -> Int {
        guard let state = channels[channel], !state.sourceEnded,
            outgoing.count < Self.outgoingMax
        else { return 0 }
        return min(state.credit, RelayFrame.payloadSizeMax)
    }

    /// Bytes that were read from the channel's source, at most its allowance.
    package mutating func send(_ channel: UInt32, _ bytes: [UInt8]) {
        precondition(!bytes.isEmpty && bytes.count <= allowance(channel))
        channels[channel]?.credit -= bytes.count
        say(.data(channel, bytes))
    }

    /// The channel's source has no more bytes.
    package mutating func end(_ channel: UInt32) {
        guard channels[channel]?.sourceEnded == false else { return }
        channels[channel]?.sourceEnded = true
        say(.end(channel))
        forgetIfDone(channel)
    }

    /// The channel is gone on our side, in both directions.
    package mutating func abort(_ channel: UInt32) {
        guard channels.removeValue(forKey: channel) != nil else { return }
        say(.abort(channel))
    }

    /// The channel's sink has taken so many bytes.
    package mutating func consumed(_ channel: UInt32, _ count: Int) {
        guard var state = channels[channel] else { return }
        precondition(count <= state.held)
        state.held -= count
        state.taken += count
        // A frame per quarter of the window: seldom, yet long before the sender runs dry.
        if state.taken >= Self.window / 4, !state.sinkEnded {
            say(.credit(channel, octets: UInt32(state.taken)))
            state.taken = 0
        }
        channels[channel] = state
    }

    /// Takes bytes that came from the port.
    package mutating func receive(
        _ bytes: some Collection<UInt8>
    ) throws(RelayError) -> [RelayDelivery] {
        decoder.append(bytes)
        var deliveries: [RelayDelivery] = []
        while let frame = try decoder.next() {
            if let delivery = try take(frame) { deliveries.append(delivery) }
        }
        return deliveries
    }

    private mutating func take(_ frame: RelayFrame) throws(RelayError) -> RelayDelivery? {
        switch frame {
        case .note(let text): return .note(text)
        case .ready: return .ready
        case .finished(let status): return .finished(status)
        case .open(let channel):
            guard channel > latest else { throw .badChannel(channel) }
            latest = channel
            channels[channel] = Channel()
            return .opened(channel)
        case .data(let channel, let bytes): return try take(bytes, for: channel)
        case .end(let channel):
            guard try isOpen(channel) else { return nil }
            guard channels[channel]?.sinkEnded == false else { throw .badChannel(channel) }
            channels[channel]?.sinkEnded = true
            forgetIfDone(channel)
            return .ended(channel)
        case .abort(let channel):
            guard try isOpen(channel) else { return nil }
            channels[channel] = nil
            return .aborted(channel)
        case .credit(let channel, let octets):
            guard try isOpen(channel), var state = channels[channel] else { return nil }
            state.credit += Int(octets)
            guard state.credit <= Self.window else { throw .overrun(channel) }
            channels[channel] = state
            return nil
        }
    }

    private mutating func take(
        _ bytes: [UInt8], for channel: UInt32
    ) throws(RelayError) -> RelayDelivery? {
        guard try isOpen(channel), var state = channels[channel] else { return nil }
        guard !state.sinkEnded else { throw .badChannel(channel) }
        state.held += bytes.count
        guard state.held + state.taken <= Self.window else { throw .overrun(channel) }
        channels[channel] = state
        return bytes.isEmpty ? nil : .data(channel, bytes)
    }

    /// False for a channel that we gave up while the frame was under way.
    private func isOpen(_ channel: UInt32) throws(RelayError) -> Bool {
        guard channel <= latest else { throw .badChannel(channel) }
        return channels[channel] != nil
    }

    private mutating func forgetIfDone(_ channel: UInt32) {
        if let state = channels[channel], state.sourceEnded, state.sinkEnded {
            channels[channel] = nil
        }
    }

    private mutating func say(_ frame: RelayFrame) {
        outgoing.append(frame.encoded)
    }
}
