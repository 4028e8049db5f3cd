// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Runtime

@Suite("The output queue of a connection")
struct OutputQueueTests {
    private func message(_ type: UInt8, _ tag: UInt8 = 0, body: Int = 0) -> [UInt8] {
        let size = 19 + body
        return [UInt8](repeating: 0xff, count: 16) + [UInt8(size >> 8), UInt8(size & 255), type]
            + [UInt8](repeating: tag, count: body)
    }

    private var keepalive: [UInt8] { message(4) }

    private func all(_ queue: inout OutputQueue, by step: Int = .max) -> [UInt8] {
        var octets: [UInt8] = []
        while !queue.isEmpty {
            let chunk = queue.chunk().prefix(step)
            octets += chunk
            queue.consume(chunk.count)
        }
        return octets
    }

    @Test("gives octets in order, however small the writes are", arguments: [1, 7, 19, 20, 5000])
    func order(step: Int) {
        var queue = OutputQueue()
        let messages = (0..<40).map { message(2, UInt8($0), body: Int($0) * 3 + 1) }
        for message in messages { queue.append(message) }
        #expect(queue.count == messages.joined().count)
        #expect(all(&queue, by: step) == Array(messages.joined()))
    }

    @Test("lets a keepalive pass waiting updates at the next message boundary")
    func keepalivePasses() {
        var queue = OutputQueue()
        let updates = (1...3).map { message(2, UInt8($0), body: 10) }
        for update in updates { queue.append(update) }
        queue.consume(5)
        queue.append(keepalive)
        #expect(
            all(&queue) == Array(updates[0].dropFirst(5)) + keepalive + updates[1] + updates[2])
    }

    @Test("keeps one keepalive of several that wait")
    func keepalivesMerge() {
        var queue = OutputQueue()
        let update = message(2, 1, body: 10)
        for octets in [update, keepalive, keepalive, keepalive] { queue.append(octets) }
        #expect(all(&queue) == keepalive + update)
    }

    @Test("never lets a keepalive pass an OPEN or a NOTIFICATION")
    func protocolOrder() {
        var queue = OutputQueue()
        let messages = [message(1, 1, body: 10), keepalive, message(2), message(3, 1, body: 2)]
        for octets in messages + [keepalive] { queue.append(octets) }
        #expect(all(&queue) == Array((messages + [keepalive]).joined()))
    }

    @Test("takes a new keepalive when the one before is partly written")
    func partlyWrittenKeepalive() {
        var queue = OutputQueue()
        queue.append(keepalive)
        queue.consume(3)
        queue.append(message(2))
        queue.append(keepalive)
        #expect(all(&queue) == Array(keepalive.dropFirst(3)) + keepalive + message(2))
    }

    @Test("is overfull when a neighbor has not read 64 MiB")
    func bound() {
        var queue = OutputQueue()
        let large = message(2, 0, body: 60_000)
        for _ in 0..<OutputQueue.octetsMax / large.count { queue.append(large) }
        #expect(!queue.isOverfull)
        queue.append(large)
        #expect(queue.isOverfull)
    }
}
