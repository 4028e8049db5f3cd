// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

extension OSPFInstance {
    /// A timer ran out: its name says what for, its subject the interface and the neighbor.
    mutating func act(on timer: RoutingTimer, _ step: inout ProtocolStep) {
        switch timer.name {
        case "spf": runShortestPaths(&step)
        case "turn": nextTurn = nil
        case "age": age(&step)
        case "origination":
            nextOrigination = nil
            isTopologyDirty = true
            isDerivedDirty = true
        default:
            for position in interfaces.indices where interfaces[position].isActive {
                if timer.subject == interfaces[position].name {
                    return act(on: timer, position, &step)
                }
                for neighbor in interfaces[position].neighborsInOrder
                where timer.subject == "\(interfaces[position].name) \(neighbor.routerID)" {
                    let peer = OSPFPeer(position: position, router: neighbor.routerID)
                    return act(on: timer, peer, &step)
                }
            }
        }
    }

    private mutating func act(
        on timer: RoutingTimer, _ position: Int, _ step: inout ProtocolStep
    ) {
        switch timer.name {
        case "hello":
            sendHello(position, &step)
            armHello(position, &step)
        case "wait": endWaiting(position, &step)
        case "ack": sendAcknowledgments(position, &step)
        default: break
        }
    }

    private mutating func act(
        on timer: RoutingTimer, _ peer: OSPFPeer, _ step: inout ProtocolStep
    ) {
        switch timer.name {
        case "inactivity":
            removeNeighbor(peer.router, peer.position, reason: "dead interval", &step)
        case "dd": resendDescription(peer, &step)
        case "request": resendRequest(peer, &step)
        case "retransmit": retransmit(peer, &step)
        default: break
        }
    }

    // MARK: Age

    /// LSRefreshTime (RFC 2328 §B).
    static let refreshAge: UInt16 = 1800

    /// When an LSA has to be looked at: ours to be refreshed, others' to go.
    private func deadline(of entry: OSPFEntry, _ place: OSPFPlace) -> Instant {
        let limit = own.contains(place) ? Self.refreshAge : OSPFLSAHeader.maximumAge
        let rest = Int64(limit) - Int64(entry.lsa.header.age)
        return entry.installedAt + .seconds(max(0, rest))
    }

    mutating func noteAging(
        of entry: OSPFEntry, _ place: OSPFPlace, _ step: inout ProtocolStep
    ) {
        guard !expiring.contains(place) else { return }
        let deadline = deadline(of: entry, place)
        guard nextAging.map({ deadline < $0 }) ?? true else { return }
        nextAging = deadline
        step.emit(.arm(RoutingTimer("age"), at: deadline))
    }

    /// Refreshes what is ours, and lets go of what nobody refreshed (§14).
    private mutating func age(_ step: inout ProtocolStep) {
        nextAging = nil
        for scope in databases.keys.sorted() {
            for entry in databases[scope]?.inOrder ?? [] {
                let place = OSPFPlace(scope: scope, key: entry.lsa.key)
                if own.contains(place), entry.age(at: step.now) >= Self.refreshAge {
                    isTopologyDirty = true
                    isDerivedDirty = true
                } else if entry.isMaxAge(at: step.now), !expiring.contains(place) {
                    expire(place, &step)
                } else {
                    noteAging(of: entry, place, &step)
                }
            }
        }
    }
}
