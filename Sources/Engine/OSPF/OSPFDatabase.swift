// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// How far an LSA is flooded from here: which database it stands in.
enum OSPFScope: Hashable, Sendable, Comparable {
    case autonomousSystem
    case area(IPv4Address)
    /// The position of the interface.
    case link(Int)

    private var sortKey: (Int, UInt32) {
        switch self {
        case .autonomousSystem: (0, 0)
        case .area(let id): (1, id.bits)
        case .link(let position): (2, UInt32(position))
        }
    }

    static func < (a: Self, b: Self) -> Bool { a.sortKey < b.sortKey }
}

/// An LSA's name within a router: areas each have their own of the same key.
struct OSPFPlace: Hashable, Sendable, Comparable {
    var scope: OSPFScope
    var key: OSPFLSAKey

    static func < (a: Self, b: Self) -> Bool { (a.scope, a.key) < (b.scope, b.key) }
}

/// An LSA in a database.
struct OSPFEntry: Hashable, Sendable {
    /// Its age is that at `installedAt`.
    let lsa: OSPFLSA
    /// `unknown` too where its octets say nothing: it is flooded, and not used.
    let contents: OSPFLSAContents
    let installedAt: Instant
    /// When it, and instances before it, came from neighbors of late, oldest first; empty for what
    /// we have said ourselves.
    let arrivals: [Instant]

    init(
        _ lsa: OSPFLSA, _ version: OSPFVersion, at now: Instant, arrivals: [Instant] = []
    ) {
        self.lsa = lsa
        contents = (try? lsa.contents(version)) ?? .unknown
        installedAt = now
        self.arrivals = arrivals
    }

    /// LS age, at most MaxAge.
    func age(at now: Instant) -> UInt16 {
        let seconds = (now - installedAt).nanoseconds / 1_000_000_000 + Int64(lsa.header.age)
        return UInt16(clamping: min(seconds, Int64(OSPFLSAHeader.maximumAge)))
    }

    func isMaxAge(at now: Instant) -> Bool { age(at: now) >= OSPFLSAHeader.maximumAge }

    /// The header with the age of now.
    func header(at now: Instant) -> OSPFLSAHeader {
        var header = lsa.header
        header.age = age(at: now)
        return header
    }

    /// The LSA as it goes out: older by InfTransDelay, one second (RFC 2328 §13.3).
    func outgoing(at now: Instant) -> OSPFLSA {
        var copy = lsa
        copy.header.age = min(age(at: now) + 1, OSPFLSAHeader.maximumAge)
        return copy
    }

    /// Whether shortest paths or routes may differ by it (RFC 2328 §13.2).
    func differs(from old: OSPFEntry?, at now: Instant) -> Bool {
        guard let old else { return true }
        return old.lsa.body != lsa.body || old.lsa.header.options != lsa.header.options
            || old.isMaxAge(at: now) != isMaxAge(at: now)
    }
}

/// A link-state database of one scope, in the order of its keys.
struct OSPFDatabase: Sendable {
    private(set) var entries: [OSPFLSAKey: OSPFEntry] = [:]
    /// The keys in order.
    private(set) var keys: [OSPFLSAKey] = []

    subscript(key: OSPFLSAKey) -> OSPFEntry? { entries[key] }

    var count: Int { keys.count }

    mutating func install(_ entry: OSPFEntry) {
        if entries.updateValue(entry, forKey: entry.lsa.key) == nil {
            keys.insert(entry.lsa.key, at: position(of: entry.lsa.key))
        }
    }

    mutating func remove(_ key: OSPFLSAKey) {
        if entries.removeValue(forKey: key) != nil { keys.remove(at: position(of: key)) }
    }

    /// Where a key is, or would be.
    private func position(of key: OSPFLSAKey) -> Int {
        var (low, high) = (0, keys.count)
        while low < high {
            let middle = (low + high) / 2
            if keys[middle] < key { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The entries of one type, in order.
    func entries(of type: OSPFLSAType) -> [OSPFEntry] {
        let zero = IPv4Address(bits: 0)
        var index = position(of: OSPFLSAKey(type, zero, zero))
        var found: [OSPFEntry] = []
        while index < keys.count, keys[index].type == type {
            if let entry = entries[keys[index]] { found.append(entry) }
            index += 1
        }
        return found
    }

    /// All entries in the order of their keys.
    var inOrder: [OSPFEntry] { keys.compactMap { entries[$0] } }
}
