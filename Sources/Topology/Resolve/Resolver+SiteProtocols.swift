// SPDX-License-Identifier: Apache-2.0

import Primitives

/// OSPF and RIP: which interfaces of a routing table take part. A table is a node's default VRF or
/// one of its VRFs.
extension Resolver {
    /// A protocol by the key that it has on nodes, VRFs and links.
    enum SiteProtocol: String, CaseIterable {
        case ospf, ospf3, rip, ripng

        var family: AddressFamily { self == .ospf || self == .rip ? .ipv4 : .ipv6 }

        var title: String {
            switch self {
            case .ospf: "OSPF"
            case .ospf3: "OSPF version 3"
            case .rip: "RIP"
            case .ripng: "RIPng"
            }
        }
    }

    /// A protocol in a routing table of a node.
    struct Site {
        var kind: SiteProtocol
        /// Of the node.
        var index: Int
        var vrf: String?
        /// What the file says of it there.
        var fields: Fields
        /// Where it says so; nil where the core does.
        var place: Place?
    }

    /// An interface that takes part in a protocol.
    struct Participant {
        var segment: Segment
        var end: Segment.End
        /// No neighbors there.
        var isPassive: Bool
    }

    mutating func resolveSiteProtocols() {
        var used: [SiteProtocol: Set<Place>] = [:]
        for index in nodes.indices {
            for site in sites(of: index) {
                let participants = participants(site)
                for participant in participants {
                    used[site.kind, default: []].insert(participant.segment.place)
                }
                checkNeighbors(site, participants)
                switch site.kind {
                case .ospf, .ospf3: resolveOSPF(site, participants)
                case .rip, .ripng: resolveRIP(site, participants)
                }
            }
        }
        for segment in segments { checkSiteKeys(segment, used) }
    }

    /// Where a node runs OSPF and RIP: in the default VRF, then in VRFs in the file's order.
    private func sites(of index: Int) -> [Site] {
        let vrfs: [String?] = [nil] + nodes[index].node.vrfs.map(\.name)
        return vrfs.flatMap { vrf in
            SiteProtocol.allCases.compactMap { site($0, index, vrf) }
        }
    }

    /// nil where the protocol does not run there.
    func site(_ kind: SiteProtocol, _ index: Int, _ vrf: String?) -> Site? {
        let draft = nodes[index]
        if let vrf {
            let pair = draft.fields.pairs("vrfs").first { $0.key == vrf }
            guard let fields = pair.map({ Fields($0.value) }), let value = fields[kind.rawValue]
            else { return nil }
            return Site(
                kind: kind, index: index, vrf: vrf, fields: Fields(value),
                place: keyPlace(kind.rawValue, in: fields))
        }
        let value = draft.fields[kind.rawValue]
        let place = keyPlace(kind.rawValue, in: draft.fields)
        guard draft.node.role.isProvider else {
            guard draft.node.role != .host else { return nil }
            return value.map {
                Site(kind: kind, index: index, vrf: nil, fields: Fields($0), place: place)
            }
        }
        guard kind == .ospf, igp == .ospf else { return nil }
        let fields = Fields(
            value ?? YAMLNode(place: draft.node.place),
            fallbacks: coreFields["ospf"].map { [$0] } ?? [])
        return Site(kind: kind, index: index, vrf: nil, fields: fields, place: nil)
    }

    private func isCore(_ site: Site) -> Bool {
        site.vrf == nil && nodes[site.index].node.role.isProvider
    }

    /// Interfaces where a neighbor may be, and those that are only told of.
    private mutating func participants(_ site: Site) -> [Participant] {
        let passive = passiveSegments(site)
        return nodes[site.index].attachments.compactMap { attachment in
            let segment = segments[attachment.segment]
            let end = segment.ends[attachment.end]
            let own = segment.fields[site.kind.rawValue]
            guard end.vrf == site.vrf, own?.text != "none" || own?.isNull == true,
                end.addresses.contains(where: { $0.address.family == site.kind.family })
            else { return nil }
            let isTold = own.flatMap { Fields($0).flag("passive") } ?? false
            if isTold || passive.named.contains(attachment.segment) {
                return Participant(segment: segment, end: end, isPassive: true)
            }
            if hasNeighbor(site, on: segment, but: attachment.end) {
                return Participant(segment: segment, end: end, isPassive: false)
            }
            return passive.isAll ? Participant(segment: segment, end: end, isPassive: true) : nil
        }
    }

    /// Whether another end of a segment runs the protocol too; in the core, of the same provider.
    private func hasNeighbor(_ site: Site, on segment: Segment, but own: Int) -> Bool {
        if isCore(site), !isCore(segment) { return false }
        return segment.ends.indices.contains { index in
            guard index != own else { return false }
            let end = segment.ends[index]
            guard let other = self.site(site.kind, end.node, end.vrf) else { return false }
            return !isCore(other) || isCore(segment)
        }
    }

    /// The segments that `passive` names, and whether it stands for all without a neighbor.
    private mutating func passiveSegments(_ site: Site) -> (named: Set<Int>, isAll: Bool) {
        guard let value = site.fields["passive"] else {
            return ([], site.vrf == nil && !isCore(site))
        }
        if value.text == "all" { return ([], true) }
        if value.text == "none" { return ([], false) }
        var named: Set<Int> = []
        for item in value.oneOrMore {
            guard let name = item.text, let index = segment(name, isLAN: nil, at: item.place),
                interface(of: site.index, on: index, at: item.place) != nil
            else { continue }
            let end = segments[index].end(of: site.index).map { segments[index].ends[$0] }
            if let end, end.vrf != site.vrf {
                let home = site.vrf.map { "in the VRF \($0)" } ?? "outside of VRFs"
                report(item.place, "\(segments[index].title) is not \(home)")
            }
            named.insert(index)
        }
        return (named, false)
    }

    /// A protocol that the file asks for and that nobody would answer.
    private mutating func checkNeighbors(_ site: Site, _ participants: [Participant]) {
        guard let place = site.place, nodes[site.index].isCertain,
            participants.allSatisfy(\.isPassive), site.fields["sham-links"] == nil
        else { return }
        let home = site.vrf.map { " in the VRF \($0)" } ?? ""
        let name = nodes[site.index].name
        report(
            place,
            "'\(site.kind.rawValue)' does nothing: no link or LAN of \(name)\(home) "
                + "leads to a node that runs \(site.kind.title) too")
    }

    /// What a link or LAN says of a protocol that does not run there.
    private mutating func checkSiteKeys(_ segment: Segment, _ used: [SiteProtocol: Set<Place>]) {
        guard segment.isCertain, segment.ends.allSatisfy({ nodes[$0.node].isCertain })
        else { return }
        for kind in [SiteProtocol.ospf, .ospf3] {
            guard let place = keyPlace(kind.rawValue, in: segment.fields) else { continue }
            let value = segment.fields[kind.rawValue]
            let isNone = value?.text == "none" && value?.isNull == false
            let runs =
                isNone
                ? segment.ends.contains { site(kind, $0.node, $0.vrf) != nil }
                : used[kind]?.contains(segment.place) ?? false
            if !runs {
                report(
                    place,
                    "'\(kind.rawValue)' does nothing here: no end of \(segment.title) runs "
                        + kind.title)
            }
        }
        checkBFDKey(segment, used)
    }

    private mutating func checkBFDKey(_ segment: Segment, _ used: [SiteProtocol: Set<Place>]) {
        guard let place = keyPlace("bfd", in: segment.fields) else { return }
        let hasOSPF = [.ospf, .ospf3].contains {
            used[$0]?.contains(segment.place) ?? false
        }
        let hasISIS = igp == .isis && isCore(segment)
        if !hasOSPF, !hasISIS {
            report(
                place,
                "'bfd' does nothing here: neither IS-IS nor OSPF runs on \(segment.title)")
        }
    }
}
