// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// What may pass on a link. What the link says to itself always may.
package struct WireJudge: Hashable, Sendable {
    /// Only packets of these kinds; nil allows all.
    package var only: [PacketKind]?
    /// At least one packet of each must pass.
    package var some: [PacketKind]
    /// The bottom labels that packets may have; nil allows all.
    package var labels: [Label]?
    /// No packet may be read that is from or to one of these.
    package var never: [IPPrefix]

    package init(
        only: [PacketKind]? = nil, some: [PacketKind] = [], labels: [Label]? = nil,
        never: [IPPrefix] = []
    ) {
        self.only = only
        self.some = some
        self.labels = labels
        self.never = never
    }

    func allows(_ packet: Dissection) -> Bool {
        let kind = packet.kind
        if kind == .discovery { return true }
        if let only, !only.contains(kind) { return false }
        if let labels, !packet.bottomLabels.allSatisfy(labels.contains) { return false }
        return never.isEmpty
            || !packet.addresses.contains { address in never.contains { $0.contains(address) } }
    }
}

/// What has passed on a link, and what of it should not have.
struct WireLedger {
    private let judge: WireJudge
    private var counts: [PacketKind: Int] = [:]
    private var offending = 0
    private var first: JSON = nil
    /// Packets that passed and were not seen.
    var lost = 0

    /// Octets of the first offending packet that are reported.
    private static let octetsMax = 2048

    init(_ judge: WireJudge) { self.judge = judge }

    /// - Parameter direction: in words.
    mutating func add(_ octets: [UInt8], at now: Instant, direction: String) {
        let packet = Dissection(frame: octets)
        counts[packet.kind, default: 0] += 1
        guard !judge.allows(packet) else { return }
        offending += 1
        guard first == nil else { return }
        first = [
            "at": JSON(now.nanoseconds), "direction": .string(direction),
            "text": .string(packet.text),
            "octets": .string(Self.hex(octets.prefix(Self.octetsMax))),
        ]
    }

    private static func hex(_ octets: some Sequence<UInt8>) -> String {
        octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }

    /// As the control protocol's wire-stop has it.
    var result: JSON {
        let kinds: [JSON] = PacketKind.allCases.compactMap { kind in
            counts[kind].map { ["kind": .string(kind.rawValue), "packets": JSON($0)] }
        }
        let missing = judge.some.filter { counts[$0] == nil }
        let result: JSON = [
            "packets": JSON(counts.values.reduce(0, +)), "kinds": JSON(kinds),
            "missing": JSON(missing.map { JSON.string($0.rawValue) }),
            "offending": JSON(offending), "lost": JSON(lost), "first": first,
        ]
        return result.compact
    }
}
