// SPDX-License-Identifier: Apache-2.0

import Primitives

/// The LS type in version 3's form: flooding scope and function code (RFC 5340 §A.4.2.1). Those of
/// version 2 have the same function codes, and are given the scope that their RFC gives them.
package struct OSPFLSAType: RawRepresentable, Hashable, Sendable, Comparable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) { self.rawValue = rawValue }

    package static let router = OSPFLSAType(rawValue: 0x2001)
    package static let network = OSPFLSAType(rawValue: 0x2002)
    /// Summary-LSA of networks in version 2.
    package static let interAreaPrefix = OSPFLSAType(rawValue: 0x2003)
    /// Summary-LSA of AS boundary routers in version 2.
    package static let interAreaRouter = OSPFLSAType(rawValue: 0x2004)
    package static let external = OSPFLSAType(rawValue: 0x4005)
    /// Version 3 only.
    package static let link = OSPFLSAType(rawValue: 0x0008)
    /// Version 3 only.
    package static let intraAreaPrefix = OSPFLSAType(rawValue: 0x2009)

    /// How far an LSA is flooded.
    package enum Scope: UInt16, Hashable, Sendable {
        case link = 0
        case area = 0x2000
        case autonomousSystem = 0x4000
    }

    /// None of what has to be discarded: a reserved scope, or an LS type unknown to version 2.
    package var scope: Scope? { Scope(rawValue: rawValue & 0x6000) }

    /// The LS type octet of version 2. Types 9 to 11 are opaque (RFC 5250 §3).
    package init(v2 type: UInt8) {
        let scope: UInt16 =
            switch type {
            case 1...4, 7, 10: Scope.area.rawValue
            case 5, 11: Scope.autonomousSystem.rawValue
            case 9: Scope.link.rawValue
            default: 0x6000
            }
        rawValue = scope | UInt16(type)
    }

    /// The LS type octet of version 2.
    package var v2: UInt8 { UInt8(truncatingIfNeeded: rawValue) }

    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// What names an LSA, in all its instances (RFC 2328 §12.1).
package struct OSPFLSAKey: Hashable, Sendable, Comparable {
    package var type: OSPFLSAType
    package var linkStateID: IPv4Address
    package var advertisingRouter: IPv4Address

    package init(
        _ type: OSPFLSAType, _ linkStateID: IPv4Address, _ advertisingRouter: IPv4Address
    ) {
        self.type = type
        self.linkStateID = linkStateID
        self.advertisingRouter = advertisingRouter
    }

    package static func < (a: Self, b: Self) -> Bool {
        (a.type, a.linkStateID, a.advertisingRouter) < (b.type, b.linkStateID, b.advertisingRouter)
    }
}

/// The 20 octets that every LSA begins with (RFC 2328 §A.4.1, RFC 5340 §A.4.2).
package struct OSPFLSAHeader: Hashable, Sendable {
    /// LS age in seconds.
    package var age: UInt16
    /// Of version 2, where it has 8 bits; empty in version 3.
    package var options: OSPFOptions
    package var key: OSPFLSAKey
    /// Signed, from `initialSequence` up to `maximumSequence`.
    package var sequence: Int32
    package var checksum: UInt16
    /// Of the whole LSA, in octets.
    package var length: UInt16

    package init(
        age: UInt16, options: OSPFOptions = [], key: OSPFLSAKey, sequence: Int32,
        checksum: UInt16, length: UInt16
    ) {
        self.age = age
        self.options = options
        self.key = key
        self.sequence = sequence
        self.checksum = checksum
        self.length = length
    }

    package static let octets = 20
    /// 0x80000001 (RFC 2328 §12.1.6).
    package static let initialSequence: Int32 = -0x7fff_ffff
    /// 0x7fffffff.
    package static let maximumSequence: Int32 = .max
    /// MaxAge in seconds: what is that old is on its way out (RFC 2328 §B).
    package static let maximumAge: UInt16 = 3600
    /// MaxAgeDiff in seconds.
    package static let maximumAgeDifference: UInt16 = 900

    /// Which of two instances of an LSA is newer (RFC 2328 §13.1).
    package func isNewer(than other: OSPFLSAHeader) -> Bool {
        if sequence != other.sequence { return sequence > other.sequence }
        if checksum != other.checksum { return checksum > other.checksum }
        let isOld = age >= Self.maximumAge
        if isOld != (other.age >= Self.maximumAge) { return isOld }
        let difference = age > other.age ? age - other.age : other.age - age
        return difference > Self.maximumAgeDifference && age < other.age
    }

    /// Whether both are one instance: neither is newer.
    package func isSameInstance(as other: OSPFLSAHeader) -> Bool {
        !isNewer(than: other) && !other.isNewer(than: self)
    }
}

/// A link-state advertisement. What stands after the header is kept as octets, because an LSA must
/// be flooded as it came, understood or not; `contents(_:)` reads them.
package struct OSPFLSA: Hashable, Sendable {
    package var header: OSPFLSAHeader
    package var body: [UInt8]

    package init(header: OSPFLSAHeader, body: [UInt8]) {
        self.header = header
        self.body = body
    }

    package var key: OSPFLSAKey { header.key }
}
