// SPDX-License-Identifier: Apache-2.0

/// Messages that wait to be written to one TCP connection.
///
/// The socket is kept short of unsent octets (TCP_NOTSENT_LOWAT), so a backlog of routes waits
/// here, where a KEEPALIVE can still pass it: it is written at the next message boundary. Only
/// UPDATE messages are passed, for OPEN and NOTIFICATION have their place in the protocol
/// (RFC 4271 §8.2.2), and one waiting KEEPALIVE is enough.
struct OutputQueue {
    /// More than this and the neighbor does not read: the connection is given up.
    static let octetsMax = 64 << 20
    /// How much is gathered for one write.
    static let chunkSize = 32 << 10

    /// Other protocols' messages keep their order.
    let isBGP: Bool
    private var messages: [[UInt8]] = []
    /// The first message that is not wholly written.
    private var head = 0
    /// Octets of the first message that are written.
    private var written = 0
    /// Octets that wait.
    private(set) var count = 0

    init(isBGP: Bool = true) { self.isBGP = isBGP }

    var isEmpty: Bool { count == 0 }
    var isOverfull: Bool { count > Self.octetsMax }

    /// Adds what the engine sends: one message or several.
    mutating func append(_ message: [UInt8]) {
        guard !message.isEmpty else { return }
        guard isBGP, Self.kind(message) == Kind.keepalive, message.count == Kind.headerSize else {
            messages.append(message)
            count += message.count
            return
        }
        appendKeepalive(message)
    }

    private mutating func appendKeepalive(_ message: [UInt8]) {
        var place = head + (written > 0 ? 1 : 0)
        if let last = messages.indices.last(where: { $0 >= place && !isUpdate(messages[$0]) }) {
            if Self.kind(messages[last]) == Kind.keepalive { return }
            place = last + 1
        }
        messages.insert(message, at: min(place, messages.count))
        count += message.count
    }

    /// The next octets to write; at most a chunk, unless one message is longer.
    func chunk() -> [UInt8] {
        guard head < messages.count else { return [] }
        if written == 0, messages[head].count >= Self.chunkSize || head + 1 == messages.count {
            return messages[head]
        }
        var octets = Array(messages[head].dropFirst(written))
        for message in messages.dropFirst(head + 1) {
            guard octets.count + message.count <= Self.chunkSize else { break }
            octets += message
        }
        return octets
    }

    /// Notes that this many octets went out.
    mutating func consume(_ octets: Int) {
        precondition(octets <= count, "no more can be written than was queued")
        count -= octets
        written += octets
        while head < messages.count, written >= messages[head].count {
            written -= messages[head].count
            messages[head] = []
            head += 1
        }
        compact()
    }

    /// Leaves out the UPDATE messages of which nothing is written yet.
    mutating func dropUpdates() {
        let first = head + (written > 0 ? 1 : 0)
        guard isBGP, first < messages.count else { return }
        let kept = messages[first...].filter { !isUpdate($0) }
        messages.replaceSubrange(first..., with: kept)
        count = messages[head...].reduce(0) { $0 + $1.count } - written
    }

    /// Moves what waits to the front once most of the array is behind.
    private mutating func compact() {
        if head == messages.count {
            messages.removeAll(keepingCapacity: messages.count < 64)
            head = 0
        } else if head > 256, head > messages.count / 2 {
            messages.removeFirst(head)
            head = 0
        }
    }

    private func isUpdate(_ message: [UInt8]) -> Bool { Self.kind(message) == Kind.update }

    /// The type of the (first) message in `octets` (RFC 4271 §4.1).
    private static func kind(_ octets: [UInt8]) -> UInt8? {
        octets.count >= Kind.headerSize ? octets[18] : nil
    }

    private enum Kind {
        static let headerSize = 19
        static let update: UInt8 = 2
        static let keepalive: UInt8 = 4
    }
}
