// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Hands out blocks of pools in order, skipping everything that the file gives itself.
struct AddressPool {
    private let pools: [IPPrefix]
    /// Sorted, disjoint.
    private let taken: [ClosedRange<UInt128>]
    /// Index of the pool in use, and the first address that is not handed out.
    private var index = 0
    private var next: UInt128

    /// - Parameter pools: of one family, in the order of their use.
    init(pools: [IPPrefix], taken: [IPPrefix]) {
        self.pools = pools
        let family = pools.first?.family
        self.taken = Self.merge(taken.filter { $0.family == family }.map(\.range))
        next = pools.first?.address.bits ?? 0
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
        let (size, isEverything) = UInt128(1).multipliedReportingOverflow(
            by: 1 << UInt128(pool.family.bitWidth - Int(length)))
        guard !isEverything, size > 0 else { return nil }
        var first = next
        while true {
            let remainder = first % size
            if remainder != 0 {
                let (aligned, overflow) = first.addingReportingOverflow(size - remainder)
                guard !overflow else { return nil }
                first = aligned
            }
            guard first >= pool.range.lowerBound, first <= pool.range.upperBound,
                pool.range.upperBound - first >= size - 1
            else { return nil }
            guard let obstacle = obstacle(first...(first + size - 1)) else { break }
            let (after, overflow) = obstacle.upperBound.addingReportingOverflow(1)
            guard !overflow else { return nil }
            first = after
        }
        let (after, overflow) = first.addingReportingOverflow(size)
        next = overflow ? .max : after
        return IPPrefix(IPAddress(family: pool.family, bits: first), length: length)
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
