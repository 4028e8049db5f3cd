// SPDX-License-Identifier: Apache-2.0

import Primitives

/// The path attributes of a route, as one value (RFC 4271 §5 and the RFCs named below).
///
/// ORIGIN and AS_PATH are mandatory, so they are not optional here: a received UPDATE that lacks
/// one never becomes a value of this type.
package struct PathAttributes: Hashable, Sendable {
    package var origin: Origin
    package var asPath: ASPath
    /// The next hop of the route, whatever its family. In a `BGPUpdate` it is nil: there each
    /// announcement has its own, since NEXT_HOP and MP_REACH_NLRI may differ.
    package var nextHop: IPAddress?
    /// The link-local next hop beside a global IPv6 one (RFC 2545 §3).
    package var linkLocalNextHop: IPAddress?
    /// MULTI_EXIT_DISC.
    package var med: UInt32?
    /// LOCAL_PREF; only on internal sessions.
    package var localPreference: UInt32?
    package var atomicAggregate: Bool
    package var aggregator: Aggregator?
    /// RFC 1997. In the order received.
    package var communities: [Community]
    /// RFC 4456: the router that brought the route into the AS.
    package var originatorID: IPv4Address?
    /// RFC 4456: the clusters that reflected the route, latest first.
    package var clusterList: [IPv4Address]
    /// RFC 4360.
    package var extendedCommunities: [ExtendedCommunity]
    /// RFC 8092.
    package var largeCommunities: [LargeCommunity]
    /// RFC 9012.
    package var tunnelEncapsulation: TunnelEncapsulation?
    /// Optional transitive attributes that have no codec here, in the order received; they travel
    /// on with the Partial bit set (RFC 4271 §5).
    package var unknown: [UnknownAttribute]
    /// Which recognised optional transitive attributes came with the Partial bit, which must then
    /// stay set (RFC 4271 §4.3).
    package var partial: PartialAttributes

    package init(
        origin: Origin = .igp, asPath: ASPath = ASPath(), nextHop: IPAddress? = nil,
        linkLocalNextHop: IPAddress? = nil, med: UInt32? = nil, localPreference: UInt32? = nil,
        atomicAggregate: Bool = false, aggregator: Aggregator? = nil,
        communities: [Community] = [], originatorID: IPv4Address? = nil,
        clusterList: [IPv4Address] = [], extendedCommunities: [ExtendedCommunity] = [],
        largeCommunities: [LargeCommunity] = [],
        tunnelEncapsulation: TunnelEncapsulation? = nil, unknown: [UnknownAttribute] = [],
        partial: PartialAttributes = []
    ) {
        self.origin = origin
        self.asPath = asPath
        self.nextHop = nextHop
        self.linkLocalNextHop = linkLocalNextHop
        self.med = med
        self.localPreference = localPreference
        self.atomicAggregate = atomicAggregate
        self.aggregator = aggregator
        self.communities = communities
        self.originatorID = originatorID
        self.clusterList = clusterList
        self.extendedCommunities = extendedCommunities
        self.largeCommunities = largeCommunities
        self.tunnelEncapsulation = tunnelEncapsulation
        self.unknown = unknown
        self.partial = partial
    }

    /// How the route entered BGP; lower is preferred. The raw value is that of the wire.
    package enum Origin: UInt8, Sendable, Comparable, CaseIterable, TextValue {
        case igp = 0
        case egp = 1
        case incomplete = 2

        package init?(_ text: String) {
            guard let value = Self.allCases.first(where: { $0.description == text }) else {
                return nil
            }
            self = value
        }

        package var description: String {
            switch self {
            case .igp: "igp"
            case .egp: "egp"
            case .incomplete: "incomplete"
            }
        }

        package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
    }

    /// Who formed an aggregate route (RFC 4271 §5.1.7).
    package struct Aggregator: Hashable, Sendable {
        package var asNumber: ASNumber
        package var address: IPv4Address

        package init(asNumber: ASNumber, address: IPv4Address) {
            self.asNumber = asNumber
            self.address = address
        }
    }

    /// An attribute kept as it came.
    package struct UnknownAttribute: Hashable, Sendable {
        /// The first three Attribute Flags: optional 0x80, transitive 0x40, partial 0x20.
        package var flags: UInt8
        package var code: UInt8
        package var value: [UInt8]

        package init(flags: UInt8, code: UInt8, value: [UInt8]) {
            self.flags = flags
            self.code = code
            self.value = value
        }
    }

    /// A set of the recognised optional transitive attributes.
    package struct PartialAttributes: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) { self.rawValue = rawValue }

        package static let aggregator = PartialAttributes(rawValue: 1)
        package static let communities = PartialAttributes(rawValue: 2)
        package static let extendedCommunities = PartialAttributes(rawValue: 4)
        package static let largeCommunities = PartialAttributes(rawValue: 8)
        package static let tunnelEncapsulation = PartialAttributes(rawValue: 16)
    }
}
