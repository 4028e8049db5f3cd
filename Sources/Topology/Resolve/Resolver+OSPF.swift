// SPDX-License-Identifier: Apache-2.0

import Primitives

/// OSPF in one routing table.
extension Resolver {
    mutating func resolveOSPF(_ site: Site, _ participants: [Participant]) {
        let fields = site.fields
        let area = area(site)
        let isStandalone = site.vrf == nil
        var ospf = OSPF(
            family: site.kind.family, vrf: site.vrf,
            stubAreas: areas("stub", fields), totallyStubAreas: areas("totally-stub", fields),
            exportPolicy: policyChain(fields, "export", .intoIGP),
            hasExternalType1: fields.text("export-type") == "1", spf: spf(fields),
            loopbackArea: isStandalone ? area : nil, interfaces: [],
            domainID: fields.value("domain-id"), shamLinks: [])
        if let value = fields["export-type"], ospf.exportPolicy.isEmpty {
            report(value.place, "'export-type' does nothing without 'export'")
        }
        if let both = ospf.stubAreas.first(where: ospf.totallyStubAreas.contains) {
            report(
                place(of: "totally-stub", in: fields),
                "the area \(both) is listed as 'stub' and as 'totally-stub'")
        }
        for participant in participants {
            ospf.interfaces.append(circuit(participant, site))
        }
        ospf.shamLinks = fields.items("sham-links").compactMap {
            shamLink(Fields($0), site, area)
        }
        nodes[site.index].node.ospf.append(ospf)
    }

    /// The areas that a key lists.
    private mutating func areas(_ key: String, _ fields: Fields) -> [IPv4Address] {
        fields.items(key).compactMap { item in
            let area = item.text.flatMap { OSPF.area($0) }
            if area == IPv4Address(bits: 0) {
                report(item.place, "the backbone, area 0, cannot be a stub area")
            }
            return area
        }
    }

    private func area(_ site: Site) -> IPv4Address {
        site.fields.text("area").flatMap(OSPF.area) ?? IPv4Address(bits: 0)
    }

    private mutating func circuit(_ participant: Participant, _ site: Site) -> OSPF.Circuit {
        let segment = participant.segment
        let own = segment.fields[site.kind.rawValue] ?? YAMLNode(place: segment.place)
        let fields = Fields(own, fallbacks: [site.fields.node] + site.fields.fallbacks)
        let hello = time("hello-interval", of: fields, 10, in: 1...65535)
        let standard = max(hello.nanoseconds / 1_000_000_000, 1) * 4
        let dead = time("dead-interval", of: fields, standard, in: 1...Int64(UInt16.max))
        if dead <= hello {
            report(
                place(of: "dead-interval", in: fields),
                "'dead-interval' of \(dead.text) is no longer than 'hello-interval' of "
                    + hello.text)
        }
        let inCore = isCore(segment)
        return OSPF.Circuit(
            interface: Self.interfaceName(segment, participant.end),
            area: area(of: participant, site),
            type: fields.text("type").flatMap(CircuitType.init)
                ?? (segment.isLAN ? .broadcast : .pointToPoint),
            cost: cost(segment, Fields(own)), isPassive: participant.isPassive,
            priority: site.fields.number("priority") ?? 1, helloInterval: hello,
            deadInterval: dead,
            authentication: site.kind == .ospf ? authentication(fields, .ospf) : nil,
            bfd: participant.isPassive
                ? nil : inCore ? coreBFD(segment) : bfd(segment.fields["bfd"]),
            awaitsLDP: !participant.isPassive && isLabelled(segment) && synchronizes)
    }

    /// RFC 2328 §A.4.2: 16 bits.
    private mutating func cost(_ segment: Segment, _ own: Fields) -> UInt16 {
        if let cost: UInt16 = own.number("cost") { return cost }
        if let cost = UInt16(exactly: segment.metric) { return cost }
        if let place = segment.metricPlace {
            report(place, "a cost of OSPF is 1 to 65535, not \(segment.metric)")
        }
        return UInt16.max
    }

    /// What the link says; else what the node does. Reports ends that differ in it.
    private mutating func area(of participant: Participant, _ site: Site) -> IPv4Address {
        let segment = participant.segment
        let own = segment.fields[site.kind.rawValue].flatMap { Fields($0).text("area") }
        if let area = own.flatMap(OSPF.area) { return area }
        let area = area(site)
        guard !participant.isPassive else { return area }
        for end in segment.ends {
            guard let other = self.site(site.kind, end.node, end.vrf), self.area(other) != area
            else { continue }
            report(
                segment.place,
                "the ends of \(segment.title) are in different areas of \(site.kind.title); say "
                    + "which with '\(site.kind.rawValue): {area: …}'")
            break
        }
        return area
    }

    private mutating func shamLink(
        _ fields: Fields, _ site: Site, _ area: IPv4Address
    ) -> OSPF.ShamLink? {
        let family = site.kind.family
        let name = nodes[site.index].name
        let own = site.vrf.flatMap(nodes[site.index].node.vrf)?.loopbacks ?? []
        let given: IPAddress? = fields.value("local")
        if let given, !own.contains(given) {
            report(
                place(of: "local", in: fields),
                "\(given) is no loopback of \(name) in the VRF \(site.vrf ?? "")")
            return nil
        }
        guard let local = given ?? own.first(where: { $0.family == family }) else {
            report(
                fields.node.place,
                "a sham link of \(site.kind.title) needs a loopback in the VRF, of its family")
            return nil
        }
        guard let remote = shamRemote(fields, site), remote.family == local.family else {
            return nil
        }
        return OSPF.ShamLink(
            local: local, remote: remote, area: area, cost: fields.number("cost") ?? 1)
    }

    /// The remote end's loopback in its VRF of the same name.
    private mutating func shamRemote(_ fields: Fields, _ site: Site) -> IPAddress? {
        guard let value = fields["remote"], let text = value.text else { return nil }
        if let address = IPAddress(text) { return address }
        guard let other = node(text, at: value.place) else { return nil }
        let loopbacks = site.vrf.flatMap(nodes[other].node.vrf)?.loopbacks ?? []
        if other == site.index {
            report(value.place, "\(text) cannot have a sham link with itself")
            return nil
        }
        let found = loopbacks.first { $0.family == site.kind.family }
        if found == nil, nodes[other].isCertain {
            report(
                value.place,
                "\(text) has no loopback in a VRF \(site.vrf ?? "") that a sham link could end at")
        }
        return found
    }
}
