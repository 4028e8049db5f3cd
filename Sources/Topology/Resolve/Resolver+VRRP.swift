// SPDX-License-Identifier: Apache-2.0

import Primitives

/// VRRP groups.
extension Resolver {
    mutating func resolveVRRP(_ index: Int) {
        struct GroupKey: Hashable {
            var interface: String
            var group: UInt8
            var family: AddressFamily
        }
        var seen: Set<GroupKey> = []
        for element in nodes[index].fields["vrrp"]?.elements ?? [] {
            guard isWhole(element), let group = vrrpGroup(index, element) else {
                nodes[index].isCertain = false
                continue
            }
            let key = GroupKey(
                interface: group.interface, group: group.group, family: group.family)
            if !seen.insert(key).inserted {
                report(
                    element.place, "\(nodes[index].name) has the group \(group.group) there already"
                )
            }
            nodes[index].node.vrrpGroups.append(group)
        }
    }

    private mutating func vrrpGroup(_ index: Int, _ element: YAMLNode) -> VRRPGroup? {
        let fields = Fields(element)
        guard let interface = interface(of: index, fields),
            let group: UInt8 = fields.number("group")
        else { return nil }
        let addresses: [IPAddress] = fields.values("virtual-address")
        checkVirtualAddresses(index, fields, interface)
        let isOwner = addresses.contains { address in
            interface.addresses.contains { $0.address == address }
        }
        let version: UInt8 = fields.number("version") ?? 3
        let interval = fields.duration("advertisement-interval") ?? .seconds(1)
        checkInterval(interval, version, fields)
        if let delay = fields["preempt-delay"], fields.flag("preempt") == false {
            report(delay.place, "'preempt-delay' does nothing without preemption")
        }
        return VRRPGroup(
            interface: interface.name, group: group, version: version,
            virtualAddresses: Self.virtualAddresses(addresses, group),
            priority: priority(fields, isOwner: isOwner, element.place),
            preempt: fields.flag("preempt") ?? true,
            preemptDelay: fields.duration("preempt-delay") ?? .zero,
            advertisementInterval: interval,
            tracks: fields.items("track").compactMap { track(index, Fields($0)) })
    }

    /// An IPv6 group has a link-local address, which comes first (RFC 9568 §5.2.9); hosts have it
    /// as their default gateway.
    private static func virtualAddresses(_ given: [IPAddress], _ group: UInt8) -> [IPAddress] {
        guard given.first?.family == .ipv6 else { return given }
        let linkLocal = given.filter(\.isLinkLocal)
        let others = given.filter { !$0.isLinkLocal }
        return (linkLocal.isEmpty ? [.virtualLinkLocal(group)] : linkLocal) + others
    }

    /// The interface of a node on the link or LAN that a mapping names.
    mutating func interface(of index: Int, _ fields: Fields) -> Interface? {
        guard let key = ["lan", "link"].first(where: { fields[$0] != nil }), let node = fields[key],
            let name = node.text,
            let segment = segment(name, isLAN: key == "lan", at: node.place)
        else { return nil }
        return interface(of: index, on: segment, at: node.place)
    }

    /// The interface of a node on a segment; reports a node that is not on it.
    mutating func interface(of index: Int, on segment: Int, at place: Place) -> Interface? {
        guard let end = segments[segment].end(of: index) else {
            if segments[segment].isCertain {
                report(place, "\(nodes[index].name) is not on \(segments[segment].title)")
            }
            return nil
        }
        let name = Self.interfaceName(segments[segment], segments[segment].ends[end])
        return nodes[index].node.interface(name)
    }

    private mutating func checkVirtualAddresses(
        _ index: Int, _ fields: Fields, _ interface: Interface
    ) {
        let items = fields.items("virtual-address")
        let addresses: [IPAddress] = fields.values("virtual-address")
        guard nodes[index].isCertain else { return }
        if Set(addresses.map(\.family)).count > 1 {
            report(items[0].place, "the virtual addresses of a group are of one family")
        }
        for (item, address) in zip(items, addresses)
        where !Self.isOn(interface, address) {
            let subnets = interface.addresses.map(\.prefix.description).joined(separator: ", ")
            report(
                item.place,
                "the virtual address \(address) is not in \(nodes[index].name)'s subnet, \(subnets)"
            )
        }
    }

    /// Whether an address lies in a subnet of an interface; link-local ones do where it has IPv6.
    private static func isOn(_ interface: Interface, _ address: IPAddress) -> Bool {
        interface.addresses.contains {
            $0.prefix.contains(address) || address.isLinkLocal && $0.address.family == .ipv6
        }
    }

    /// RFC 3768 §5.3.7 counts whole seconds; RFC 9568 §5.2.7 has 12 bits of centiseconds.
    private mutating func checkInterval(_ interval: Duration, _ version: UInt8, _ fields: Fields) {
        let place = fields["advertisement-interval"]?.place ?? fields.node.place
        let centiseconds = interval.nanoseconds / 10_000_000
        if version == 2 {
            let seconds = interval.nanoseconds / 1_000_000_000
            if interval != .seconds(seconds) || !(1...255).contains(seconds) {
                report(
                    place, "version 2 advertises every 1 to 255 whole seconds, not \(interval.text)"
                )
            }
            if fields.values("virtual-address", IPAddress.self).contains(where: { $0.v4 == nil }) {
                report(fields.items("virtual-address")[0].place, "version 2 is for IPv4 alone")
            }
        } else if interval != .milliseconds(centiseconds * 10) || !(1...4095).contains(centiseconds)
        {
            report(place, "version 3 advertises every 10ms to 40.95s, not \(interval.text)")
        }
    }

    /// RFC 9568 §5.2.4: 255 is the owner's of the virtual address, and only the owner's.
    private mutating func priority(_ fields: Fields, isOwner: Bool, _ place: Place) -> UInt8 {
        let given: UInt8? = fields.number("priority")
        if let given, (given == 255) != isOwner {
            report(
                fields["priority"]?.place ?? place,
                isOwner
                    ? "the owner of the virtual address has priority 255, not \(given)"
                    : "priority 255 is for the owner of the virtual address")
        }
        return given ?? (isOwner ? 255 : 100)
    }

    private mutating func track(_ index: Int, _ fields: Fields) -> VRRPGroup.Track? {
        guard let cost: UInt8 = fields.number("priority-cost") else { return nil }
        let vrf = fields.text("vrf")
        if let node = fields["vrf"], let vrf, !self.vrf(vrf, of: index, at: node.place) {
            return nil
        }
        var object: VRRPGroup.Track.Object?
        if let node = fields["link"], let name = node.text {
            if let vrf = fields["vrf"] { report(vrf.place, "'vrf' does not apply to a link") }
            object = segment(name, isLAN: nil, at: node.place)
                .flatMap { interface(of: index, on: $0, at: node.place) }
                .map { .interface($0.name) }
        } else if let prefix: IPPrefix = fields.value("route") {
            object = .route(vrf: vrf, prefix: prefix)
        } else if let node = fields["session"] {
            object = neighborAddress(node, of: index, vrf: vrf).map {
                .session(vrf: vrf, address: $0)
            }
        }
        return object.map { VRRPGroup.Track(object: $0, priorityCost: cost) }
    }

    /// The address of a configured neighbor that a value names; reports one that is not configured.
    mutating func neighborAddress(_ value: YAMLNode, of index: Int, vrf: String?) -> IPAddress? {
        guard let text = value.text else { return nil }
        let node = nodes[index].node
        let neighbors =
            vrf == nil ? node.bgp?.neighbors ?? [] : vrf.flatMap(node.vrf)?.neighbors ?? []
        if let found = neighbors.first(where: { $0.name == text || $0.address == IPAddress(text) })
        {
            return found.address
        }
        // A neighbor with a mistake is missing here, and reported already.
        guard nodes[index].isCertain, nodes[index].knowsNeighbors else { return nil }
        let elsewhere = node.vrfs.first { vrf in
            vrf.neighbors.contains { $0.name == text || $0.address == IPAddress(text) }
        }
        let home = vrf.map { " in the VRF \($0)" } ?? ""
        let hint =
            elsewhere.map { "; it has one in the VRF \($0.name), so say 'vrf'" }
            ?? Suggestion.text(for: text, among: neighbors.map(\.name))
        report(value.place, "\(node.name) has no BGP neighbor '\(text.shortened)'\(home)\(hint)")
        return nil
    }
}
