// SPDX-License-Identifier: Apache-2.0

import Primitives

/// What kind of core the provider has, and what runs in one that signals itself.
extension Resolver {
    /// What the file says of the core; nothing where it says only the mode.
    var coreFields: Fields {
        if let core = file["core"], core.isMapping { return Fields(core) }
        return Fields(YAMLNode(place: file["core"]?.place ?? file.node.place))
    }

    var coreMode: Core.Mode {
        let given = file["core"].flatMap { $0.text ?? coreFields.text("mode") }
        if let mode = given.flatMap(Core.Mode.init) { return mode }
        return Self.protocolKeys.contains { coreFields[$0] != nil } ? .signalled : .static
    }

    /// Keys of the core that only a signalled one has.
    static let protocolKeys = ["igp", "isis", "ospf", "ldp", "bfd"]

    var igp: Core.IGP? {
        guard coreMode == .signalled else { return nil }
        let implied = coreFields["ospf"] == nil ? Core.IGP.isis : .ospf
        return coreFields.text("igp").flatMap(Core.IGP.init) ?? implied
    }

    var hasLDP: Bool { coreMode == .signalled && coreFields.text("ldp") != "none" }

    var hasLabels: Bool { coreMode == .static || hasLDP }

    /// A link between nodes of one provider, outside of VRFs; or a LAN, where an IGP runs.
    func isCore(_ segment: Segment) -> Bool {
        guard isBetweenProviderNodes(segment), !segment.isLAN || coreMode == .signalled
        else { return false }
        return segment.fields.flag("core") ?? !isBetweenProviders(segment)
    }

    private func isBetweenProviderNodes(_ segment: Segment) -> Bool {
        segment.ends.count >= 2
            && segment.ends.allSatisfy { nodes[$0.node].node.role.isProvider && $0.vrf == nil }
    }

    private func isBetweenProviders(_ segment: Segment) -> Bool {
        Set(segment.ends.compactMap { nodes[$0.node].autonomousSystem }).count > 1
    }

    func isLabelled(_ segment: Segment) -> Bool {
        isCore(segment) && hasLabels && segment.fields.text("ldp") != "none"
    }

    mutating func resolveCoreProtocols() {
        checkCoreProtocols()
        for index in nodes.indices { checkNodeKeys(index) }
        for index in nodes.indices where nodes[index].node.role.isProvider {
            resolveISIS(index)
            resolveLDP(index)
        }
        checkSystemIDs()
    }

    private mutating func checkCoreProtocols() {
        let mode = coreMode
        for pair in coreFields.node.pairs where Self.protocolKeys.contains(pair.key) {
            if mode != .signalled {
                report(
                    pair.keyPlace, "'\(pair.key)' does nothing in a core in mode \(mode.rawValue)")
            } else if let igp, Core.IGP(rawValue: pair.key) ?? igp != igp {
                report(pair.keyPlace, "'\(pair.key)' does nothing: the IGP is \(igp.rawValue)")
            }
        }
        for key in ["isis", "ospf"] {
            _ = coreFields[key].map { spf(Fields($0)) }
        }
    }

    /// What a node says of protocols of the core that it does not run.
    private mutating func checkNodeKeys(_ index: Int) {
        let draft = nodes[index]
        guard draft.node.role.isProvider else { return }
        let runs = ["isis": igp == .isis, "ospf": igp == .ospf, "ldp": hasLDP]
        for pair in draft.fields.node.pairs where runs[pair.key] == false {
            report(pair.keyPlace, "'\(pair.key)' does nothing: the core runs \(coreText)")
        }
    }

    /// "IS-IS and LDP".
    private var coreText: String {
        guard let igp else { return "no protocols in mode \(coreMode.rawValue)" }
        return (igp == .isis ? "IS-IS" : "OSPF") + (hasLDP ? " and LDP" : " alone")
    }

    /// What a link or LAN says of protocols of the core that do not run there.
    mutating func checkCoreKeys(_ segment: Segment) {
        if let core = segment.fields["core"], !isBetweenProviderNodes(segment) {
            report(
                core.place, "'core' is for links between provider nodes, outside of VRFs")
        }
        if let place = keyPlace("ldp", in: segment.fields), !(hasLDP && isCore(segment)) {
            report(place, "'ldp' does nothing here: LDP does not run on \(segment.title)")
        }
        if let place = keyPlace("isis", in: segment.fields), !takesISIS(segment) {
            report(place, "'isis' does nothing here: IS-IS does not run on \(segment.title)")
        }
    }

    /// Whether IS-IS has neighbors on a segment, or may tell of it.
    private func takesISIS(_ segment: Segment) -> Bool {
        guard igp == .isis else { return false }
        let isPassive = segment.fields["isis"].map { Fields($0).flag("passive") == true } ?? false
        return isCore(segment)
            || isPassive
                && segment.ends.contains {
                    nodes[$0.node].node.role.isProvider && $0.vrf == nil
                }
    }

    /// BFD of the IGP's neighbors on a core segment.
    mutating func coreBFD(_ segment: Segment) -> BFD? {
        bfd(segment.fields["bfd"] ?? coreFields["bfd"])
    }

    // MARK: LDP

    private mutating func resolveLDP(_ index: Int) {
        guard hasLDP else { return }
        let draft = nodes[index]
        guard let address = draft.node.tunnelSource else {
            if draft.isCertain {
                report(draft.node.place, "\(draft.name) needs an IPv4 loopback, LDP's address")
            }
            return
        }
        let core = coreFields["ldp"].map { [$0] } ?? []
        let own = draft.fields["ldp"] ?? YAMLNode(place: draft.node.place)
        let fields = Fields(own, fallbacks: core)
        let hello = time("hello-interval", of: fields, 5, in: 1...65535)
        nodes[index].node.ldp = LDP(
            transportAddress: address,
            interfaces: draft.node.interfaces.filter(\.isLabelled).map(\.name),
            password: fields.text("password"),
            isSynchronized: fields.flag("synchronization") ?? true,
            tracksMetric: fields.flag("track-igp-metric") ?? true, helloInterval: hello,
            helloHoldTime: time("hello-hold-time", of: fields, 15, in: 2...65534),
            keepalive: time("keepalive", of: fields, 30, in: 3...65535),
            isExplicitNull: fields.flag("explicit-null") ?? false, targeted: targeted(index))
        checkLonger("hello-hold-time", than: "hello-interval", fields, (15, 5))
    }

    /// Those that the node names, and those that name it.
    private mutating func targeted(_ index: Int) -> [IPv4Address] {
        let own = (nodes[index].fields["ldp"].map { Fields($0).items("targeted") } ?? [])
            .compactMap { targetedPeer($0, of: index) }
        let others = nodes.indices.filter { other in
            let items = nodes[other].fields["ldp"].map { Fields($0).items("targeted") } ?? []
            return items.contains { $0.text == nodes[index].name }
        }
        return Set(own + others).sorted().compactMap { nodes[$0].node.tunnelSource }
    }

    private mutating func targetedPeer(_ value: YAMLNode, of index: Int) -> Int? {
        guard let name = value.text, let other = node(name, at: value.place) else { return nil }
        if other == index {
            report(value.place, "\(name) cannot have a session with itself")
        } else if !nodes[other].node.role.isProvider {
            let role = nodes[other].node.role.withArticle
            report(value.place, "\(name) is \(role), and runs no LDP")
        } else {
            return other
        }
        return nil
    }
}
