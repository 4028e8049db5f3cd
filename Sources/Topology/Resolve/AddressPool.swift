// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Hands out blocks of pools in order, skipping everything that the file gives itself.
struct AddressPool {
    private let pools: [IPPrefix]
    /// Sorted, disjoint.
    private let taken: [ClosedRange<UInt128>]
    /// Index of the pool in use.
    private var index = 0
    /// The first of its addresses that has not been looked at; nil when there is none.
    private var next: UInt128?

    /// - Parameter pools: of one family, in the order of their use.
    init(pools: [IPPrefix], taken: [IPPrefix]) {
        self.pools = pools
        let family = pools.first?.family
        self.taken = Self.merge(taken.filter { $0.family == family }.map(\.range))
        next = pools.first?.address.bits
    }

    private static func merge(_ ranges: [ClosedRange<UInt128>]) -> [ClosedRange<UInt128>] {
        var merged: [ClosedRange<UInt128>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, range.lowerBound <= last.upperBound {
                let upper = max(last.upperBound, range.upperBound)
                merged[merged.count - 1] = last.lowerBound...upper
            } else {
                merged.append(range)
            }
        }
        return merged
    }

    /// The next free block of a length, or the whole pool where that is smaller; nil when all pools
    /// are used up.
    mutating func block(length: UInt8) -> IPPrefix? {
        while index < pools.count {
            if let block = blockOfCurrentPool(length: max(length, pools[index].length)) {
                return block
            }
            index += 1
            if index < pools.count { next = pools[index].address.bits }
        }
        return nil
    }

    private mutating func blockOfCurrentPool(length: UInt8) -> IPPrefix? {
        let pool = pools[index]
        /// The block with an address in it.
        func block(_ bits: UInt128) -> IPPrefix {
            IPPrefix(IPAddress(family: pool.family, bits: bits), length: length)
        }
        while let first = next, pool.range.contains(first) {
            let candidate = block(first)
            if candidate.address.bits < first {
                // Its beginning is used up.
                next = Self.after(candidate.range)
            } else if let obstacle = obstacle(candidate.range) {
                next = Self.after(obstacle)
            } else {
                next = Self.after(candidate.range)
                return candidate
            }
        }
        return nil
    }

    /// nil at the end of the address space.
    private static func after(_ range: ClosedRange<UInt128>) -> UInt128? {
        range.upperBound == .max ? nil : range.upperBound + 1
    }

    /// What is taken of a range, if anything.
    private func obstacle(_ range: ClosedRange<UInt128>) -> ClosedRange<UInt128>? {
        var low = 0
        var high = taken.count
        while low < high {
            let middle = (low + high) / 2
            if taken[middle].upperBound < range.lowerBound {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low < taken.count && taken[low].lowerBound <= range.upperBound ? taken[low] : nil
    }
}

extension IPPrefix {
    /// The addresses in it.
    var range: ClosedRange<UInt128> {
        let hostBits = UInt128(family.bitWidth - Int(length))
        let hosts = hostBits == 128 ? UInt128.max : (UInt128(1) << hostBits) - 1
        return address.bits...(address.bits | hosts)
    }

    /// The addresses that a host may have: in IPv4 not the network's own nor the broadcast address
    /// (unless there are only two, RFC 3021), in IPv6 not the anycast address of the routers.
    var hostRange: ClosedRange<UInt128> {
        let all = range
        guard family.bitWidth - Int(length) >= 2 else { return all }
        let last = family == .ipv4 ? all.upperBound - 1 : all.upperBound
        return (all.lowerBound + 1)...last
    }
}
