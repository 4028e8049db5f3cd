// SPDX-License-Identifier: Apache-2.0

import Wire

/// Packs what a router has to tell into as few link state packets as hold it: TLVs of at most 255
/// octets, packets of at most so many.
struct ISISFragments {
    /// Octets of TLVs that one packet has room for.
    private let room: Int
    private(set) var fragments: [[ISISTLV]] = [[]]
    private var used = 0

    init(room: Int) { self.room = room }

    /// More than this a router cannot have: a fragment's number is one octet.
    static let fragmentsMax = 256

    /// Adds a TLV that must be whole.
    mutating func add(_ tlv: ISISTLV, octets: Int) {
        let size = ISISTLV.headerOctets + octets
        if used + size > room { startFragment() }
        fragments[fragments.count - 1].append(tlv)
        used += size
    }

    /// Adds entries, in TLVs of one type.
    mutating func add<Entry>(
        _ entries: [Entry], octets: (Entry) -> Int, as make: ([Entry]) -> ISISTLV
    ) {
        var collected: [Entry] = []
        var size = 0
        for entry in entries {
            let more = octets(entry)
            let isFull = size + more > ISISTLV.octetsMax
            let isLast = used + ISISTLV.headerOctets + size + more > room
            if isFull || isLast {
                if !collected.isEmpty { add(make(collected), octets: size) }
                (collected, size) = ([], 0)
                if used + ISISTLV.headerOctets + more > room { startFragment() }
            }
            collected.append(entry)
            size += more
        }
        if !collected.isEmpty { add(make(collected), octets: size) }
    }

    private mutating func startFragment() {
        fragments.append([])
        used = 0
    }
}
