// SPDX-License-Identifier: Apache-2.0

import KernelObjects
import Primitives
import Topology

/// The names and numbers of the kernel objects that a topology does not name itself. Kernel and
/// router plans must agree on them, so both ask here.
struct DeviceNames {
    /// The longest interface name that the kernel takes (IFNAMSIZ less the closing zero).
    static let lengthMax = 15
    /// VRF tables start here, clear of the kernel's own 253 to 255.
    private static let firstTable: UInt32 = 1001

    /// What the kernel makes itself in a namespace, or means something else by.
    private static let reserved: Set<String> = [
        "lo", "all", "default", "gre0", "gretap0", "erspan0", "tunl0", "sit0", "ip6tnl0",
        "ip6gre0", "ip_vti0", "ip6_vti0",
    ]

    private var vrfs: [String: [String: VRFNames]] = [:]
    /// Of each node, its place among the nodes.
    private let positions: [String: Int]

    struct VRFNames: Hashable {
        var device: String
        /// Where decapsulated packets enter the VRF.
        var popDevice: String
        var table: UInt32
    }

    init(_ topology: Topology) {
        positions = Dictionary(
            topology.nodes.enumerated().map { ($1.name, $0) },
            uniquingKeysWith: { first, _ in first })
        for node in topology.nodes where !node.vrfs.isEmpty {
            let taken = Self.reserved.union(node.interfaces.flatMap { [$0.name, $0.device] })
            var names: [String: VRFNames] = [:]
            for (index, vrf) in node.vrfs.enumerated() {
                let fits = vrf.name.utf8.count <= Self.lengthMax && !taken.contains(vrf.name)
                names[vrf.name] = VRFNames(
                    device: fits ? vrf.name : "vrf-\(index + 1)", popDevice: "pop-\(index + 1)",
                    table: Self.firstTable + UInt32(index))
            }
            vrfs[node.name] = names
        }
    }

    /// - Precondition: the VRF is one of the node's; validation has seen to that.
    func vrf(_ name: String, of node: Node) -> VRFNames {
        guard let names = vrfs[node.name]?[name] else {
            preconditionFailure("\(node.name) has no VRF \(name)")
        }
        return names
    }

    /// Every name on a node but its tunnels'.
    func taken(of node: Node) -> Set<String> {
        let vrfs = (vrfs[node.name] ?? [:]).values.flatMap { [$0.device, $0.popDevice] }
        let groups = node.vrrpGroups.map { vrrpDevice($0, of: node) }
        return Self.reserved.union(
            node.interfaces.flatMap { [$0.name, $0.device] } + vrfs + groups)
    }

    /// The macvlan of a VRRP group: `vrrp1`, or `vrrp1-2` where a second interface has the group
    /// too.
    func vrrpDevice(_ group: VRRPGroup, of node: Node) -> String {
        let same = node.vrrpGroups.filter { $0.group == group.group }
        let index = same.firstIndex(of: group) ?? 0
        return "vrrp\(group.group)" + (index == 0 ? "" : "-\(index + 1)")
    }

    /// The MAC address of an interface with IPv6, so that routers know its link-local address
    /// before it exists, and get it back whenever the link comes up, or with IS-IS, whose hellos
    /// tell it; nil leaves it to the kernel.
    /// 02:00, the node's number, the interface's.
    func mac(of interface: Interface, _ node: Node) -> MACAddress? {
        let hasIPv6 = interface.addresses.contains { $0.address.family == .ipv6 }
        let hasISIS = node.isis?.interfaces.contains { $0.interface == interface.name } ?? false
        guard hasIPv6 || hasISIS, let number = positions[node.name],
            let index = node.interfaces.firstIndex(where: { $0.name == interface.name })
        else { return nil }
        let bits = UInt64(number & 0xffff) << 16 | UInt64(index & 0xffff)
        return MACAddress(bits: 0x0200 << 32 | bits)
    }
}
