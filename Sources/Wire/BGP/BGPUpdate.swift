// SPDX-License-Identifier: Apache-2.0

import Primitives

/// An UPDATE (RFC 4271 §4.3, RFC 4760), with the two places where routes can stand made one.
package struct BGPUpdate: Hashable, Sendable {
    /// Withdrawn Routes and MP_UNREACH_NLRI, and what treat-as-withdraw made of announcements.
    package var withdrawn: [Withdrawal]
    /// The NLRI field and MP_REACH_NLRI.
    package var announced: [Announcement]
    /// Present when routes are announced. Its next hops are nil: see `attributes(for:)`.
    package var attributes: PathAttributes?
    /// The family whose End-of-RIB this is (RFC 4724 §2); then there is nothing else.
    package var endOfRIB: BGPFamily?
    /// What was wrong in a received UPDATE, in the order found; the remedies of RFC 7606 have been
    /// applied to the other fields. Empty in what we send.
    package var faults: [AttributeFault]

    package init(
        withdrawn: [Withdrawal] = [], announced: [Announcement] = [],
        attributes: PathAttributes? = nil, endOfRIB: BGPFamily? = nil,
        faults: [AttributeFault] = []
    ) {
        self.withdrawn = withdrawn
        self.announced = announced
        self.attributes = attributes
        self.endOfRIB = endOfRIB
        self.faults = faults
    }

    /// Routes of one family that are no longer there.
    package struct Withdrawal: Hashable, Sendable {
        package var family: BGPFamily
        package var nlri: [NLRI]

        package init(family: BGPFamily, nlri: [NLRI]) {
            self.family = family
            self.nlri = nlri
        }
    }

    /// Routes of one family that share a next hop.
    package struct Announcement: Hashable, Sendable {
        package var family: BGPFamily
        /// An IPv4 address also in the IPv6 families, when the wire has an IPv4-mapped one
        /// (RFC 4659 §3.2.1.2, RFC 4798 §2).
        package var nextHop: IPAddress
        /// The second address of a 32- or 48-octet next hop (RFC 2545 §3, RFC 4659 §3.2.1.1).
        package var linkLocalNextHop: IPAddress?
        package var nlri: [NLRI]

        package init(
            family: BGPFamily, nextHop: IPAddress, linkLocalNextHop: IPAddress? = nil,
            nlri: [NLRI]
        ) {
            self.family = family
            self.nextHop = nextHop
            self.linkLocalNextHop = linkLocalNextHop
            self.nlri = nlri
        }
    }

    /// The attributes of an announcement's routes, its next hop among them.
    package func attributes(for announcement: Announcement) -> PathAttributes? {
        guard var attributes else { return nil }
        attributes.nextHop = announcement.nextHop
        attributes.linkLocalNextHop = announcement.linkLocalNextHop
        return attributes
    }
}

/// What was wrong with a path attribute, and what RFC 7606 asks to do about it.
package struct AttributeFault: Hashable, Sendable, CustomStringConvertible {
    /// The attribute's type code; nil when the fault is of the list as a whole.
    package var code: UInt8?
    package var treatment: Treatment
    /// The subcode of the UPDATE Message Error that RFC 4271 §6.3 has for it.
    package var subcode: BGPNotification.UpdateSubcode
    /// In words, for the log.
    package var reason: String

    package init(
        code: UInt8?, treatment: Treatment, subcode: BGPNotification.UpdateSubcode, reason: String
    ) {
        self.code = code
        self.treatment = treatment
        self.subcode = subcode
        self.reason = reason
    }

    /// What is done about a fault, weakest first (RFC 7606 §2).
    package enum Treatment: Int, Hashable, Sendable, Comparable {
        case attributeDiscard
        case treatAsWithdraw
        case sessionReset

        package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
    }

    package var description: String {
        let name = code.map { PathAttributeTable.name(of: $0) } ?? "path attributes"
        return "\(name): \(reason); \(treatment)"
    }
}
