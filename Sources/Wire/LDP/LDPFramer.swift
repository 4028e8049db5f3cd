// SPDX-License-Identifier: Apache-2.0

/// Cuts the octets of a TCP stream into whole PDUs.
///
/// Holds at most one incomplete PDU, whatever is fed.
package struct LDPFramer: Hashable, Sendable {
    /// The front of a PDU whose end has not come yet.
    private var pending: [UInt8] = []
    /// Once set, the stream has no more boundaries.
    private var failure: LDPFault?

    package init() {}

    /// What one feed completed.
    package struct Output {
        /// Whole PDUs, headers included, in order.
        package var pdus: [[UInt8]] = []
        /// What to notify after acting on the PDUs; the stream is then dead.
        package var failure: LDPFault?
    }

    /// How many octets wait for the rest of their PDU.
    package var pendingCount: Int { pending.count }

    /// Takes the next octets of the stream, however they were cut.
    package mutating func feed(_ octets: [UInt8]) -> Output {
        var output = Output()
        var next = 0
        while failure == nil {
            next = top(up: LDPPDU.headerOctets, from: octets, at: next)
            guard pending.count >= LDPPDU.headerOctets else { break }
            do throws(LDPFault) {
                var reader = WireReader(pending)
                let header = try LDPHeader(&reader)
                next = top(up: header.octets, from: octets, at: next)
                guard pending.count == header.octets else { break }
                output.pdus.append(pending)
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
