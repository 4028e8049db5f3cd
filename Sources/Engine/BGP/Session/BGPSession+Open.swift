// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

// What both sides say in their OPENs.
extension BGPSession {
    var ourOpen: BGPOpen {
        BGPOpen(
            asNumber: neighbor.localAS, holdTime: neighbor.holdTime, identifier: routerID,
            families: neighbor.families, addPaths: addPathOffers)
    }

    private var addPathOffers: [AddPathOffer] {
        guard let addPath = neighbor.addPath else { return [] }
        return neighbor.families.map {
            AddPathOffer($0, receives: addPath.receives, sends: addPath.sendCount > 0)
        }.filter { $0.mode != 0 }
    }

    /// The neighbor's OPEN came on the connection of the state.
    mutating func opened(_ id: ConnectionID, _ open: BGPOpen, _ step: inout SessionStep) {
        if let problem = problem(with: open) {
            end(with: problem, &step)
            return
        }
        settleRival(of: id, open, &step)
        step.emit(.cancel(.hold(key)))
        agree(id, open, &step)
    }

    /// From OpenSent to OpenConfirm (RFC 4271 §8.2.2, event 19).
    mutating func agree(_ id: ConnectionID, _ open: BGPOpen, _ step: inout SessionStep) {
        let agreement = agreement(on: open)
        become(.openConfirm(id, agreement), &step)
        heard(id, &step)
        transmit(.keepalive, on: id, &step)
        guard agreement.holdTime > 0 else { return }
        let holdTime = Duration.seconds(Int64(agreement.holdTime))
        step.emit(.arm(.keepalive(key), at: step.now + holdTime / 3))
        step.emit(.arm(.hold(key), at: step.now + holdTime))
    }

    /// What RFC 4271 §6.2 asks about an OPEN, less what the codec has looked at.
    func problem(with open: BGPOpen) -> BGPNotification? {
        if open.asNumber != neighbor.remoteAS { return .openMessage(.badPeerAS) }
        // Within an AS, an identifier names one router (RFC 6286 §2.1).
        if neighbor.isInternal, open.identifier == routerID {
            return .openMessage(.badBGPIdentifier)
        }
        if commonFamilies(open).isEmpty {
            return .openMessage(.unsupportedCapability, data: multiprotocolCapabilities)
        }
        return nil
    }

    /// The capabilities that the neighbor's OPEN lacks (RFC 5492 §3): without a common family
    /// there is nothing to talk about.
    private var multiprotocolCapabilities: [UInt8] {
        neighbor.families.flatMap {
            [1, 4, UInt8($0.afi >> 8), UInt8($0.afi & 0xff), 0, $0.safi]
        }
    }

    private func commonFamilies(_ open: BGPOpen) -> [BGPFamily] {
        let theirs = open.families
        return neighbor.families.filter(theirs.contains)
    }

    private func agreement(on open: BGPOpen) -> Agreement {
        let families = commonFamilies(open)
        let theirs = open.addPaths
        let ours = neighbor.addPath
        return Agreement(
            session: NegotiatedSession(
                families: families, isFourOctetAS: open.hasFourOctetAS,
                canRefresh: open.hasRouteRefresh, routerID: open.identifier,
                receivesPathIDs: Set(
                    families.filter { ours?.receives == true && theirs[$0]?.sends == true }),
                sendsPathIDs: Set(
                    families.filter { ours?.sendCount ?? 0 > 0 && theirs[$0]?.receives == true })),
            holdTime: min(neighbor.holdTime, open.holdTime), asNumber: open.asNumber)
    }
}
