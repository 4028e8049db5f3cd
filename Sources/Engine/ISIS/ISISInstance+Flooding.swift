// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

extension ISISInstance {
    /// Between two accounts of the database that a designated router gives (ISO 10589 §7.3.15.4).
    static let csnpInterval: Duration = .seconds(10)
    /// After which an LSP that a point-to-point neighbor did not acknowledge is sent once more
    /// (minimumLSPTransmissionInterval).
    static let retransmitInterval: Duration = .seconds(5)
    /// For how long acknowledgements are collected.
    static let acknowledgeDelay: Duration = .milliseconds(100)
    /// How many LSPs leave a circuit at once, and how long the next then wait: what the socket of a
    /// neighbor holds.
    static let burst = 50
    static let burstInterval: Duration = .milliseconds(20)
    /// How long a purge is remembered (ZeroAgeLifetime).
    static let zeroAge: Duration = .seconds(60)

    // MARK: Link state packets

    /// Takes an LSP from a neighbor (ISO 10589 §7.3.15.1).
    mutating func take(
        _ lsp: ISISLinkState, _ octets: [UInt8], from source: MACAddress, on position: Int,
        _ step: inout ProtocolStep
    ) {
        let level = lsp.level
        // Who takes this router for up before it does sends in vain; it will send again.
        guard isNeighbor(source, on: position, level) else { return }
        guard levels[level].key?.verifies(octets) ?? true else {
            return reject("authentication of LSP \(lsp.id)", on: position)
        }
        let known = levels[level].database[lsp.id]
        let entry = LSPEntry(
            lifetime: lsp.lifetime, id: lsp.id, sequence: lsp.sequence,
            checksum: ISISLinkState.checksum(of: octets))
        let age =
            known.map { ISISAge(of: entry, against: $0.summary(at: step.now)) }
            ?? (lsp.lifetime == 0 ? .same : .newer)
        if lsp.id.node.system == system, age == .newer || age == .conflicting {
            return outrun(lsp, octets, entry, on: position, &step)
        }
        switch age {
        case .newer: takeNewer(lsp, octets, entry, on: position, &step)
        case .same:
            circuits[position].flooding[level].clear(lsp.id)
            acknowledge(entry, on: position, level)
        case .older:
            circuits[position].flooding[level].queue.insert(lsp.id)
            circuits[position].flooding[level].acknowledgements[lsp.id] = nil
        case .conflicting:
            // Two contents under one number cannot be told apart: its router is to make a third.
            purge(lsp.id, level, &step)
        }
    }

    private mutating func takeNewer(
        _ lsp: ISISLinkState, _ octets: [UInt8], _ entry: LSPEntry, on position: Int,
        _ step: inout ProtocolStep
    ) {
        let level = lsp.level
        guard store(lsp, octets, level, &step) else { return }
        setFlags(lsp.id, level, except: position)
        circuits[position].flooding[level].clear(lsp.id)
        acknowledge(entry, on: position, level)
    }

    /// Another life of this router, or another router of its name, has issued a packet that this
    /// one's must be above; one that this router does not have at all is purged (ISO 10589
    /// §7.3.16.1).
    private mutating func outrun(
        _ lsp: ISISLinkState, _ octets: [UInt8], _ entry: LSPEntry, on position: Int,
        _ step: inout ProtocolStep
    ) {
        let level = lsp.level
        levels[level].outrun[lsp.id] = max(levels[level].outrun[lsp.id] ?? 0, lsp.sequence)
        levels[level].isStale = true
        acknowledge(entry, on: position, level)
        guard levels[level].database[lsp.id].map(\.isPurged) ?? true else { return }
        // Until it is issued, or purged, the database has what others have.
        if store(lsp, Array(octets), level, &step) { setFlags(lsp.id, level, except: position) }
    }

    /// Puts a packet in the database.
    /// - Returns: false when there is no room.
    @discardableResult
    mutating func store(
        _ lsp: ISISLinkState, _ octets: [UInt8], _ level: ISISLevel, _ step: inout ProtocolStep
    ) -> Bool {
        let known = levels[level].database[lsp.id]
        let isFull = levels[level].database.count >= configuration.maximumLSPs
        guard known != nil || !isFull || lsp.id.node.system == system else {
            overload(until: step.now + Self.zeroAge, &step)
            return false
        }
        let length = Int(octets[8]) << 8 | Int(octets[9])
        let life = lsp.lifetime == 0 ? Self.zeroAge : .seconds(Int64(lsp.lifetime))
        let entry = ISISDatabase.Entry(
            octets: Array(octets.prefix(length)), packet: lsp,
            checksum: ISISLinkState.checksum(of: octets), expires: step.now + life)
        levels[level].database.set(entry)
        arm(ISISTimer(.age, level), noLaterThan: entry.expires, &step)
        // A refreshed packet changes nothing.
        let isSame =
            known.map {
                $0.packet.tlvs == lsp.tlvs && $0.packet.flags == lsp.flags
                    && $0.isPurged == entry.isPurged
            } ?? false
        if !isSame {
            levels[level].needsPaths = true
            levels[level].news = step.now
            generation += 1
        }
        return true
    }

    /// Has a packet sent by all circuits that have neighbors, but for the one that it came by.
    mutating func setFlags(_ id: LSPID, _ level: ISISLevel, except position: Int? = nil) {
        for other in circuits.indices
        where other != position && circuits[other].hasNeighbor(level) {
            circuits[other].flooding[level].queue.insert(id)
            circuits[other].flooding[level].unacknowledged[id] = nil
            circuits[other].flooding[level].acknowledgements[id] = nil
        }
    }

    private func isNeighbor(
        _ source: MACAddress, on position: Int, _ level: ISISLevel
    ) -> Bool {
        circuits[position].adjacencies.contains { $0.isUp(level) && $0.address == source }
    }

    // MARK: Sequence numbers

    /// Takes a CSNP or a PSNP from a neighbor (ISO 10589 §7.3.15.2).
    mutating func take(
        _ numbers: ISISSequenceNumbers, _ octets: [UInt8], from source: MACAddress,
        on position: Int, _ step: inout ProtocolStep
    ) {
        let level = numbers.level
        guard isNeighbor(source, on: position, level) else { return }
        guard levels[level].key?.verifies(octets) ?? true else {
            return reject("authentication of sequence numbers of \(numbers.source)", on: position)
        }
        let isLAN = !circuits[position].configuration.isPointToPoint
        // On a LAN requests are for the designated router.
        guard numbers.range != nil || !isLAN || isDesignated(position, level) else { return }
        let entries = numbers.entries
        for entry in entries { take(entry, on: position, level, at: step.now) }
        if let range = numbers.range {
            sendUnlisted(range, Set(entries.map(\.id)), on: position, level)
        }
        if !circuits[position].flooding[level].acknowledgements.isEmpty {
            acknowledge(position, level, &step)
        }
    }

    /// One line of a neighbor's account.
    private mutating func take(
        _ entry: LSPEntry, on position: Int, _ level: ISISLevel, at now: Instant
    ) {
        guard let known = levels[level].database[entry.id] else {
            guard entry.lifetime > 0, entry.sequence > 0 else { return }
            // A number below all asks for what the neighbor has.
            request(
                LSPEntry(
                    lifetime: entry.lifetime, id: entry.id, sequence: 0, checksum: entry.checksum),
                on: position, level)
            return
        }
        let summary = known.summary(at: now)
        switch ISISAge(of: entry, against: summary) {
        case .same: circuits[position].flooding[level].clear(entry.id)
        case .older: circuits[position].flooding[level].queue.insert(entry.id)
        case .newer:
            circuits[position].flooding[level].clear(entry.id)
            request(summary, on: position, level)
        case .conflicting:
            // The packet itself tells; it is asked for as if there were none.
            request(
                LSPEntry(lifetime: summary.lifetime, id: entry.id, sequence: 0, checksum: 0),
                on: position, level)
        }
    }

    /// What an account does not list although it covers it, the neighbor does not have.
    private mutating func sendUnlisted(
        _ range: ClosedRange<LSPID>, _ listed: Set<LSPID>, on position: Int, _ level: ISISLevel
    ) {
        for entry in levels[level].database.entries(in: range)
        where !entry.isPurged && !listed.contains(entry.packet.id) {
            circuits[position].flooding[level].queue.insert(entry.packet.id)
        }
    }

    private mutating func request(_ entry: LSPEntry, on position: Int, _ level: ISISLevel) {
        circuits[position].flooding[level].acknowledgements[entry.id] = entry
    }

    /// Notes that a packet came; only point-to-point neighbors wait to be told.
    private mutating func acknowledge(
        _ entry: LSPEntry, on position: Int, _ level: ISISLevel
    ) {
        guard circuits[position].configuration.isPointToPoint else { return }
        circuits[position].flooding[level].acknowledgements[entry.id] = entry
    }

    /// Sends what was collected.
    mutating func acknowledge(
        _ position: Int, _ level: ISISLevel, _ step: inout ProtocolStep
    ) {
        let collected = circuits[position].flooding[level].acknowledgements
        circuits[position].flooding[level].acknowledgements = [:]
        cancel(ISISTimer(.acknowledge, level, circuits[position].name), &step)
        let entries = collected.keys.sorted().compactMap { collected[$0] }
        let room = entriesMax(position)
        for start in stride(from: 0, to: entries.count, by: room) {
            let numbers = ISISSequenceNumbers(
                level: level, source: ISISNodeID(system),
                tlvs: Self.tlvs(Array(entries.dropFirst(start).prefix(room))))
            send(.sequenceNumbers(numbers), level, on: position, &step)
        }
    }

    private mutating func send(
        _ packet: ISISPacket, _ level: ISISLevel, on position: Int, _ step: inout ProtocolStep
    ) {
        send(
            packet, key: levels[level].key, to: destination(position, level), on: position, &step)
    }

    /// How many entries one sequence numbers PDU of a circuit has room for, beside the longest
    /// authentication.
    private func entriesMax(_ position: Int) -> Int {
        let room = min(circuits[position].octetsMax, ISISPacket.linkStateOctetsMax) - 33 - 256
        // Fifteen entries and their header are 242 octets.
        return max(15, room / 242 * 15)
    }

    private static func tlvs(_ entries: [LSPEntry]) -> [ISISTLV] {
        stride(from: 0, to: entries.count, by: 15).map {
            .lspEntries(Array(entries.dropFirst($0).prefix(15)))
        }
    }

    /// A neighbor of a circuit is new: it learns what there is. What it lacks it is sent at once
    /// when its own account says so, and otherwise after a while (ISO 10589 §7.3.17).
    mutating func synchronise(
        _ position: Int, _ level: ISISLevel, _ step: inout ProtocolStep
    ) {
        if circuits[position].configuration.isPointToPoint {
            let moment = step.now + Self.retransmitInterval
            for id in levels[level].database.order {
                circuits[position].flooding[level].unacknowledged[id] = moment
            }
            describe(position, level, &step)
        } else if isDesignated(position, level) {
            tellDatabase(position, level, &step)
        }
    }

    /// The designated router's account, and the timer of the next.
    mutating func tellDatabase(
        _ position: Int, _ level: ISISLevel, _ step: inout ProtocolStep
    ) {
        guard isDesignated(position, level) else { return }
        describe(position, level, &step)
        arm(
            ISISTimer(.csnp, level, circuits[position].name), at: step.now + Self.csnpInterval,
            &step)
    }

    /// Sends an account of the whole database, in CSNPs whose ranges leave no gap.
    private mutating func describe(
        _ position: Int, _ level: ISISLevel, _ step: inout ProtocolStep
    ) {
        let entries = levels[level].database.all.map { $0.summary(at: step.now) }
        let room = entriesMax(position)
        var first = LSPID.first
        for start in stride(from: 0, to: max(1, entries.count), by: room) {
            let part = Array(entries.dropFirst(start).prefix(room))
            let next = start + room < entries.count ? entries[start + room].id : nil
            let last = next.map { LSPID(number: $0.number - 1) } ?? .last
            let numbers = ISISSequenceNumbers(
                level: level, source: ISISNodeID(system), range: first...last,
                tlvs: Self.tlvs(part))
            send(.sequenceNumbers(numbers), level, on: position, &step)
            if let next { first = next }
        }
    }

    // MARK: Sending

    /// Sends what is due by all circuits, and arms the timers of the rest.
    mutating func flood(_ step: inout ProtocolStep) {
        for position in circuits.indices {
            for level in activeLevels where !circuits[position].flooding[level].isIdle {
                flood(position, level, &step)
            }
        }
    }

    private mutating func flood(
        _ position: Int, _ level: ISISLevel, _ step: inout ProtocolStep
    ) {
        let pause = circuits[position].flooding[level].pause
        if pause.map({ $0 <= step.now }) ?? true,
            !circuits[position].flooding[level].queue.isEmpty
        {
            let burst = circuits[position].flooding[level].takeBurst(Self.burst)
            for id in burst { send(id, on: position, level, &step) }
            circuits[position].flooding[level].pause =
                circuits[position].flooding[level].queue.isEmpty
                ? nil : step.now + Self.burstInterval
        }
        armFlooding(position, level, &step)
    }

    private mutating func send(
        _ id: LSPID, on position: Int, _ level: ISISLevel, _ step: inout ProtocolStep
    ) {
        guard let entry = levels[level].database[id] else { return }
        send(entry.octets(at: step.now), to: destination(position, level), on: position, &step)
        guard circuits[position].configuration.isPointToPoint else { return }
        circuits[position].flooding[level].unacknowledged[id] = step.now + Self.retransmitInterval
    }

    private mutating func armFlooding(
        _ position: Int, _ level: ISISLevel, _ step: inout ProtocolStep
    ) {
        let flooding = circuits[position].flooding[level]
        let timer = ISISTimer(.flood, level, circuits[position].name)
        if let pause = flooding.pause, !flooding.queue.isEmpty {
            arm(timer, noLaterThan: pause, &step)
        } else if armed[timer] == nil, let first = flooding.unacknowledged.values.min() {
            arm(timer, at: first, &step)
        }
        if !flooding.acknowledgements.isEmpty {
            let timer = ISISTimer(.acknowledge, level, circuits[position].name)
            arm(timer, noLaterThan: step.now + Self.acknowledgeDelay, &step)
        }
    }

    /// Puts those in the queue again that nobody acknowledged in time.
    mutating func retransmit(_ position: Int, _ level: ISISLevel, at now: Instant) {
        let late = circuits[position].flooding[level].unacknowledged.filter { $0.value <= now }
        for id in late.keys {
            circuits[position].flooding[level].unacknowledged[id] = nil
            circuits[position].flooding[level].queue.insert(id)
        }
        circuits[position].flooding[level].pause = nil
    }

    // MARK: Ageing

    /// What ran out is purged, and what was purged long enough ago forgotten (ISO 10589 §7.3.16.4).
    mutating func age(_ level: ISISLevel, _ step: inout ProtocolStep) {
        for entry in levels[level].database.all where entry.expires <= step.now {
            if entry.isPurged {
                levels[level].database.remove(entry.packet.id)
            } else {
                purge(entry.packet.id, level, &step)
            }
        }
        guard let next = levels[level].database.all.map(\.expires).min() else { return }
        arm(ISISTimer(.age, level), at: next, &step)
    }

    /// Ends the life of a packet here and everywhere: only its header is left.
    mutating func purge(_ id: LSPID, _ level: ISISLevel, _ step: inout ProtocolStep) {
        guard let entry = levels[level].database[id], !entry.isPurged else { return }
        let lsp = ISISLinkState(
            level: level, lifetime: 0, id: id, sequence: entry.packet.sequence,
            flags: entry.packet.flags)
        guard let octets = try? ISISPacket.linkState(lsp).encoded(key: levels[level].key) else {
            return
        }
        store(lsp, octets, level, &step)
        setFlags(id, level)
    }
}
