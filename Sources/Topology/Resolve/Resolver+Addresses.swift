// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Addresses: what the file gives, and what is taken from pools for the rest.
extension Resolver {
    mutating func allocateAddresses() {
        var given = givenPrefixes
        given += allocateLoopbacks(avoiding: given)
        given += allocateSubnets(isLAN: false, avoiding: given)
        _ = allocateSubnets(isLAN: true, avoiding: given)
        fillEnds()
    }

    /// Everything that has an address by the file's own word.
    private var givenPrefixes: [IPPrefix] {
        var prefixes = segments.flatMap { segment in
            segment.subnets + segment.ends.flatMap { $0.addresses.map(\.prefix) }
        }
        for draft in nodes {
            prefixes += draft.node.loopbacks.map { IPPrefix(host: $0) }
            for vrf in draft.fields.pairs("vrfs") {
                prefixes += Fields(vrf.value).items("loopback").compactMap {
                    $0.text.flatMap(HostAddress.parse).map { IPPrefix(host: $0) }
                }
            }
        }
        return prefixes + virtualAddresses.sorted().map { IPPrefix(host: $0) }
    }

    /// Of all VRRP groups; no node may get one as its own by allocation.
    private var virtualAddresses: Set<IPAddress> {
        Set(
            nodes.flatMap { draft in
                draft.fields.items("vrrp").flatMap { Fields($0).values("virtual-address") }
            })
    }

    /// The pools of a key, by family in the order that they are written in.
    private func pools(_ key: String, default text: String) -> [[IPPrefix]] {
        let fields = file["addressing"].map { Fields($0) }
        var prefixes: [IPPrefix] = fields?.values(key) ?? []
        if fields?[key] == nil { prefixes = [IPPrefix(text)].compactMap(\.self) }
        return AddressFamily.allCases.map { family in prefixes.filter { $0.family == family } }
            .filter { !$0.isEmpty }
    }

    private mutating func allocateLoopbacks(avoiding given: [IPPrefix]) -> [IPPrefix] {
        var allocated: [IPPrefix] = []
        for prefixes in pools("loopbacks", default: "10.255.0.0/16") {
            // The first address of a pool reads like the network's own.
            let edges = prefixes.filter { $0.hostRange != $0.range }.map {
                IPPrefix(host: $0.address)
            }
            var pool = AddressPool(pools: prefixes, taken: given + edges)
            for index in nodes.indices where needsLoopback(nodes[index]) {
                guard let block = pool.block(length: UInt8(prefixes[0].family.bitWidth)) else {
                    reportExhausted("loopbacks", "address", prefixes, nodes[index].node.place)
                    for index in nodes.indices where needsLoopback(nodes[index]) {
                        nodes[index].isCertain = false
                    }
                    return allocated
                }
                allocated.append(block)
            }
        }
        assign(allocated)
        return allocated
    }

    private func needsLoopback(_ draft: NodeDraft) -> Bool {
        draft.fields["loopback"] == nil && draft.node.role != .host
    }

    /// Allocation goes family by family, each over all nodes.
    private mutating func assign(_ blocks: [IPPrefix]) {
        let indices = nodes.indices.filter { needsLoopback(nodes[$0]) }
        for (position, block) in blocks.enumerated() {
            nodes[indices[position % indices.count]].node.loopbacks.append(block.address)
        }
    }

    private mutating func reportExhausted(
        _ key: String, _ what: String, _ pools: [IPPrefix], _ place: Place
    ) {
        let text = pools.map(\.description).joined(separator: ", ")
        report(place, "no \(what) is left for this in addressing.\(key) (\(text))")
    }

    private mutating func allocateSubnets(
        isLAN: Bool, avoiding given: [IPPrefix]
    ) -> [IPPrefix] {
        let key = isLAN ? "lans" : "links"
        let needy = segments.indices.filter {
            segments[$0].isLAN == isLAN && segments[$0].subnets.isEmpty
                && segments[$0].ends.allSatisfy(\.addresses.isEmpty)
        }
        var allocated: [IPPrefix] = []
        for prefixes in pools(key, default: isLAN ? "192.168.0.0/16" : "172.16.0.0/12") {
            var pool = AddressPool(pools: prefixes, taken: given)
            for index in needy {
                let length = Self.length(prefixes[0].family, segments[index])
                guard let block = pool.block(length: length) else {
                    reportExhausted(key, "/\(length)", prefixes, segments[index].place)
                    segments[index].isCertain = false
                    return allocated
                }
                segments[index].subnets.append(block)
                allocated.append(block)
            }
        }
        return allocated
    }

    /// A /30 for a link, a /24 for a LAN or what has room for more nodes; /64 in IPv6.
    private static func length(_ family: AddressFamily, _ segment: Segment) -> UInt8 {
        if family == .ipv6 { return 64 }
        guard segment.isLAN else { return 30 }
        var length: UInt8 = 24
        // The network's own address, the broadcast address, and a virtual one.
        while segment.ends.count + 3 > 1 << (32 - Int(length)), length > 1 { length -= 1 }
        return length
    }

    /// Gives an address of the segment's subnets to every end that has none.
    private mutating func fillEnds() {
        let virtual = virtualAddresses
        for index in segments.indices
        where segments[index].ends.contains(where: { $0.addresses.isEmpty }) {
            let given = segments[index].ends.flatMap(\.addresses)
            var used = virtual.union(given.map(\.address))
            var subnets = segments[index].subnets
            for prefix in given.map(\.prefix) where !subnets.contains(prefix) {
                subnets.append(prefix)
            }
            for subnet in subnets { fill(index, subnet, &used) }
        }
    }

    /// - Parameter used: addresses that are not free; grows.
    private mutating func fill(_ index: Int, _ subnet: IPPrefix, _ used: inout Set<IPAddress>) {
        let hosts = subnet.hostRange
        var next = hosts.lowerBound
        for end in segments[index].ends.indices {
            let own = segments[index].ends[end].addresses
            guard own.allSatisfy({ $0.prefix.family != subnet.family }) else { continue }
            while next <= hosts.upperBound,
                used.contains(IPAddress(family: subnet.family, bits: next))
            {
                next += 1
            }
            guard next <= hosts.upperBound else {
                report(
                    segments[index].ends[end].place,
                    "\(subnet) has no address left for \(nodes[segments[index].ends[end].node].name)"
                )
                segments[index].isCertain = false
                return
            }
            let address = IPAddress(family: subnet.family, bits: next)
            used.insert(address)
            segments[index].ends[end].addresses.append(
                InterfaceAddress(address, length: subnet.length))
        }
    }
}
