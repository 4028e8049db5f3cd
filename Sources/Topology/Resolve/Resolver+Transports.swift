// SPDX-License-Identifier: Apache-2.0

import Primitives

/// The core, transports and IPsec profiles.
extension Resolver {
    /// What the file says of them by itself; what takes nodes comes later.
    mutating func resolveTransports() {
        for pair in file.pairs("ipsec") { resolveProfile(pair) }
        for pair in file.pairs("transports") {
            if pair.key == Transport.mpls {
                report(pair.keyPlace, "the transport '\(pair.key)' is always defined")
            }
            transportNames.append(pair.key)
            resolveTransport(pair)
        }
    }

    private mutating func resolveProfile(_ pair: YAMLPair) {
        let fields = Fields(pair.value)
        let keying = fields.text("keying").flatMap(IPsecProfile.Keying.init) ?? .manual
        for key in ["rekey-time", "dead-peer-delay"] {
            guard let value = fields[key], let time = fields.duration(key) else { continue }
            if keying == .manual {
                report(value.place, "'\(key)' needs 'keying: ike'")
            } else if time < .seconds(1) || time != .seconds(time.nanoseconds / 1_000_000_000) {
                report(value.place, "'\(key)' counts whole seconds, not \(time.text)")
            }
        }
        let secrets = fields.pairs("secrets").compactMap { pair in
            pair.value.text.map { (pair.key, $0) }
        }
        ipsecProfiles.append(
            IPsecProfile(
                name: pair.key, keying: keying,
                mode: fields.text("mode").flatMap(IPsecMode.init) ?? .transport,
                cipher: fields.text("cipher").flatMap(ESPCipher.init) ?? .aesGCM128,
                rekeyTime: fields.duration("rekey-time"),
                deadPeerDelay: fields.duration("dead-peer-delay") ?? .seconds(2),
                secret: fields.text("secret"),
                secrets: Dictionary(secrets, uniquingKeysWith: { first, _ in first }),
                place: pair.keyPlace))
    }

    private mutating func resolveTransport(_ pair: YAMLPair) {
        let fields = Fields(pair.value)
        if let value = fields["ipsec"], let name = value.text,
            !ipsecProfiles.contains(where: { $0.name == name })
        {
            let hint = Suggestion.text(for: name, among: ipsecProfiles.map(\.name))
            report(value.place, "no IPsec profile '\(name.shortened)'\(hint)")
        }
        guard
            let encapsulation = fields.text("encapsulation").flatMap(Transport.Encapsulation.init)
        else { return }
        transports.append(
            Transport(
                name: pair.key, encapsulation: encapsulation, key: fields.number("key"),
                ttl: fields.number("ttl") ?? 64, mtu: fields.number("mtu"),
                ipsec: fields.text("ipsec"), isAdvertised: fields.flag("advertise") ?? false,
                place: pair.keyPlace))
    }

    /// A transport's name; reports one that no transport has, and label switched paths where the
    /// core has none.
    mutating func transport(_ fields: Fields) -> String? {
        guard let value = fields["transport"], let name = value.text else { return nil }
        if name == Transport.mpls, !hasLabels {
            let why = coreMode == .signalled ? "without LDP" : "in mode \(coreMode.rawValue)"
            report(value.place, "the core has no label switched paths \(why)")
        } else if name != Transport.mpls, !transportNames.contains(name) {
            let hint = Suggestion.text(for: name, among: transportNames + [Transport.mpls])
            report(value.place, "no transport '\(name.shortened)'\(hint)")
        }
        return name
    }

    mutating func core() -> Core {
        let fields = coreFields
        let given = transport(fields)
        return Core(
            mode: coreMode, igp: igp, hasLabels: hasLabels,
            labelBase: fields.value("label-base") ?? Label(1000),
            transport: given ?? defaultTransport(fields.node.place), pairs: pairs(fields))
    }

    /// Label switched paths; or in a core of plain IP, the only transport there is.
    private mutating func defaultTransport(_ place: Place) -> String {
        guard coreMode != .none, !hasLabels else { return Transport.mpls }
        if transportNames.count == 1 { return transportNames[0] }
        if nodes.contains(where: { !$0.vrfNames.isEmpty }) {
            let names = transportNames.joined(separator: ", ")
            let core = coreMode == .ip ? "a core in mode ip" : "a core without LDP"
            report(
                place,
                names.isEmpty
                    ? "VPNs over \(core) need 'transports'"
                    : "\(core) needs 'transport', one of \(names)")
        }
        return Transport.mpls
    }

    private mutating func pairs(_ fields: Fields) -> [TransportPair] {
        var seen: Set<Set<Int>> = []
        return (fields["pairs"]?.elements ?? []).compactMap { element in
            let pair = Fields(element)
            let transport = transport(pair)
            let ends = (pair["endpoints"]?.elements ?? []).compactMap { providerEdge($0) }
            guard let transport, ends.count == 2 else { return nil }
            let (a, b) = (nodes[ends[0]].name, nodes[ends[1]].name)
            if a == b {
                report(element.place, "a pair is two provider edges, not \(a) twice")
            } else if !seen.insert(Set(ends)).inserted {
                report(element.place, "\(a) and \(b) are a pair already")
            }
            return TransportPair(a: a, b: b, transport: transport)
        }
    }

    private mutating func providerEdge(_ value: YAMLNode) -> Int? {
        guard let name = value.text, let index = node(name, at: value.place) else { return nil }
        let role = nodes[index].node.role
        if role == .pe { return index }
        report(value.place, "a pair is two provider edges; \(name) is \(role.withArticle)")
        return nil
    }
}

/// What cannot be of transports and nodes taken together.
extension Resolver {
    mutating func checkTransports() {
        for pair in file.pairs("ipsec").flatMap({ Fields($0.value).pairs("secrets") }) {
            _ = node(pair.key, at: pair.keyPlace)
        }
        for pair in file.pairs("transports") { checkMTU(pair) }
        var seen: Set<[String]> = []
        for draft in nodes where draft.isCertain {
            let own = reach.transports(of: draft.name)
            if let first = own.first, draft.node.tunnelSource == nil {
                report(
                    draft.node.place,
                    "\(draft.name) needs an IPv4 loopback, the source of its tunnels "
                        + "('\(first.name)')")
            }
            for (index, second) in own.enumerated() {
                for first in own[..<index] where !seen.contains([first.name, second.name]) {
                    guard let problem = conflict(first, second, draft.name) else { continue }
                    seen.insert([first.name, second.name])
                    report(second.place, problem)
                }
            }
        }
    }

    /// A tunnel that takes more than the core carries would lose the packets in silence: nobody
    /// answers for one that is too big and labelled.
    private mutating func checkMTU(_ pair: YAMLPair) {
        guard let value = Fields(pair.value)["mtu"], nodes.allSatisfy(\.isCertain),
            let transport = transports.first(where: { $0.name == pair.key }),
            let mtu = transport.mtu
        else { return }
        let path = TunnelMTU.path(nodes.map(\.node))
        let profile = ipsecProfiles.first { $0.name == transport.ipsec }
        let most = TunnelMTU.link(path: path, transport, profile)
        guard mtu > most else { return }
        report(value.place, "core links of \(path) octets leave \(most) to '\(pair.key)'")
    }

    /// Why a node cannot have both.
    private func conflict(
        _ first: Transport, _ second: Transport, _ node: String
    ) -> String? {
        let peers = Set(reach.peers(of: node, by: first.name))
        let shared = reach.peers(of: node, by: second.name).first { peers.contains($0) }
        let areMultipoint = first.encapsulation == .mgre && second.encapsulation == .mgre
        guard shared != nil || areMultipoint else { return nil }
        if first.key == second.key {
            let key = first.key.map { "the key \($0)" } ?? "no key"
            let place = areMultipoint ? "on \(node)" : "between \(node) and \(shared ?? node)"
            return "'\(second.name)' and '\(first.name)' have \(key) \(place): "
                + "the kernel cannot tell their packets apart"
        }
        guard let shared else { return nil }
        for (protected, other) in [(first, second), (second, first)] {
            guard let profile = ipsecProfiles.first(where: { $0.name == protected.ipsec })
            else { continue }
            if profile.keying == .ike {
                return "IKE protects all GRE between \(node) and \(shared) for "
                    + "'\(protected.name)', so '\(other.name)' cannot stand beside it"
            }
            if protected.key == nil {
                return "'\(protected.name)' needs a key: its IPsec would take the packets of "
                    + "'\(other.name)' between \(node) and \(shared) too"
            }
        }
        return nil
    }
}
