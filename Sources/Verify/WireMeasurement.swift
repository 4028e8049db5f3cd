// SPDX-License-Identifier: Apache-2.0

import Primitives
import Topology

/// What a capture of a link found.
package struct WireMeasurement: Hashable, Sendable {
    /// How many packets of each kind passed.
    package var kinds: [Count]
    /// The kinds that should have passed and did not.
    package var missing: [PacketKind]
    /// Packets that should not have passed.
    package var offending: Int64
    /// Packets that passed and were not seen, for want of memory.
    package var lost: Int64
    /// The first offending packet in words, with its direction.
    package var first: String?
    /// When it passed, on the lab's clock.
    package var firstAt: Instant?
    /// The packet itself, from its Ethernet header on, in hexadecimal digits.
    package var firstOctets: String?

    package struct Count: Hashable, Sendable {
        package var kind: PacketKind
        package var packets: Int64
    }

    /// Reads the answer of `wire-stop`; nil for what is none.
    init?(_ answer: JSON) {
        guard let offending = answer["offending"]?.int, let lost = answer["lost"]?.int else {
            return nil
        }
        self.offending = offending
        self.lost = lost
        func kind(_ value: JSON?) -> PacketKind? {
            value?.string.flatMap { PacketKind(rawValue: $0) }
        }
        kinds = (answer["kinds"]?.array ?? []).compactMap { row in
            guard let kind = kind(row["kind"]), let packets = row["packets"]?.int else {
                return nil
            }
            return Count(kind: kind, packets: packets)
        }
        missing = (answer["missing"]?.array ?? []).compactMap { kind($0) }
        first = answer["first"].map {
            "\($0["direction"]?.string ?? ""): \($0["text"]?.string ?? "")"
        }
        firstAt = answer["first"]?["at"]?.int.map { Instant(nanoseconds: $0) }
        firstOctets = answer["first"]?["octets"]?.string
    }

    /// A packet that nobody saw may have been an offending one.
    package var isWithinLimits: Bool { offending == 0 && missing.isEmpty && lost == 0 }

    private var packets: Int64 { kinds.reduce(0) { $0 + $1.packets } }

    package var text: String {
        let counts = kinds.sorted { $0.packets > $1.packets }.map {
            "\($0.packets) \($0.kind.rawValue)"
        }
        var parts = [
            "\(packets) packets" + (counts.isEmpty ? "" : ": ") + counts.joined(separator: ", ")
        ]
        if !missing.isEmpty {
            parts.append("no " + missing.map(\.rawValue).joined(separator: ", no "))
        }
        if offending > 0 { parts.append("\(offending) offending, the first \(first ?? "")") }
        if lost > 0 { parts.append("\(lost) more were not seen") }
        return parts.joined(separator: "; ")
    }

    package var json: JSON {
        let members: JSON = [
            "packets": JSON(packets),
            "kinds": .array(
                kinds.map { ["kind": .string($0.kind.rawValue), "packets": JSON($0.packets)] }),
            "missing": .array(missing.map { .string($0.rawValue) }), "offending": JSON(offending),
            "lost": JSON(lost), "first": JSON(first), "first-octets": JSON(firstOctets),
        ]
        return members.compact
    }
}

extension WireLimit {
    var wantedText: String {
        var parts: [String] = []
        func add(_ name: String, _ values: [String]) {
            parts.append(name + " " + (values.isEmpty ? "none" : values.joined(separator: ", ")))
        }
        if let only { add("only", only.map(\.rawValue)) }
        if !some.isEmpty { add("some", some.map(\.rawValue)) }
        if let labels { add("labels", labels.map(\.description)) }
        if !never.isEmpty { add("never", never.map(\.description)) }
        return parts.joined(separator: "; ")
    }

    /// The request that begins the capture (ControlOperation.wireStart).
    var request: [JSON.Member] {
        func kinds(_ kinds: [PacketKind]) -> JSON { .array(kinds.map { .string($0.rawValue) }) }
        var members: [JSON.Member] = [.init("link", .string(link)), .init("some", kinds(some))]
        if let only { members.append(.init("only", kinds(only))) }
        if let labels { members.append(.init("labels", .array(labels.map { JSON($0.value) }))) }
        return members + [.init("never", JSON(never))]
    }
}
