// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// OSPF between provider and customer edge (RFC 4577; RFC 6565 for version 3): the VPN is one more
/// area beyond the backbone, and what crosses it keeps what it was.
extension OSPFInstance {
    /// Whether an LSA came out of the VPN by another provider edge, and must not go back into it
    /// (RFC 4577 §4.2.5.1, RFC 6565 §4.5.1).
    func isFromVPN(_ options: OSPFOptions, _ prefixOptions: OSPFPrefixOptions) -> Bool {
        guard configuration.providerEdge != nil else { return false }
        return version == .v2 ? options.contains(.down) : prefixOptions.contains(.down)
    }

    /// Whether an external route's tag says so (RFC 4577 §4.2.5.2).
    func isFromVPN(tag: UInt32) -> Bool {
        configuration.providerEdge != nil && tag == vpnRouteTag
    }

    private var vpnRouteTag: UInt32 {
        configuration.providerEdge?.vpnRouteTag ?? Self.vpnRouteTagBase
    }

    /// Automatic, complete, path length 1 (RFC 1745 §4); the low half is the provider's AS.
    private static let vpnRouteTagBase: UInt32 = 0xd000_0000

    /// An end of a sham link: BGP tells of it, OSPF must not (§4.2.7.1).
    func isShamEnd(_ prefix: IPPrefix) -> Bool {
        interfaces.contains { interface in
            guard let sham = interface.sham else { return false }
            return prefix == IPPrefix(host: sham.local) || prefix == IPPrefix(host: sham.remote)
        }
    }

    // MARK: Into the VPN

    /// What BGP carries of a route beside its prefix (§4.2.6).
    func vpnAttributes(_ route: OSPFRoute) -> PathAttributes {
        guard let edge = configuration.providerEdge else { return PathAttributes() }
        let area = route.kind.isExternal ? Self.backbone : route.area
        let kind = VPNRouteType(
            area: area,
            type: route.kind.isExternal
                ? .external : route.kind == .intraArea ? .intraArea : .interArea,
            isType2: route.kind == .external2)
        let communities = [
            edge.domainID, kind.community, ExtendedCommunity(ospfRouterID: routerID),
        ].compactMap { $0 }
        // One more than the distance, but a type 2 metric is none.
        let med = route.kind == .external2 ? route.externalMetric : route.cost + 1
        return PathAttributes(med: med, extendedCommunities: communities)
    }

    // MARK: Out of the VPN

    /// Whether what the VPN brings is of our own domain, and what it was there (§4.2.8).
    private func origin(of offer: OfferedRoute) -> VPNRouteType? {
        let communities = offer.attributes.extendedCommunities
        let theirs = communities.first(where: \.isOSPFDomainID)?.ospfDomain ?? 0
        let ours = configuration.providerEdge?.domainID?.ospfDomain ?? 0
        guard theirs == ours else { return nil }
        return communities.lazy.compactMap { VPNRouteType($0) }.first
    }

    /// Routes of our own domain's areas come as summaries (§4.2.8.2).
    func addFromVPN(_ tell: (IPPrefix, UInt32) -> Void) {
        guard configuration.providerEdge != nil else { return }
        for (prefix, offer) in offers where offer.isFromVPN && isToBeTold(prefix) {
            guard let origin = origin(of: offer), origin.type != .external else { continue }
            tell(prefix, min(offer.attributes.med ?? 1, OSPFRoutes.infinity - 1))
        }
    }

    /// Not the ends of sham links, and not what the sites tell each other over one.
    private func isToBeTold(_ prefix: IPPrefix) -> Bool {
        prefix.family == version.family && !isShamEnd(prefix)
            && result.prefixes[prefix]?.isSham != true
    }

    /// All others come as external routes (§4.2.8.1); nil for those that do not.
    func vpnExternal(_ prefix: IPPrefix, _ offer: OfferedRoute) -> OSPFExternalLSA? {
        let origin = origin(of: offer)
        guard isToBeTold(prefix), origin == nil || origin?.type == .external else { return nil }
        return OSPFExternalLSA(
            isType2: origin?.isType2 ?? true,
            metric: min(offer.attributes.med ?? 1, OSPFRoutes.infinity - 1), prefix: prefix,
            tag: vpnRouteTag)
    }
}

/// The OSPF Route Type extended community (RFC 4577 §4.2.6).
struct VPNRouteType: Hashable, Sendable {
    var area: IPv4Address
    var type: Kind
    /// Of external routes.
    var isType2: Bool

    enum Kind: UInt8, Hashable, Sendable {
        case intraArea = 2
        case interArea = 3
        case external = 5
    }

    private static let header: UInt64 = 0x0306
    /// Before the number was assigned.
    private static let oldHeader: UInt64 = 0x8000

    init(area: IPv4Address, type: Kind, isType2: Bool) {
        self.area = area
        self.type = type
        self.isType2 = isType2
    }

    init?(_ community: ExtendedCommunity) {
        let bits = community.bits
        guard bits >> 48 == Self.header || bits >> 48 == Self.oldHeader else { return nil }
        area = IPv4Address(bits: UInt32(truncatingIfNeeded: bits >> 16))
        switch UInt8(truncatingIfNeeded: bits >> 8) {
        case 1, 2: type = .intraArea
        case 3: type = .interArea
        case 5, 7: type = .external
        default: return nil
        }
        isType2 = bits & 1 != 0
    }

    var community: ExtendedCommunity {
        let value = UInt64(area.bits) << 16 | UInt64(type.rawValue) << 8 | (isType2 ? 1 : 0)
        return ExtendedCommunity(bits: Self.header << 48 | value)
    }
}

extension ExtendedCommunity {
    /// The OSPF Router ID community.
    init(ospfRouterID id: IPv4Address) {
        self.init(bits: 0x0107 << 48 | UInt64(id.bits) << 16)
    }

    /// Types 0x0005, 0x0105, 0x0205, and 0x8005 of old.
    var isOSPFDomainID: Bool { [0x0005, 0x0105, 0x0205, 0x8005].contains(bits >> 48) }

    /// What is compared of a domain identifier: its value; 0 is that of all who have none.
    var ospfDomain: UInt64 { bits & 0xffff_ffff_ffff }
}
