// SPDX-License-Identifier: Apache-2.0

import Primitives

/// IS-IS of the core.
extension Resolver {
    mutating func resolveISIS(_ index: Int) {
        guard igp == .isis, let area = area(index) else { return }
        let core = coreFields["isis"].map { Fields($0) } ?? Fields(YAMLNode(place: file.node.place))
        let fields = isisFields(index)
        let draft = nodes[index]
        var isis = ISIS(
            level: level(index), area: area,
            systemID: fields.value("system-id") ?? SystemID(routerID: draft.node.routerID),
            authentication: authentication(core, .isis),
            lspLifetime: time("lsp-lifetime", of: core, 1200, in: 60...65535),
            overloadOnStart: time("overload-on-start", of: core, 0, in: 0...86400),
            isOverloaded: fields.flag("overload") ?? false, spf: spf(core),
            hasIPv6: core.flag("ipv6") ?? hasIPv6Core, interfaces: [])
        for attachment in draft.attachments {
            if let circuit = circuit(attachment, of: index) { isis.interfaces.append(circuit) }
        }
        nodes[index].node.isis = isis
    }

    /// Whether any provider has IPv6 on its links.
    private var hasIPv6Core: Bool {
        nodes.contains { draft in
            draft.node.interfaces.contains {
                $0.isCore && $0.addresses.contains { $0.address.family == .ipv6 }
            }
        }
    }

    private func isisFields(_ index: Int) -> Fields {
        Fields(
            nodes[index].fields["isis"] ?? YAMLNode(place: nodes[index].node.place),
            fallbacks: coreFields["isis"].map { [$0] } ?? [])
    }

    private func level(_ index: Int) -> ISIS.Level {
        isisFields(index).text("level").flatMap(ISIS.Level.init) ?? .two
    }

    private func area(_ index: Int) -> AreaAddress? { isisFields(index).value("area") ?? .standard }

    private mutating func circuit(
        _ attachment: NodeDraft.Attachment, of index: Int
    ) -> ISIS.Circuit? {
        let segment = segments[attachment.segment]
        let end = segment.ends[attachment.end]
        let own = segment.fields["isis"]
        guard end.vrf == nil, own?.text != "none" || own?.isNull == true else { return nil }
        let fields = Fields(
            own ?? YAMLNode(place: segment.place), fallbacks: isisFields(index).fallbacks)
        let isPassive = fields.flag("passive") ?? false
        guard isCore(segment) || isPassive else { return nil }
        let type = fields.text("type").flatMap(CircuitType.init)
        return ISIS.Circuit(
            interface: Self.interfaceName(segment, end),
            level: isPassive ? level(index) : level(of: segment, index, own),
            type: type ?? (segment.isLAN ? .broadcast : .pointToPoint), metric: segment.metric,
            isPassive: isPassive, priority: isisFields(index).number("priority") ?? 64,
            helloInterval: milliseconds(
                "hello-interval", of: fields, .seconds(3),
                in: .milliseconds(100)...Duration.seconds(3600)),
            holdMultiplier: fields.number("hold-multiplier") ?? 3,
            authentication: authentication(fields, .isis),
            bfd: isPassive ? nil : coreBFD(segment),
            awaitsLDP: !isPassive && isLabelled(segment) && synchronizes)
    }

    /// Whether links wait for LDP (RFC 5443).
    var synchronizes: Bool {
        hasLDP && coreFields["ldp"].flatMap { Fields($0).flag("synchronization") } ?? true
    }

    /// What the ends have in common, or of that what the link says. Reports ends that could never
    /// be neighbors.
    private mutating func level(of segment: Segment, _ index: Int, _ own: YAMLNode?) -> ISIS.Level {
        let given = own.flatMap { Fields($0).text("level") }.flatMap(ISIS.Level.init)
        var level = given ?? .both
        for end in segment.ends {
            guard let common = level.common(self.level(end.node)) else {
                let name = nodes[end.node].name
                let place = own.map { Fields($0)["level"]?.place ?? $0.place } ?? segment.place
                report(
                    place,
                    given == nil
                        ? "the ends of \(segment.title) have no level of IS-IS in common"
                        : "\(name) takes no part in level \(level.rawValue) of IS-IS")
                return level
            }
            level = common
        }
        // ISO 10589 §8.4.2: neighbors of level 1 are in one area.
        let areas = Set(segment.ends.map { area($0.node) })
        guard areas.count > 1 else { return level }
        if level == .one {
            report(
                segment.place,
                "the ends of \(segment.title) are in different areas, and so no neighbors in level "
                    + "1 of IS-IS")
        }
        return level == .both ? .two : level
    }

    mutating func checkSystemIDs() {
        var owners: [SystemID: Int] = [:]
        for (index, draft) in nodes.enumerated() where draft.isCertain {
            guard let isis = draft.node.isis else { continue }
            guard let owner = owners.updateValue(index, forKey: isis.systemID) else { continue }
            report(
                isisFields(index)["system-id"]?.place ?? draft.node.place,
                "\(draft.name) has the system identifier of \(nodes[owner].name)")
        }
    }
}

extension AreaAddress {
    /// Of a core that says none.
    fileprivate static let standard = AreaAddress("49.0001")
}
