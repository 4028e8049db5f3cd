// SPDX-License-Identifier: Apache-2.0

import Primitives

/// What cannot be of links, LANs and the addresses of their ends.
extension Resolver {
    mutating func checkSegments() {
        for index in segments.indices where segments[index].isCertain {
            let count = diagnostics.count
            checkMembers(segments[index])
            checkSubnets(segments[index])
            checkHosts(segments[index])
            checkAdvertisements(segments[index])
            checkMetric(segments[index])
            checkCoreKeys(segments[index])
            guard diagnostics.count > count else { continue }
            segments[index].isCertain = false
            for end in segments[index].ends { nodes[end.node].isCertain = false }
        }
        // A segment may have become uncertain while addresses were given out.
        for segment in segments where !segment.isCertain {
            for end in segment.ends { nodes[end.node].isCertain = false }
        }
    }

    private mutating func checkMembers(_ segment: Segment) {
        if segment.isLAN, segment.ends.isEmpty {
            report(segment.place, "\(segment.title) has no endpoints")
        }
        if !segment.isLAN, segment.ends.count != 2 {
            let hint = segment.ends.count > 2 ? "; what more nodes share is a LAN" : ""
            report(segment.place, "a link has 2 endpoints, not \(segment.ends.count)\(hint)")
        }
    }

    /// Every address lies in a subnet that is given, or else in one of the first end that has an
    /// address of the family.
    private mutating func checkSubnets(_ segment: Segment) {
        var subnets = segment.subnets
        for end in segment.ends {
            let families = subnets.map(\.family)
            subnets += end.addresses.map(\.prefix).filter { !families.contains($0.family) }
        }
        let text = subnets.map(\.description).joined(separator: ", ")
        for end in segment.ends {
            for address in end.addresses where !subnets.contains(address.prefix) {
                report(
                    end.place,
                    "\(nodes[end.node].name)'s \(address) is not in this "
                        + "\(segment.isLAN ? "LAN" : "link")'s subnet, \(text)")
            }
        }
    }

    private mutating func checkAdvertisements(_ segment: Segment) {
        guard segment.hasAdvertisements else { return }
        let routers = segment.ends.filter { nodes[$0.node].node.role != .host }
        let families = routers.flatMap { $0.addresses.map(\.address.family) }
        guard !families.contains(.ipv6) else { return }
        let lack = routers.isEmpty ? "a router" : "a router with an IPv6 address"
        report(segment.place, "'router-advertisements' needs \(lack) on \(segment.title)")
    }

    private mutating func checkMetric(_ segment: Segment) {
        guard let place = segment.metricPlace else { return }
        if !isCore(segment) {
            report(
                place,
                "'metric' does nothing here: it is the cost of links between nodes of one provider, "
                    + "outside of VRFs")
        } else if coreMode == .none {
            report(place, "'metric' does nothing in a core in mode none, which computes no paths")
        }
    }

    private mutating func checkHosts(_ segment: Segment) {
        var owners: [IPAddress: Int] = [:]
        for end in segment.ends {
            for address in end.addresses {
                let name = nodes[end.node].name
                if !address.prefix.hostRange.contains(address.address.bits) {
                    let isFirst = address.address == address.prefix.address
                    report(
                        end.place,
                        "\(name)'s \(address) is the \(isFirst ? "network's own" : "broadcast") "
                            + "address of \(address.prefix)")
                }
                if let owner = owners.updateValue(end.node, forKey: address.address) {
                    report(
                        end.place, "\(address.address) is \(nodes[owner].name)'s address already")
                }
            }
        }
    }

    /// What cannot be of a node's addresses taken together.
    mutating func checkNodes() {
        var owners: [IPAddress: Int] = [:]
        for index in nodes.indices {
            checkOverlaps(index)
            checkProviderAddresses(index, &owners)
        }
    }

    /// Two interfaces of one VRF in one subnet: the kernel would use only the first.
    private mutating func checkOverlaps(_ index: Int) {
        guard nodes[index].isCertain else { return }
        struct Entry {
            var vrf: String
            var prefix: IPPrefix
            var attachment: NodeDraft.Attachment
        }
        var entries: [Entry] = []
        for attachment in nodes[index].attachments {
            let end = segments[attachment.segment].ends[attachment.end]
            for address in end.addresses {
                entries.append(
                    Entry(vrf: end.vrf ?? "", prefix: address.prefix, attachment: attachment))
            }
        }
        // A covering prefix sorts before what it covers.
        entries.sort { ($0.vrf, $0.prefix) < ($1.vrf, $1.prefix) }
        for (before, entry) in zip(entries, entries.dropFirst())
        where before.vrf == entry.vrf && before.prefix.contains(entry.prefix) {
            let isInOrder = before.attachment.segment < entry.attachment.segment
            let (first, second) = isInOrder ? (before, entry) : (entry, before)
            let other = segments[first.attachment.segment]
            report(
                segments[second.attachment.segment].place,
                "\(nodes[index].name)'s subnet \(second.prefix) here overlaps \(first.prefix) of "
                    + other.title)
            nodes[index].isCertain = false
        }
    }

    /// The provider's own addresses are one space; customers may use any address again.
    private mutating func checkProviderAddresses(_ index: Int, _ owners: inout [IPAddress: Int]) {
        let node = nodes[index].node
        guard node.role.isProvider, nodes[index].isCertain else { return }
        let interfaces = node.interfaces.filter(\.isCore).flatMap { $0.addresses.map(\.address) }
        for address in node.loopbacks + interfaces {
            guard let owner = owners[address] else {
                owners[address] = index
                continue
            }
            report(node.place, "\(node.name) has the address \(address) of \(nodes[owner].name)")
        }
    }
}
