// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// The router's own link state packets.
extension ISISInstance {
    /// How long a packet is to be silent that came to its last number: until nobody can have the
    /// last one any more.
    private var exhaustion: Duration { configuration.lifetime + Self.zeroAge }

    /// Makes the packets anew if something that they tell has changed and it is time.
    mutating func originateIfDue(_ level: ISISLevel, _ step: inout ProtocolStep) {
        guard levels[level].isStale else { return }
        // A lost neighbor is told of at once; paths are what is put off in a storm.
        let due =
            levels[level].hasLostNeighbor
            ? step.now : levels[level].generation.trigger(at: step.now)
        guard due <= step.now else {
            return arm(ISISTimer(.originate, level), noLaterThan: due, &step)
        }
        levels[level].isStale = false
        levels[level].generation.ran(at: step.now)
        cancel(ISISTimer(.originate, level), &step)
        let wanted = wanted(level)
        for id in wanted.keys.sorted() {
            if let content = wanted[id] { issueIfChanged(id, content, level, &step) }
        }
        // Pieces of a content that has become smaller, and LANs that another now stands for.
        for entry in ownEntries(level) where wanted[entry.packet.id] == nil {
            purgeOwn(entry.packet.id, level, &step)
        }
    }

    /// What one packet says.
    struct Content: Hashable {
        var flags: ISISLinkState.Flags
        var tlvs: [ISISTLV]
    }

    private func ownEntries(_ level: ISISLevel) -> [ISISDatabase.Entry] {
        let first = LSPID(ISISNodeID(system))
        let last = LSPID(ISISNodeID(system, pseudonode: 255), fragment: 255)
        return levels[level].database.entries(in: first...last)
    }

    /// All that the router has to tell at a level.
    private func wanted(_ level: ISISLevel) -> [LSPID: Content] {
        var wanted: [LSPID: Content] = [:]
        let room = min(
            ISISPacket.linkStateOctetsMax,
            circuits.filter { !$0.configuration.isPassive }.map(\.octetsMax).min() ?? .max)
        var fragments = ISISFragments(room: room - 27 - authenticationOctets(level))
        add(level, to: &fragments)
        let flags = flags(level)
        for (number, tlvs) in fragments.fragments.prefix(ISISFragments.fragmentsMax).enumerated() {
            let id = LSPID(ISISNodeID(system), fragment: UInt8(number))
            wanted[id] = Content(flags: flags, tlvs: tlvs)
        }
        for position in circuits.indices where isDesignated(position, level) {
            addPseudonode(position, level, room: room, to: &wanted)
        }
        return wanted
    }

    private func authenticationOctets(_ level: ISISLevel) -> Int {
        guard let key = levels[level].key else { return 0 }
        switch key {
        case .clearText(let password): return ISISTLV.headerOctets + 1 + password.count
        case .hmacMD5: return ISISTLV.headerOctets + 17
        case .keyed(let algorithm, _, _): return ISISTLV.headerOctets + 3 + algorithm.octetCount
        }
    }

    private func flags(_ level: ISISLevel) -> ISISLinkState.Flags {
        var flags: ISISLinkState.Flags =
            configuration.levels == .level1 ? .levelOne : .levelTwo
        if isOverloaded { flags.insert(.overload) }
        if level == .one, isAttached { flags.insert(.attached) }
        return flags
    }

    /// Reaches other areas, so that routers of this one may send it what they know no way to (ISO
    /// 10589 §7.2.9.2).
    private var isAttached: Bool {
        guard configuration.levels == .both else { return false }
        return levels[.two].paths.reachedAreas.contains { !configuration.areas.contains($0) }
    }

    private func add(_ level: ISISLevel, to fragments: inout ISISFragments) {
        let families = configuration.families.sorted()
        let areas = configuration.areas.sorted()
        fragments.add(
            .areaAddresses(areas), octets: areas.reduce(0) { $0 + 1 + $1.octets.count })
        fragments.add(
            .protocols(families.map(ISISTLV.protocolNumber)), octets: families.count)
        let name = String(decoding: configuration.hostname.utf8.prefix(255), as: UTF8.self)
        if !name.isEmpty { fragments.add(.hostname(name), octets: name.utf8.count) }
        if families.contains(.ipv4) {
            fragments.add(.ipv4Addresses([configuration.routerID]), octets: 4)
            fragments.add(.routerID(configuration.routerID), octets: 4)
        }
        fragments.add(neighbors(level), octets: \.octetCount) { .neighbors($0) }
        let prefixes = prefixes(level)
        fragments.add(prefixes.filter { $0.prefix.family == .ipv4 }, octets: \.octetCount) {
            .ipv4Prefixes($0)
        }
        fragments.add(prefixes.filter { $0.prefix.family == .ipv6 }, octets: \.octetCount) {
            .ipv6Prefixes($0)
        }
    }

    /// Adjacencies, and LANs with a designated router.
    private func neighbors(_ level: ISISLevel) -> [ISISReachedNode] {
        circuits.flatMap { circuit -> [ISISReachedNode] in
            if circuit.configuration.isPointToPoint {
                return circuit.adjacencies.filter { $0.isUp(level) }.map {
                    ISISReachedNode(ISISNodeID($0.system), metric: circuit.metric)
                }
            }
            guard let lanID = circuit.lanIDs[level] else { return [] }
            return [ISISReachedNode(lanID, metric: circuit.metric)]
        }
    }

    /// Subnets of the circuits that are up, what other sources know, and at level 2 what level 1
    /// reaches (RFC 1195 §3.2).
    private func prefixes(_ level: ISISLevel) -> [ISISPrefix] {
        var metrics = ownPrefixes(level)
        for (prefix, metric) in redistributed where metrics[prefix] == nil {
            metrics[prefix] = metric
        }
        let own = Set(metrics.keys)
        if level == .two, configuration.levels == .both {
            for (prefix, route) in levels[.one].paths.routes
            where !own.contains(prefix) && !route.isDefault && !route.isDown {
                metrics[prefix] = route.metric
            }
        }
        return metrics.keys.sorted().compactMap { prefix in
            metrics[prefix].map {
                ISISPrefix(prefix, metric: $0, isExternal: isExternal(prefix, level))
            }
        }
    }

    private func isExternal(_ prefix: IPPrefix, _ level: ISISLevel) -> Bool {
        prefix.family == .ipv6 && redistributed[prefix] != nil && ownPrefixes(level)[prefix] == nil
    }

    /// The subnets of circuits that are up, with their metrics.
    func ownPrefixes(_ level: ISISLevel) -> [IPPrefix: UInt32] {
        var metrics: [IPPrefix: UInt32] = [:]
        for circuit in circuits where circuit.isUp && circuit.levels.contains(level) {
            for address in circuit.configuration.addresses
            where configuration.families.contains(address.prefix.family)
                && !address.address.isLinkLocal
            {
                metrics[address.prefix] = min(
                    metrics[address.prefix] ?? .max, circuit.configuration.metric)
            }
        }
        return metrics
    }

    /// A LAN that this router stands for tells who is on it (ISO 10589 §7.2.3).
    private func addPseudonode(
        _ position: Int, _ level: ISISLevel, room: Int, to wanted: inout [LSPID: Content]
    ) {
        guard let lanID = circuits[position].lanIDs[level] else { return }
        var fragments = ISISFragments(room: room - 27 - authenticationOctets(level))
        let neighbors = circuits[position].adjacencies.filter { $0.isUp(level) }.map(\.system)
        let members = Set(neighbors + [system]).sorted().map {
            ISISReachedNode(ISISNodeID($0), metric: 0)
        }
        fragments.add(members, octets: \.octetCount) { .neighbors($0) }
        let flags: ISISLinkState.Flags =
            configuration.levels == .level1 ? .levelOne : .levelTwo
        for (number, tlvs) in fragments.fragments.enumerated() {
            wanted[LSPID(lanID, fragment: UInt8(number))] = Content(flags: flags, tlvs: tlvs)
        }
    }

    // MARK: Issuing

    private mutating func issueIfChanged(
        _ id: LSPID, _ content: Content, _ level: ISISLevel, _ step: inout ProtocolStep
    ) {
        let known = levels[level].database[id]
        let isAbove = levels[level].outrun[id].map { $0 < known?.packet.sequence ?? 0 } ?? true
        if let known, !known.isPurged, isAbove, levels[level].issued[id] != nil,
            known.packet.tlvs.filter({ $0.type != 10 }) == content.tlvs,
            known.packet.flags == content.flags
        {
            return
        }
        issue(id, content, level, &step)
    }

    private mutating func issue(
        _ id: LSPID, _ content: Content, _ level: ISISLevel, _ step: inout ProtocolStep
    ) {
        if let until = levels[level].exhausted[id] {
            guard until <= step.now else { return }
            levels[level].exhausted[id] = nil
            levels[level].outrun[id] = nil
            levels[level].database.remove(id)
        }
        let last = max(
            levels[level].database[id]?.packet.sequence ?? 0, levels[level].outrun[id] ?? 0)
        guard last < .max else { return exhaust(id, content, level, &step) }
        let lsp = ISISLinkState(
            level: level, lifetime: lifetime, id: id, sequence: last + 1, flags: content.flags,
            tlvs: content.tlvs)
        guard let octets = try? ISISPacket.linkState(lsp).encoded(key: levels[level].key) else {
            return
        }
        store(lsp, octets, level, &step)
        setFlags(id, level)
        levels[level].outrun[id] = nil
        levels[level].issued[id] = step.now
        // Not all routers at one moment (maximumLSPGenerationInterval, ISO 10589 §7.3.6).
        let age = jitter.shorten(configuration.lifetime * 3 / 4, byUpTo: 25)
        arm(ISISTimer(.refresh, level), noLaterThan: step.now + age, &step)
    }

    private var lifetime: UInt16 {
        UInt16(clamping: max(1, configuration.lifetime.nanoseconds / 1_000_000_000))
    }

    /// A packet that has had the last number is withdrawn until nobody has it any more (ISO 10589
    /// §7.3.16.1).
    private mutating func exhaust(
        _ id: LSPID, _ content: Content, _ level: ISISLevel, _ step: inout ProtocolStep
    ) {
        let lsp = ISISLinkState(
            level: level, lifetime: 0, id: id, sequence: .max, flags: content.flags)
        guard let octets = try? ISISPacket.linkState(lsp).encoded(key: levels[level].key) else {
            return
        }
        store(lsp, octets, level, &step)
        setFlags(id, level)
        let until = step.now + exhaustion
        levels[level].exhausted[id] = until
        arm(ISISTimer(.refresh, level), noLaterThan: until, &step)
    }

    /// Withdraws a packet of this router.
    private mutating func purgeOwn(
        _ id: LSPID, _ level: ISISLevel, _ step: inout ProtocolStep
    ) {
        levels[level].issued[id] = nil
        levels[level].outrun[id] = nil
        purge(id, level, &step)
    }

    /// Withdraws all of them.
    mutating func purgeAll(_ level: ISISLevel, _ step: inout ProtocolStep) {
        for entry in ownEntries(level) { purgeOwn(entry.packet.id, level, &step) }
    }

    /// Issues those again that grow old.
    mutating func refresh(_ level: ISISLevel, _ step: inout ProtocolStep) {
        var next: Instant?
        for id in levels[level].issued.keys.sorted() {
            guard let issued = levels[level].issued[id],
                let entry = levels[level].database[id], !entry.isPurged
            else { continue }
            // The timer is for the first one, and comes a quarter before their time at most.
            if issued + configuration.lifetime / 2 <= step.now {
                let content = Content(
                    flags: entry.packet.flags, tlvs: entry.packet.tlvs.filter { $0.type != 10 })
                issue(id, content, level, &step)
            } else {
                let due = issued + configuration.lifetime * 3 / 4
                next = min(next ?? due, due)
            }
        }
        if let next { arm(ISISTimer(.refresh, level), noLaterThan: next, &step) }
        if levels[level].exhausted.values.contains(where: { $0 <= step.now }) {
            levels[level].isStale = true
        } else if let until = levels[level].exhausted.values.min() {
            arm(ISISTimer(.refresh, level), noLaterThan: until, &step)
        }
    }
}
