// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

extension BFDSession {
    // MARK: Out

    /// Sends a packet now, and reckons the next from here.
    mutating func transmit(_ step: inout BFDStep) {
        send(isFinal: false, &step)
        schedule.lastSent = step.now
        schedule.interval = nil
        scheduleTransmission(&step)
    }

    /// RFC 5880 §6.8.7. A Final does not ask, even within a Poll Sequence of our own.
    mutating func send(isFinal: Bool, _ step: inout BFDStep) {
        var packet = BFDPacket(
            state: state, diagnostic: diagnostic, detectMultiplier: parameters.multiplier,
            myDiscriminator: discriminator, yourDiscriminator: remote.discriminator,
            desiredMinTxInterval: announced.minTx.wireMicroseconds,
            requiredMinRxInterval: announced.minRx.wireMicroseconds)
        packet.isFinal = isFinal
        packet.isPoll = !isFinal && poll != .none
        packet.isDemand = isDemandActive
        guard let payload = proof.encode(packet) else {
            lastError = "nothing can be sent: the key does not fit its use"
            return
        }
        let isMultihop = key.interface == nil
        step.emit(
            .send(
                RoutingPacket(
                    isMultihop ? .bfdMultihop : .bfd, vrf: key.vrf, interface: key.interface,
                    source: .ip(key.local), destination: .ip(key.remote),
                    hopLimit: BFDPacket.timeToLive, payload: payload)))
    }

    // MARK: In

    /// Takes a packet that was found to be of this session (§6.8.6).
    mutating func received(
        _ packet: BFDPacket, in octets: [UInt8], _ step: inout BFDStep
    ) {
        guard isLive else { return }
        if let moment = forgetsSequence, step.now >= moment { proof.forgetSequence() }
        if let objection = proof.objection(to: packet, in: octets) {
            lastError = objection
            return
        }
        let wasDemandActive = isDemandActive
        note(packet)
        // bfd.AuthSeqKnown (§6.8.1).
        forgetsSequence = detectionTime.map { step.now + $0 * 2 }
        if isDemandActive != wasDemandActive { settleDemand(&step) }
        if packet.isFinal { endPoll(&step) }
        guard state != .adminDown else { return scheduleTransmission(&step) }
        let before = state
        change(by: packet.state, &step)
        // What was heard puts off the end; in demand mode an answer to a Poll did.
        if !isDemandActive { armDetection(&step) }
        // The answer to a Poll says all that a packet of our own would.
        if packet.isPoll {
            send(isFinal: true, &step)
        } else if state != before {
            transmit(&step)
        }
        scheduleTransmission(&step)
    }

    private mutating func note(_ packet: BFDPacket) {
        remote = Remote(
            state: packet.state, diagnostic: packet.diagnostic,
            discriminator: packet.myDiscriminator,
            minRx: .microseconds(Int64(packet.requiredMinRxInterval)),
            minTx: .microseconds(Int64(packet.desiredMinTxInterval)),
            multiplier: packet.detectMultiplier, isDemand: packet.isDemand)
    }

    /// The state machine of §6.2 and §6.8.6.
    private mutating func change(by heard: BFDPacket.State, _ step: inout BFDStep) {
        switch (state, heard) {
        case (.down, .down): become(.initialize, .none, &step)
        case (.down, .initialize), (.initialize, .initialize), (.initialize, .up):
            become(.up, .none, &step)
        case (.up, .down): become(.down, .neighborSignaledDown, &step)
        case (.initialize, .adminDown), (.up, .adminDown):
            become(.down, .neighborSignaledDown, isWanted: true, &step)
        case (.down, _), (.initialize, _), (.up, _), (.adminDown, _): break
        }
    }
}

extension Duration {
    /// In a field of 32 bits.
    fileprivate var wireMicroseconds: UInt32 { UInt32(clamping: nanoseconds / 1000) }
}
