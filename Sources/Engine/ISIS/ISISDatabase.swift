// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// The link state packets of one level, in the order of their identifiers.
struct ISISDatabase: Sendable {
    /// A link state packet as it came, and what it says.
    struct Entry: Hashable, Sendable {
        /// As it is passed on; only the remaining lifetime is rewritten.
        var octets: [UInt8]
        var packet: ISISLinkState
        var checksum: UInt16
        /// Its lifetime ends, or, purged, it is forgotten.
        var expires: Instant

        /// A purge: what it said holds no more.
        var isPurged: Bool { packet.lifetime == 0 }

        /// Seconds that are left of its lifetime; zero when purged.
        func lifetime(at now: Instant) -> UInt16 {
            guard !isPurged else { return 0 }
            let nanoseconds = max(0, (expires - now).nanoseconds)
            // What is not purged yet has a rest of its life.
            return UInt16(clamping: max(1, nanoseconds / 1_000_000_000))
        }

        /// The octets with what is left of the lifetime.
        func octets(at now: Instant) -> [UInt8] {
            let (lifetime, place) = (lifetime(at: now), ISISLinkState.lifetimeOffset)
            var octets = octets
            octets[place] = UInt8(lifetime >> 8)
            octets[place + 1] = UInt8(lifetime & 0xff)
            return octets
        }

        func summary(at now: Instant) -> LSPEntry {
            LSPEntry(
                lifetime: lifetime(at: now), id: packet.id, sequence: packet.sequence,
                checksum: checksum)
        }
    }

    private var entries: [LSPID: Entry] = [:]
    private(set) var order: [LSPID] = []

    var count: Int { order.count }

    subscript(id: LSPID) -> Entry? { entries[id] }

    mutating func set(_ entry: Entry) {
        let id = entry.packet.id
        if entries.updateValue(entry, forKey: id) == nil { order.insert(id, at: position(of: id)) }
    }

    mutating func remove(_ id: LSPID) {
        guard entries.removeValue(forKey: id) != nil else { return }
        order.remove(at: position(of: id))
    }

    /// The packets of one router or LAN, the first fragment first.
    func fragments(of node: ISISNodeID) -> [Entry] {
        let start = position(of: LSPID(node))
        return order[start...].prefix { $0.node == node }.compactMap { entries[$0] }
    }

    /// Those within a range of identifiers, in order.
    func entries(in range: ClosedRange<LSPID>) -> [Entry] {
        order[position(of: range.lowerBound)...].prefix { $0 <= range.upperBound }
            .compactMap { entries[$0] }
    }

    /// All, in order.
    var all: [Entry] { order.compactMap { entries[$0] } }

    /// Where an identifier stands, or would stand.
    private func position(of id: LSPID) -> Int {
        var (low, high) = (0, order.count)
        while low < high {
            let middle = (low + high) / 2
            if order[middle] < id { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// Which of two copies of a link state packet is to be believed (ISO 10589 §7.3.16).
enum ISISAge: Hashable, Sendable {
    case older
    case same
    case newer
    /// The same number, and not the same content.
    case conflicting

    /// How a copy with these fields stands to the one in a database.
    init(of entry: LSPEntry, against known: LSPEntry) {
        let (isDead, isKnownDead) = (entry.lifetime == 0, known.lifetime == 0)
        if entry.sequence != known.sequence {
            self = entry.sequence > known.sequence ? .newer : .older
        } else if isDead != isKnownDead {
            self = isDead ? .newer : .older
        } else if !isDead, entry.checksum != known.checksum {
            self = .conflicting
        } else {
            self = .same
        }
    }
}
