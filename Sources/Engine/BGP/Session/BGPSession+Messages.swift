// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

// Octets and messages.
extension BGPSession {
    // MARK: Receiving

    mutating func received(
        _ octets: [UInt8], on id: ConnectionID, _ step: inout SessionStep
    ) {
        guard let index = index(id) else { return }
        let output = connections[index].framer.feed(octets)
        for message in output.messages {
            // An earlier one may have ended the connection.
            guard contains(id) else { return }
            received(message: message, on: id, &step)
        }
        if let failure = output.failure, contains(id) { fault(failure, on: id, &step) }
    }

    private mutating func received(
        message octets: [UInt8], on id: ConnectionID, _ step: inout SessionStep
    ) {
        messagesReceived += 1
        let message: BGPMessage
        do throws(BGPNotification) {
            message = try BGPMessage(decoding: octets, in: context(id))
        } catch {
            fault(error, on: id, &step)
            return
        }
        if message != .keepalive, let index = index(id) { connections[index].received += 1 }
        if id == primary { handle(.message(message), &step) } else { rival(id, message, &step) }
    }

    private mutating func fault(
        _ notification: BGPNotification, on id: ConnectionID, _ step: inout SessionStep
    ) {
        if id == primary {
            handle(.fault(notification), &step)
        } else {
            endRival(id, with: notification, &step)
        }
    }

    private mutating func rival(
        _ id: ConnectionID, _ message: BGPMessage, _ step: inout SessionStep
    ) {
        switch message {
        case .open(let open): rivalOpened(id, open, &step)
        case .notification: removeRival(id, &step)
        case .update, .keepalive, .routeRefresh:
            endRival(id, with: .finiteStateMachine(.unexpectedMessageInOpenSent), &step)
        }
    }

    private func context(_ id: ConnectionID) -> BGPCodecContext {
        guard case .established(id, let agreement, _) = state else {
            return BGPCodecContext(fourOctetAS: true, isInternal: neighbor.isInternal)
        }
        return agreement.session.codec(isInternal: neighbor.isInternal)
    }

    // MARK: Established

    /// Passes on the routes of negotiated families; others are left aside (RFC 4760 §7).
    mutating func take(
        _ update: BGPUpdate, _ agreement: Agreement, _ step: inout SessionStep
    ) {
        for fault in update.faults {
            step.emit(.report(.malformed(key, fault.description)))
        }
        let families = agreement.session.families
        var known = update
        known.withdrawn.removeAll { !families.contains($0.family) }
        known.announced.removeAll { !families.contains($0.family) }
        let isForeign =
            known.withdrawn.count < update.withdrawn.count
            || known.announced.count < update.announced.count
        if isForeign {
            step.emit(.report(.malformed(key, "routes of a family that was not negotiated")))
        }
        let isEndOfRIB = update.endOfRIB.map(families.contains) ?? false
        guard isEndOfRIB || !known.withdrawn.isEmpty || !known.announced.isEmpty else { return }
        step.outputs.append(.update(known))
    }

    /// Only plain requests: the others are of a capability that we do not offer (RFC 7313 §5).
    func take(
        _ request: BGPRouteRefresh, _ agreement: Agreement, _ step: inout SessionStep
    ) {
        guard request.subtype == 0, let family = request.family,
            agreement.session.families.contains(family)
        else { return }
        step.outputs.append(.refresh(family))
    }

    /// A NOTIFICATION received, with what its operator has to say (RFC 9003).
    static func text(of notification: BGPNotification) -> String {
        let said = notification.shutdownCommunication.map { ": \($0)" } ?? ""
        return "received \(notification)\(said)"
    }

    // MARK: Timers

    mutating func heard(_ id: ConnectionID, _ step: inout SessionStep) {
        if let index = index(id) { connections[index].lastHeard = step.now }
    }

    /// The hold timer is armed anew only when it runs out, rather than with every message.
    mutating func checkHold(
        _ id: ConnectionID, _ agreement: Agreement, _ step: inout SessionStep
    ) {
        guard agreement.holdTime > 0, let index = index(id) else { return }
        let deadline = connections[index].lastHeard + .seconds(Int64(agreement.holdTime))
        if step.now < deadline {
            step.emit(.arm(.hold(key), at: deadline))
        } else {
            end(with: .holdTimerExpired, &step)
        }
    }

    /// A KEEPALIVE every third of the hold time, whether or not UPDATEs are sent as well.
    mutating func keepAlive(
        _ id: ConnectionID, _ agreement: Agreement, _ step: inout SessionStep
    ) {
        guard agreement.holdTime > 0 else { return }
        transmit(.keepalive, on: id, &step)
        step.emit(.arm(.keepalive(key), at: step.now + .seconds(Int64(agreement.holdTime)) / 3))
    }

    // MARK: Sending

    mutating func transmit(
        _ message: BGPMessage, on id: ConnectionID, _ step: inout SessionStep
    ) {
        transmit(Self.octets(message), on: id, isKeepalive: message == .keepalive, &step)
    }

    mutating func transmit(
        _ octets: [UInt8], on id: ConnectionID, isKeepalive: Bool, _ step: inout SessionStep
    ) {
        guard let index = index(id) else { return }
        messagesSent += 1
        if !isKeepalive { connections[index].sent += 1 }
        step.emit(.send(id, octets))
    }

    /// Messages of the session itself, none of which depends on what was negotiated.
    static func octets(_ message: BGPMessage) -> [UInt8] {
        let context = BGPCodecContext(fourOctetAS: true, isInternal: false)
        do throws(WireError) {
            return try message.encoded(in: context)
        } catch {
            preconditionFailure("OPEN, NOTIFICATION and KEEPALIVE fit: \(error)")
        }
    }
}
