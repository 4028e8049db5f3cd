// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Interfaces: their names, and the links and LANs made of them.
extension Resolver {
    /// eth1, eth2 … on each node: links in the file's order, then LANs. Given names come first.
    mutating func nameInterfaces() {
        var taken = [Set<String>](repeating: [], count: nodes.count)
        for segment in segments {
            for end in segment.ends {
                guard let device = end.device else { continue }
                if !taken[end.node].insert(device).inserted {
                    report(
                        end.place,
                        "\(nodes[end.node].name) has an interface \(device) already; "
                            + "each link and LAN has a cable of its own")
                }
            }
        }
        var counts = [Int](repeating: 0, count: nodes.count)
        for index in segments.indices {
            for end in segments[index].ends.indices {
                let node = segments[index].ends[end].node
                if segments[index].ends[end].device == nil {
                    segments[index].ends[end].device = Self.next(&counts[node], taken[node])
                }
                checkName(segments[index], segments[index].ends[end])
            }
        }
    }

    private static func next(_ count: inout Int, _ taken: Set<String>) -> String {
        repeat { count += 1 } while taken.contains("eth\(count)")
        return "eth\(count)"
    }

    private mutating func checkName(_ segment: Segment, _ end: Segment.End) {
        let name = Self.interfaceName(segment, end)
        if name.utf8.count > Names.interfaceLengthMax {
            report(
                end.place,
                "the interface name \(name) is longer than \(Names.interfaceLengthMax) bytes")
        }
    }

    static func interfaceName(_ segment: Segment, _ end: Segment.End) -> String {
        let device = end.device ?? ""
        return segment.vlan.map { "\(device).\($0)" } ?? device
    }

    /// Gives every node its interfaces.
    mutating func attachInterfaces() {
        for (index, segment) in segments.enumerated() {
            let isCore = isCore(segment)
            let isLabelled = isLabelled(segment)
            for (position, end) in segment.ends.enumerated() {
                nodes[end.node].attachments.append(
                    NodeDraft.Attachment(segment: index, end: position))
                nodes[end.node].node.interfaces.append(
                    Interface(
                        name: Self.interfaceName(segment, end), device: end.device ?? "",
                        vlan: segment.vlan, addresses: end.addresses, vrf: end.vrf,
                        mtu: segment.mtu, isCore: isCore, isLabelled: isLabelled,
                        hasRouterAdvertisements: segment.hasAdvertisements))
            }
        }
    }

    private func endpoint(_ segment: Segment, _ end: Segment.End) -> Endpoint {
        Endpoint(node: nodes[end.node].name, interface: Self.interfaceName(segment, end))
    }

    var links: [TopologyLink] {
        segments.compactMap { segment in
            guard !segment.isLAN, segment.ends.count == 2 else { return nil }
            return TopologyLink(
                name: segment.name, a: endpoint(segment, segment.ends[0]),
                b: endpoint(segment, segment.ends[1]), vlan: segment.vlan, metric: segment.metric)
        }
    }

    var lans: [LAN] {
        segments.filter(\.isLAN).map { segment in
            LAN(
                name: segment.name, endpoints: segment.ends.map { endpoint(segment, $0) },
                vlan: segment.vlan)
        }
    }
}
