// SPDX-License-Identifier: Apache-2.0

import Engine
import KernelObjects
import Primitives

/// Turns groups of the engine into next hops and groups of the kernel.
///
/// Equal next hops of all groups are one object. An object that the kernel has is not set again:
/// that would make it walk through all routes behind it. So the kernel is asked to do one thing
/// when a group moves to a next hop that it knows: to replace the group.
struct SharedNextHops {
    /// What the kernel takes for the same next hop.
    private struct Value: Hashable {
        var family: AddressFamily
        var hop: RouteNextHop
    }

    /// Numbers of next hops are below, those of groups above.
    private static let groupBase: UInt32 = 1 << 31

    private var numbers: [Value: UInt32] = [:]
    private var values: [UInt32: Value] = [:]
    /// The legs of each group, by its number in the kernel.
    private var groups: [UInt32: [NextHopGroup.Leg]] = [:]
    /// How many groups have a next hop.
    private var uses: [UInt32: Int] = [:]
    /// What the kernel is known to have.
    private var present: Set<UInt32> = []
    private var last: UInt32 = 0

    /// The group's number in the kernel.
    static func number(_ id: ForwardingGroup.ID) -> UInt32 { groupBase | id.number }

    /// The entries that make the group so, next hops first; what no group has any more goes.
    /// - Parameter parking: a link that discards, if there is one.
    mutating func set(_ group: ForwardingGroup, parking: String?) -> [ForwardingPair] {
        let number = Self.number(group.id)
        let legs = legs(of: group, parking: parking)
        var pairs: [ForwardingPair] = []
        for leg in legs {
            uses[leg.nextHop, default: 0] += 1
            guard present.insert(leg.nextHop).inserted, let value = values[leg.nextHop] else {
                continue
            }
            let object = NextHopObject(id: leg.nextHop, family: value.family, hop: value.hop)
            pairs.append((.nextHop(leg.nextHop), .nextHop(object)))
        }
        if !legs.isEmpty {
            let entry = NextHopGroup(id: number, legs: legs)
            pairs.append((.group(number), .group(entry)))
        }
        return pairs + leave(groups.updateValue(legs, forKey: number) ?? [])
    }

    mutating func remove(_ id: ForwardingGroup.ID) -> [ForwardingPair] {
        let number = Self.number(id)
        guard let legs = groups.removeValue(forKey: number) else { return [] }
        return [(.group(number), nil)] + leave(legs)
    }

    /// The kernel has dropped all next hops of a link.
    mutating func lose(link: String) {
        present = present.filter { values[$0]?.hop.link != link }
    }

    /// The kernel may not have this next hop.
    mutating func lose(_ number: UInt32) { present.remove(number) }

    /// Forgets all groups, but not which number stands for which next hop.
    mutating func forgetGroups() {
        groups = [:]
        uses = [:]
        present = []
    }

    private mutating func legs(
        of group: ForwardingGroup, parking: String?
    ) -> [NextHopGroup.Leg] {
        let primary = group.nextHops.prefix(NextHopGroup.primaryCountMax)
        // One and the same next hop may stand in a group once.
        let backup = group.backup.filter { !primary.contains($0) }.prefix(1)
        let parked = parking.map { Self.parked(group.family, on: $0) }
        return primary.map { leg(ForwardingTranslation.hop($0), group.family, .primary) }
            + backup.map { leg(ForwardingTranslation.hop($0), group.family, .backup) }
            + (parked.map { [leg($0, group.family, .parked)] } ?? [])
    }

    /// The address stands for nobody (RFC 7600 §4.8, RFC 6666): the link discards whatever it is
    /// given, but a next hop wants a gateway.
    private static func parked(_ family: AddressFamily, on link: String) -> RouteNextHop {
        let address =
            family == .ipv4
            ? IPAddress(family: .ipv4, bits: 0xc000_0008)
            : IPAddress(family: .ipv6, bits: 0x0100 << 112 | 1)
        return RouteNextHop(via: address, link: link, isOnLink: true)
    }

    private mutating func leg(
        _ hop: RouteNextHop, _ family: AddressFamily, _ role: NextHopGroup.Role
    ) -> NextHopGroup.Leg {
        let value = Value(family: family, hop: hop)
        if let number = numbers[value] { return NextHopGroup.Leg(nextHop: number, role: role) }
        precondition(last + 1 < Self.groupBase, "no lab makes two thousand million next hops")
        last += 1
        numbers[value] = last
        values[last] = value
        return NextHopGroup.Leg(nextHop: last, role: role)
    }

    /// The next hops that no group has any more, to be removed.
    private mutating func leave(_ legs: [NextHopGroup.Leg]) -> [ForwardingPair] {
        legs.compactMap { leg in
            let count = uses[leg.nextHop, default: 0] - 1
            uses[leg.nextHop] = count > 0 ? count : nil
            guard count <= 0 else { return nil }
            present.remove(leg.nextHop)
            if let value = values.removeValue(forKey: leg.nextHop) { numbers[value] = nil }
            return (.nextHop(leg.nextHop), nil)
        }
    }
}
