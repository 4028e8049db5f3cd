// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

// Connections come and go.
extension BGPSession {
    /// The first and the longest wait between two attempts.
    static let retryDelayMin = Duration.milliseconds(100)
    static let retryDelayMax = Duration.seconds(2)
    /// How many waits are of the first length, before they double: a neighbor that starts at the
    /// same time should be met as soon as it listens.
    static let quickRetries = 10
    /// How long a connect may take. TCP itself repeats a lost SYN after one second and then three.
    static let connectTimeMax = Duration.seconds(3)
    /// An established session that lasted less counts as a failure when it ends.
    static let shortLife = Duration.seconds(10)
    /// The large hold time of OpenSent (RFC 4271 §8.2.2).
    static let openSentHoldTime = Duration.seconds(240)

    /// The connection that the state is about.
    var primary: ConnectionID? {
        switch state {
        case .idle, .active: nil
        case .connect(let id), .openSent(let id), .openConfirm(let id, _),
            .established(let id, _, _):
            id
        }
    }

    var rival: ConnectionID? { connections.first { $0.id != primary }?.id }

    func contains(_ id: ConnectionID) -> Bool { connections.contains { $0.id == id } }

    func index(_ id: ConnectionID) -> Int? { connections.firstIndex { $0.id == id } }

    // MARK: Opening

    mutating func connect(_ step: inout SessionStep) {
        let id = step.numbers.next()
        connections.append(Connection(id: id, isOpen: false, lastHeard: step.now))
        become(.connect(id), &step)
        step.emit(.connect(id, .bgp(key)))
        step.emit(.arm(.connectRetry(key), at: step.now + Self.connectTimeMax))
    }

    /// Sends our OPEN on a connection that is there, and makes it the one of the state.
    mutating func open(_ id: ConnectionID, _ step: inout SessionStep) {
        sendOpen(id, &step)
        step.emit(.arm(.hold(key), at: step.now + Self.openSentHoldTime))
        become(.openSent(id), &step)
    }

    mutating func sendOpen(_ id: ConnectionID, _ step: inout SessionStep) {
        if !contains(id) {
            connections.append(Connection(id: id, isOpen: true, lastHeard: step.now))
        }
        if let index = index(id) { connections[index].isOpen = true }
        transmit(.open(ourOpen), on: id, &step)
    }

    /// Turns away a connection that nobody has a use for (RFC 4486 §4).
    func refuse(
        _ id: ConnectionID, _ subcode: BGPNotification.CeaseSubcode, _ step: inout SessionStep
    ) {
        step.emit(.send(id, Self.octets(.notification(.cease(subcode)))))
        step.emit(.close(id))
    }

    // MARK: Ending

    /// Forgets a connection, and closes it.
    mutating func close(_ id: ConnectionID, _ step: inout SessionStep) {
        guard contains(id) else { return }
        connections.removeAll { $0.id == id }
        step.emit(.close(id))
    }

    /// Says why, and drops the connection of the state.
    mutating func end(with notification: BGPNotification, _ step: inout SessionStep) {
        if let primary { transmit(.notification(notification), on: primary, &step) }
        fail("sent \(notification)", &step)
    }

    /// Drops the connection of the state; goes on with the rival, or tries again later.
    mutating func fail(_ reason: String, _ step: inout SessionStep) {
        dropPrimary(reason, &step)
        if let rival = connections.first {
            promote(rival, reason, &step)
        } else {
            retryLater(reason, &step)
        }
    }

    /// Tells whoever has our OPEN that the session ends.
    mutating func bidFarewell(_ notification: BGPNotification?, _ step: inout SessionStep) {
        guard let notification else { return }
        for connection in connections where connection.isOpen {
            transmit(.notification(notification), on: connection.id, &step)
        }
    }

    mutating func stop(_ reason: String, _ step: inout SessionStep) {
        dropPrimary(reason, &step)
        if let rival = connections.first { removeRival(rival.id, &step) }
        become(.idle, reason: reason, &step)
    }

    private mutating func dropPrimary(_ reason: String, _ step: inout SessionStep) {
        lastError = reason
        if let primary { close(primary, &step) }
        switch state {
        case .idle, .connect, .active: break
        case .openSent: step.emit(.cancel(.hold(key)))
        case .openConfirm(_, let agreement): cancelTimers(agreement, &step)
        case .established(_, let agreement, let since):
            cancelTimers(agreement, &step)
            shortLives = step.now - since < Self.shortLife ? shortLives + 1 : 0
            step.outputs.append(.down)
        }
    }

    private func cancelTimers(_ agreement: Agreement, _ step: inout SessionStep) {
        guard agreement.holdTime > 0 else { return }
        step.emit(.cancel(.hold(key)))
        step.emit(.cancel(.keepalive(key)))
    }

    private mutating func retryLater(_ reason: String, _ step: inout SessionStep) {
        become(.active, reason: reason, &step)
        let doublings = min(max(failures + 1 - Self.quickRetries, shortLives, 0), 8)
        failures += 1
        guard !neighbor.isPassive else { return }
        let delay = min(Self.retryDelayMin * (1 << doublings), Self.retryDelayMax)
        step.emit(.arm(.connectRetry(key), at: step.now + delay))
    }

    // MARK: Collision (RFC 4271 §6.8)
    //
    // Both sides must keep the same connection, whatever the order in which things reach them:
    // - A connection that the speaker with the higher identifier opened is the better one.
    // - The worse one is given up only when the neighbor's OPEN came on the better one.
    // - The better one is refused only before our OPEN was sent on it.
    // So whoever gives up the worse one knows that the other side cannot refuse the better one.

    /// A second connection from the neighbor before any OPEN came.
    mutating func acceptRival(_ new: ConnectionID, _ step: inout SessionStep) {
        // A speaker opens one connection at a time: a newer one means that the older is dead.
        if let primary, !primary.isOutgoing {
            close(primary, &step)
            open(new, &step)
            return
        }
        if let rival { removeRival(rival, &step) }
        addRival(new, &step)
    }

    mutating func rivalConnected(_ id: ConnectionID, _ step: inout SessionStep) {
        guard case .openSent = state else {
            removeRival(id, &step)
            return
        }
        addRival(id, &step)
    }

    private mutating func addRival(_ id: ConnectionID, _ step: inout SessionStep) {
        sendOpen(id, &step)
        step.emit(.arm(.openDelay(id), at: step.now + Self.openSentHoldTime))
    }

    /// The neighbor's OPEN came on the rival.
    mutating func rivalOpened(_ id: ConnectionID, _ open: BGPOpen, _ step: inout SessionStep) {
        if let problem = problem(with: open) {
            endRival(id, with: problem, &step)
        } else if case .openSent(let waiting) = state {
            // The rival is ahead now.
            step.emit(.cancel(.openDelay(id)))
            step.emit(.arm(.openDelay(waiting), at: step.now + Self.openSentHoldTime))
            state = .openSent(id)
            opened(id, open, &step)
        } else if isBetter(id, than: open) {
            step.emit(.cancel(.openDelay(id)))
            if let primary {
                transmit(
                    .notification(.cease(.connectionCollisionResolution)), on: primary, &step)
            }
            dropPrimary("collision", &step)
            agree(id, open, &step)
        } else {
            endRival(id, with: .cease(.connectionCollisionResolution), &step)
        }
    }

    /// With the neighbor's OPEN on one connection, settles what becomes of the other.
    mutating func settleRival(of id: ConnectionID, _ open: BGPOpen, _ step: inout SessionStep) {
        guard let rival = connections.first(where: { $0.id != id }) else { return }
        if !rival.isOpen {
            removeRival(rival.id, &step)
        } else if isBetter(id, than: open) {
            endRival(rival.id, with: .cease(.connectionCollisionResolution), &step)
        }
    }

    /// Whether a connection is the one that the speaker with the higher identifier opened; with
    /// equal identifiers, which RFC 6286 §2.3 allows, with the higher AS number.
    private func isBetter(_ id: ConnectionID, than open: BGPOpen) -> Bool {
        let ours = (routerID, neighbor.localAS)
        let theirs = (open.identifier, open.asNumber)
        return id.isOutgoing == (ours > theirs)
    }

    mutating func removeRival(_ id: ConnectionID, _ step: inout SessionStep) {
        guard let index = index(id) else { return }
        if connections[index].isOpen { step.emit(.cancel(.openDelay(id))) }
        close(id, &step)
    }

    mutating func endRival(
        _ id: ConnectionID, with notification: BGPNotification, _ step: inout SessionStep
    ) {
        guard contains(id) else { return }
        transmit(.notification(notification), on: id, &step)
        removeRival(id, &step)
    }

    private mutating func promote(
        _ rival: Connection, _ reason: String, _ step: inout SessionStep
    ) {
        if rival.isOpen {
            step.emit(.cancel(.openDelay(rival.id)))
            step.emit(.arm(.hold(key), at: step.now + Self.openSentHoldTime))
            become(.openSent(rival.id), reason: reason, &step)
        } else {
            step.emit(.arm(.connectRetry(key), at: step.now + Self.connectTimeMax))
            become(.connect(rival.id), reason: reason, &step)
        }
    }

    /// A neighbor that restarted without closing its connections answers any segment of the old
    /// one with a reset. Without this, a session with hold time 0 would never learn of it.
    mutating func challenge(_ id: ConnectionID, _ step: inout SessionStep) {
        transmit(.keepalive, on: id, &step)
    }
}
