// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// Sending LSAs again until they are acknowledged (RFC 2328 §13.6).
extension OSPFInstance {
    /// When an LSA is sent again for the first times, unless RxmtInterval is shorter. Who keeps
    /// MinLSArrival at its standard second has not listened to one that came sooner after the last,
    /// and has not said so.
    private static let firstRetransmission = Duration.milliseconds(1100)
    /// How often after that time; then after RxmtInterval.
    private static let quickRetransmissions = 2
    /// How many LSAs are sent again at once.
    private static let retransmissionsMax = 500
    /// Until the next ones are, and what falls due within it goes with those before.
    private static let retransmissionPause = Duration.milliseconds(50)

    /// - Parameter count: how often it was sent again.
    func retransmitInterval(_ peer: OSPFPeer, after count: Int) -> Duration {
        let configured = interfaces[peer.position].configuration.retransmitInterval
        return count < Self.quickRetransmissions
            ? min(configured, Self.firstRetransmission) : configured
    }

    /// Waits for a neighbor to acknowledge an LSA.
    /// - Parameter due: when it is sent again.
    mutating func expectAcknowledgment(
        of header: OSPFLSAHeader, _ place: OSPFPlace, _ peer: OSPFPeer, until due: Instant,
        _ step: inout ProtocolStep
    ) {
        update(peer) {
            $0.retransmissions[place] = OSPFRetransmission(header: header, due: due)
        }
        armRetransmission(peer, at: due, &step)
    }

    private mutating func armRetransmission(
        _ peer: OSPFPeer, at due: Instant, _ step: inout ProtocolStep
    ) {
        guard let neighbor = neighbor(peer),
            neighbor.nextRetransmission.map({ due < $0 }) ?? true
        else { return }
        update(peer) { $0.nextRetransmission = due }
        step.emit(.arm(timer("retransmit", peer.router, peer.position), at: due))
    }

    /// Sends again what a neighbor has not acknowledged in time.
    mutating func retransmit(_ peer: OSPFPeer, _ step: inout ProtocolStep) {
        guard let neighbor = neighbor(peer) else { return }
        let horizon = step.now + Self.retransmissionPause
        let places = neighbor.retransmissions.filter { $0.value.due <= horizon }.keys.sorted()
            .prefix(Self.retransmissionsMax)
        let advertisements = places.compactMap { entry($0)?.outgoing(at: step.now) }
        send(advertisements, to: unicast(neighbor, peer.position), peer.position, &step)
        let dues = places.map { place in
            let count = (neighbor.retransmissions[place]?.count ?? 0) + 1
            return (place, count, step.now + retransmitInterval(peer, after: count))
        }
        update(peer) {
            for (place, count, due) in dues {
                $0.retransmissions[place]?.count = count
                $0.retransmissions[place]?.due = due
            }
            $0.nextRetransmission = nil
        }
        guard let next = self.neighbor(peer)?.retransmissions.values.map(\.due).min() else {
            return
        }
        armRetransmission(peer, at: max(next, horizon), &step)
    }
}
