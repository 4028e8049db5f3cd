// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Addresses by a neighbour's name: on the link or LAN that two nodes share.
extension Resolver {
    struct AddressPair: Hashable {
        var local: IPAddress
        var remote: IPAddress
    }

    /// The addresses of two nodes on the one segment that they share; reports none or several.
    ///
    /// - Parameters:
    ///   - family: nil prefers IPv4.
    ///   - local: the only local address that will do, where the file gives it.
    mutating func sharedAddress(
        of other: Int, from index: Int, _ vrf: String?, _ family: AddressFamily?, _ place: Place,
        local: IPAddress? = nil
    ) -> AddressPair? {
        let shared = sharedSegments(index, other)
        var pairs: [(Segment, AddressPair)] = []
        for (segment, own, far) in shared where own.vrf == vrf {
            let pair =
                family.map { Self.pair(own, far, $0, local) }
                ?? Self.pair(own, far, .ipv4, local) ?? Self.pair(own, far, .ipv6, local)
            if let pair { pairs.append((segment, pair)) }
        }
        if pairs.count == 1 { return pairs[0].1 }
        // After a mistake in a link, what is missing here is only a consequence.
        guard nodes[index].isCertain, nodes[other].isCertain else { return nil }
        let names = "\(nodes[index].name) and \(nodes[other].name)"
        if pairs.isEmpty {
            report(place, notShared(names, shared, vrf, family))
        } else {
            let titles = pairs.map { $0.0.name }.joined(separator: ", ")
            report(place, "\(names) share \(titles); say which by its address")
        }
        return nil
    }

    private func notShared(
        _ names: String, _ shared: [(Segment, Segment.End, Segment.End)], _ vrf: String?,
        _ family: AddressFamily?
    ) -> String {
        let home = vrf.map { "in the VRF \($0)" } ?? "outside of VRFs"
        if let (segment, own, _) = shared.first {
            if own.vrf != vrf {
                let actual = own.vrf.map { "in the VRF \($0)" } ?? "outside of VRFs"
                return "\(names) share \(segment.title) \(actual), not \(home)"
            }
            let kind = family == .ipv6 ? "IPv6" : "IPv4"
            return "\(names) have no \(kind) addresses on \(segment.title)"
        }
        return "\(names) share no link or LAN\(vrf == nil ? "" : " " + home); give an address"
    }

    /// Segments with both nodes' ends, in the file's order.
    func sharedSegments(
        _ index: Int, _ other: Int
    ) -> [(Segment, Segment.End, Segment.End)] {
        // Of a hub and a leaf, the leaf has fewer to look through.
        let isSwapped = nodes[other].attachments.count < nodes[index].attachments.count
        let (near, far) = isSwapped ? (other, index) : (index, other)
        return nodes[near].attachments.compactMap { attachment in
            let segment = segments[attachment.segment]
            guard let end = endIndex(of: far, in: attachment.segment) else { return nil }
            let ends = (segment.ends[attachment.end], segment.ends[end])
            return isSwapped ? (segment, ends.1, ends.0) : (segment, ends.0, ends.1)
        }
    }

    private func endIndex(of node: Int, in segment: Int) -> Int? {
        // On a large LAN the node's own attachments are fewer than the LAN's ends.
        if segments[segment].ends.count <= 8 { return segments[segment].end(of: node) }
        return nodes[node].attachments.first { $0.segment == segment }?.end
    }

    private static func pair(
        _ own: Segment.End, _ far: Segment.End, _ family: AddressFamily, _ local: IPAddress?
    ) -> AddressPair? {
        for address in own.addresses where address.address.family == family {
            guard local == nil || local == address.address else { continue }
            if let remote = far.addresses.first(where: { $0.prefix == address.prefix }) {
                return AddressPair(local: address.address, remote: remote.address)
            }
        }
        return nil
    }
}
