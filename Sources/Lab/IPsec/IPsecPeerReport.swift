// SPDX-License-Identifier: Apache-2.0

import Kernel
import Plan
import Primitives
import Topology

/// Whether an association gets packets that do not authenticate: judged by what came last.
struct IntegrityVerdict: Hashable, Sendable {
    private var failures: UInt32 = 0
    private var packets: UInt64 = 0
    private(set) var isFailing = false

    /// Takes in the counters as they are now.
    mutating func take(_ association: ObservedAssociation) {
        if association.integrityFailures > failures {
            isFailing = true
        } else if association.packets > packets {
            isFailing = false
        }
        failures = association.integrityFailures
        packets = association.packets
    }
}

/// A peer's associations, and what they come to.
struct IPsecPeerReport {
    private let peer: IPsecPeer
    let incoming: [ObservedAssociation]
    private let outgoing: [ObservedAssociation]
    private let reason: String?
    private let hasKeeper: Bool

    /// - Parameters:
    ///   - all: the associations of the namespace.
    ///   - reason: why there is none, as the IKE daemon says.
    ///   - hasKeeper: whether somebody looks after negotiated associations. Without a daemon they
    ///     stay in the kernel when the peer has long given them up.
    init(
        _ peer: IPsecPeer, of all: [ObservedAssociation], reason: String?, hasKeeper: Bool
    ) {
        self.peer = peer
        self.reason = reason
        self.hasKeeper = hasKeeper || peer.profile.keying == .manual
        let (local, remote) = (IPAddress(peer.local), IPAddress(peer.remote))
        let spis = peer.manualSPIs
        incoming = all.filter {
            $0.source == remote && $0.destination == local && $0.spi == spis?.incoming ?? $0.spi
        }
        outgoing = all.filter {
            $0.source == local && $0.destination == remote && $0.spi == spis?.outgoing ?? $0.spi
        }
    }

    /// - Parameter failure: what is wrong with packets that come, in words.
    func json(failure: String?) -> JSON {
        let isUp = !incoming.isEmpty && !outgoing.isEmpty && hasKeeper
        let state = failure != nil ? "failing" : isUp ? "up" : "down"
        let reason = failure ?? (isUp ? nil : reason ?? "there is no association")
        let associations =
            incoming.map { Self.json($0, "in") } + outgoing.map { Self.json($0, "out") }
        return JSON.object([
            .init("name", .string(peer.node)), .init("transport", .string(peer.transport)),
            .init("profile", .string(peer.profile.name)),
            .init("keying", .string(peer.profile.keying.rawValue)),
            .init("mode", .string(peer.profile.mode.rawValue)),
            .init("cipher", .string(peer.profile.cipher.rawValue)),
            .init("state", .string(state)), .init("reason", JSON(reason)),
            .init("associations", JSON(associations)),
        ]).compact
    }

    private static func json(_ association: ObservedAssociation, _ direction: String) -> JSON {
        let rekeyIn = association.rekeyTime.map { max(0, $0 - association.age) }
        return JSON.object([
            .init("direction", .string(direction)), .init("spi", JSON(Int(association.spi))),
            .init("bytes", JSON(Int(clamping: association.bytes))),
            .init("packets", JSON(Int(clamping: association.packets))),
            .init("integrity-failures", JSON(Int(association.integrityFailures))),
            .init("replayed", JSON(Int(association.replayed))),
            .init("age", JSON(association.age)), .init("rekey-in", JSON(rekeyIn)),
        ]).compact
    }
}
