// SPDX-License-Identifier: Apache-2.0

/// The header of a protocol's messages in a TCP stream, which says how long a message is.
package protocol StreamHeader {
    /// What is said to a peer whose stream has no more boundaries.
    associatedtype Fault: Error & Hashable & Sendable

    /// Octets of a header.
    static var headerOctets: Int { get }
    /// Octets of the whole message; at least those of its header.
    var messageOctets: Int { get }

    /// Reads and checks a header.
    init(_ reader: inout WireReader) throws(Fault)
}

/// BGP's messages (RFC 4271 §4.1).
package typealias BGPFramer = MessageFramer<BGPHeader>
/// LDP's PDUs (RFC 5036 §3.1).
package typealias LDPFramer = MessageFramer<LDPHeader>

/// Cuts the octets of a TCP stream into whole messages.
///
/// Holds at most one incomplete message, whatever is fed.
package struct MessageFramer<Header: StreamHeader>: Hashable, Sendable {
    /// The front of a message whose end has not come yet.
    private var pending: [UInt8] = []
    /// Once set, the stream has no more message boundaries.
    private var failure: Header.Fault?

    package init() {}

    /// What one feed completed.
    package struct Output {
        /// Whole messages, header included, in order.
        package var messages: [[UInt8]] = []
        /// What to tell the peer after acting on the messages; the stream is then dead.
        package var failure: Header.Fault?
    }

    /// How many octets wait for the rest of their message.
    package var pendingCount: Int { pending.count }

    /// Takes the next octets of the stream, however they were cut.
    package mutating func feed(_ octets: [UInt8]) -> Output {
        var output = Output()
        var next = 0
        while failure == nil {
            next = top(up: Header.headerOctets, from: octets, at: next)
            guard pending.count >= Header.headerOctets else { break }
            do throws(Header.Fault) {
                var reader = WireReader(pending)
                let header = try Header(&reader)
                next = top(up: header.messageOctets, from: octets, at: next)
                guard pending.count == header.messageOctets else { break }
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
