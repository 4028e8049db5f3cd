// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Cuts the octets of a TCP stream into whole messages.
///
/// Holds at most one incomplete message, which is below 4096 octets, whatever is fed.
package struct BGPFramer {
    /// The front of a message whose end has not come yet.
    private var pending: [UInt8] = []
    /// Once set, the stream has no more message boundaries.
    private var failure: BGPNotification?

    package init() {}

    /// What one feed completed.
    package struct Output {
        /// Whole messages, header included, in order.
        package var messages: [[UInt8]] = []
        /// The NOTIFICATION to send after acting on the messages; the stream is then dead.
        package var failure: BGPNotification?
    }

    /// How many octets wait for the rest of their message.
    package var pendingCount: Int { pending.count }

    /// Takes the next octets of the stream, however they were cut.
    package mutating func feed(_ octets: [UInt8]) -> Output {
        var output = Output()
        var next = 0
        while failure == nil {
            next = top(up: BGPMessage.headerOctets, from: octets, at: next)
            guard pending.count >= BGPMessage.headerOctets else { break }
            do throws(BGPNotification) {
                var reader = WireReader(pending)
                let header = try BGPHeader(&reader)
                next = top(up: header.length, from: octets, at: next)
                guard pending.count == header.length else { break }
                output.messages.append(pending)
                pending = []
            } catch {
                failure = error
                pending = []
            }
        }
        output.failure = failure
        return output
    }

    /// Moves octets into `pending` until it has `count`; returns where the next ones are.
    private mutating func top(up count: Int, from octets: [UInt8], at start: Int) -> Int {
        let end = min(octets.count, start + max(0, count - pending.count))
        pending.append(contentsOf: octets[start..<end])
        return end
    }
}
