// SPDX-License-Identifier: Apache-2.0

import Primitives

/// An OPEN (RFC 4271 §4.2, RFC 5492).
package struct BGPOpen: Hashable, Sendable {
    package var version: UInt8
    /// My Autonomous System as the 2-octet field has it; AS_TRANS for a number that does not fit.
    package var myAS: UInt16
    /// Seconds; 0 for no keepalives, never 1 or 2.
    package var holdTime: UInt16
    package var identifier: IPv4Address
    /// In the order received, repetitions kept.
    package var capabilities: [BGPCapability]

    /// The OPEN of a speaker of `asNumber`, whose capabilities include its 4-octet number.
    package init(
        asNumber: ASNumber, holdTime: UInt16, identifier: IPv4Address, families: [BGPFamily],
        addPaths: [AddPathOffer] = []
    ) {
        self.init(
            myAS: asNumber.twoOctet, holdTime: holdTime, identifier: identifier,
            capabilities: families.map { .multiprotocol($0) } + [
                .routeRefresh, .fourOctetAS(asNumber),
            ] + (addPaths.isEmpty ? [] : [.addPath(addPaths)]))
    }

    package init(
        version: UInt8 = 4, myAS: UInt16, holdTime: UInt16, identifier: IPv4Address,
        capabilities: [BGPCapability]
    ) {
        self.version = version
        self.myAS = myAS
        self.holdTime = holdTime
        self.identifier = identifier
        self.capabilities = capabilities
    }

    /// The speaker's AS: that of the 4-octet capability where there is one (RFC 6793 §4.1).
    package var asNumber: ASNumber {
        for case .fourOctetAS(let asNumber) in capabilities { return asNumber }
        return ASNumber(UInt32(myAS))
    }

    package var hasFourOctetAS: Bool {
        capabilities.contains { if case .fourOctetAS = $0 { true } else { false } }
    }

    /// What the speaker offers of several paths to a destination, by family (RFC 7911 §4); of
    /// repeated offers the last counts.
    package var addPaths: [BGPFamily: AddPathOffer] {
        var offers: [BGPFamily: AddPathOffer] = [:]
        for case .addPath(let list) in capabilities {
            for offer in list { if let family = offer.family { offers[family] = offer } }
        }
        return offers
    }

    package var hasRouteRefresh: Bool { capabilities.contains(.routeRefresh) }

    /// The families offered, in order. Without any multiprotocol capability it is IPv4 unicast
    /// alone (RFC 4760 §8).
    package var families: [BGPFamily] {
        var families: [BGPFamily] = []
        for case .multiprotocol(let family) in capabilities where !families.contains(family) {
            families.append(family)
        }
        let offersAny = capabilities.contains { $0.code == 1 }
        return offersAny ? families : [.ipv4Unicast]
    }
}

/// A capability that a speaker advertises in its OPEN (RFC 5492).
package enum BGPCapability: Hashable, Sendable {
    /// RFC 4760. A family that has no codec here is kept as `other`.
    case multiprotocol(BGPFamily)
    /// RFC 2918.
    case routeRefresh
    /// RFC 4724; kept as it came, since we do not take part.
    case gracefulRestart([UInt8])
    /// RFC 6793.
    case fourOctetAS(ASNumber)
    /// RFC 7911.
    case addPath([AddPathOffer])
    case other(code: UInt8, value: [UInt8])

    /// Capability Code.
    package var code: UInt8 {
        switch self {
        case .multiprotocol: 1
        case .routeRefresh: 2
        case .gracefulRestart: 64
        case .fourOctetAS: 65
        case .addPath: 69
        case .other(let code, _): code
        }
    }
}

/// What a speaker offers for one family in the ADD-PATH capability (RFC 7911 §4).
package struct AddPathOffer: Hashable, Sendable {
    package var afi: UInt16
    package var safi: UInt8
    /// Send/Receive: 1 can receive, 2 can send, 3 both; others mean nothing.
    package var mode: UInt8

    package init(afi: UInt16, safi: UInt8, mode: UInt8) {
        self.afi = afi
        self.safi = safi
        self.mode = mode
    }

    package init(_ family: BGPFamily, receives: Bool, sends: Bool) {
        self.init(
            afi: family.afi, safi: family.safi, mode: (receives ? 1 : 0) | (sends ? 2 : 0))
    }

    /// nil for families that have no codec here.
    package var family: BGPFamily? { BGPFamily(afi: afi, safi: safi) }
    package var receives: Bool { mode == 1 || mode == 3 }
    package var sends: Bool { mode == 2 || mode == 3 }
}
