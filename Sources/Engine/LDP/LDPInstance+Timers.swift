// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

extension LDPInstance {
    enum Timers {
        /// The next hello to a link.
        static func hello(_ interface: String) -> RoutingTimer {
            RoutingTimer("hello", interface)
        }

        static func targetedHello(_ target: IPv4Address) -> RoutingTimer {
            RoutingTimer("targeted-hello", "\(target)")
        }

        /// A neighbor's hellos have ceased.
        static func adjacency(_ key: LDPAdjacency.Key) -> RoutingTimer {
            RoutingTimer("adjacency", key.subject)
        }

        /// Another attempt at a session.
        static func connect(_ peer: LDPIdentifier) -> RoutingTimer {
            RoutingTimer("connect", "\(peer)")
        }

        /// The session's other end has fallen silent.
        static func hold(_ peer: LDPIdentifier) -> RoutingTimer {
            RoutingTimer("hold", "\(peer)")
        }

        static func keepAlive(_ peer: LDPIdentifier) -> RoutingTimer {
            RoutingTimer("keepalive", "\(peer)")
        }

        /// The labels of a peer that does not say when it has told all are taken for complete.
        static func complete(_ peer: LDPIdentifier) -> RoutingTimer {
            RoutingTimer("complete", "\(peer)")
        }

        /// A connection's other end has still not said hello.
        static func stranger(_ id: ConnectionID) -> RoutingTimer {
            RoutingTimer("stranger", "\(id.number)")
        }

        /// An earlier way on is given up.
        static func linger(_ prefix: IPPrefix) -> RoutingTimer {
            RoutingTimer("linger", "\(prefix)")
        }

        /// What has lost its way on, and has not been offered another in the same event.
        static let settle = RoutingTimer("settle")
        /// A freed label leaves quarantine.
        static let quarantine = RoutingTimer("quarantine")
    }

    mutating func fired(_ timer: RoutingTimer, _ step: inout ProtocolStep) {
        switch timer.name {
        case "hello": sendHello(on: timer.subject, &step)
        case "targeted-hello":
            guard let target = IPv4Address(timer.subject) else { return }
            sendHello(to: target, &step)
        case "adjacency":
            guard let key = adjacencies.keys.first(where: { $0.subject == timer.subject }) else {
                return
            }
            loseAdjacency(key, "no hello for \(adjacencies[key]?.holdTime?.text ?? "long")", &step)
        case "stranger":
            guard let id = strangers.keys.first(where: { "\($0.number)" == timer.subject }) else {
                return
            }
            turnAway(id, &step)
        case "settle": settleAll(&step)
        case "linger":
            guard let prefix = IPPrefix(timer.subject) else { return }
            settle(prefix, &step)
        case "quarantine":
            _ = labels.expire(at: step.now)
            armQuarantine(&step)
        default:
            guard let peer = peers.keys.first(where: { "\($0)" == timer.subject }) else { return }
            fired(timer.name, of: peer, &step)
        }
    }

    private mutating func fired(
        _ name: String, of peer: LDPIdentifier, _ step: inout ProtocolStep
    ) {
        switch name {
        case "connect": open(peer, &step)
        case "hold": holdTimerFired(peer, &step)
        case "keepalive": keepAliveTimerFired(peer, &step)
        case "complete": peers[peer]?.session?.isComplete = true
        default: break
        }
    }

    /// Every PDU counts as a sign of life; so the timer looks back when it runs out.
    private mutating func holdTimerFired(_ peer: LDPIdentifier, _ step: inout ProtocolStep) {
        guard let session = peers[peer]?.session else { return }
        let expiry = session.lastReceived + session.keepAliveTime
        if expiry > step.now {
            step.emit(.arm(Timers.hold(peer), at: expiry))
        } else {
            end(peer, telling: LDPStatus(.keepAliveTimerExpired), "hold time expired", &step)
            retry(peer, &step)
        }
    }

    private mutating func keepAliveTimerFired(
        _ peer: LDPIdentifier, _ step: inout ProtocolStep
    ) {
        guard let session = peers[peer]?.session else { return }
        let due = session.lastSent + session.keepAliveInterval
        if due > step.now {
            step.emit(.arm(Timers.keepAlive(peer), at: due))
        } else {
            send(.keepAlive, to: peer)
            step.emit(.arm(Timers.keepAlive(peer), at: step.now + session.keepAliveInterval))
        }
    }

    func armQuarantine(_ step: inout ProtocolStep) {
        guard let expiry = labels.nextExpiry else { return }
        step.emit(.arm(Timers.quarantine, at: expiry))
    }
}
