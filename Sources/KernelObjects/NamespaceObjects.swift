// SPDX-License-Identifier: Apache-2.0

import Primitives

/// All that a plan wants in one network namespace before its router starts. Order is the file's;
/// a link comes after its parent and its master.
package struct NamespaceObjects: Hashable, Sendable {
    /// The node's name.
    package var name: String
    package var links: [Link]
    package var addresses: [LinkAddress]
    package var neighbours: [Neighbour]
    package var rules: [Rule]
    /// Manually keyed IPsec; what a daemon negotiates is the daemon's.
    package var securityAssociations: [SecurityAssociation]
    package var securityPolicies: [SecurityPolicy]
    /// Written after the links exist, in this order.
    package var sysctls: [Sysctl]
    /// Whether VRF devices exist here: the lookup of local addresses then moves behind the VRF
    /// rule, or an address of the default VRF would capture traffic of every VRF.
    package var hasVRFs: Bool { links.contains { if case .vrf = $0.kind { true } else { false } } }

    package init(
        name: String, links: [Link] = [], addresses: [LinkAddress] = [],
        neighbours: [Neighbour] = [], rules: [Rule] = [],
        securityAssociations: [SecurityAssociation] = [],
        securityPolicies: [SecurityPolicy] = [], sysctls: [Sysctl] = []
    ) {
        self.name = name
        self.links = links
        self.addresses = addresses
        self.neighbours = neighbours
        self.rules = rules
        self.securityAssociations = securityAssociations
        self.securityPolicies = securityPolicies
        self.sysctls = sysctls
    }
}

/// All kernel objects of a lab, one entry a namespace, in the order of the file.
package struct LabObjects: Hashable, Sendable {
    package var namespaces: [NamespaceObjects]

    package init(namespaces: [NamespaceObjects]) { self.namespaces = namespaces }

    /// What the kernel must offer to carry these objects.
    package var features: Set<KernelFeature> {
        let links = namespaces.flatMap { $0.links.compactMap { $0.kind.feature } }
        let usesESP = namespaces.contains { !$0.securityPolicies.isEmpty }
        return Set(links + (usesESP ? [.esp] : []))
    }
}

/// Something that a kernel can be built without.
package enum KernelFeature: String, Hashable, Sendable, CaseIterable, Comparable {
    case namespaces, veth, bridge, vlan, dummy, macvlan, vrf, mpls, gre, esp, flower, netem

    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

extension Link.Kind {
    /// The feature that this kind of link needs.
    package var feature: KernelFeature? {
        switch self {
        case .loopback: nil
        case .veth: .veth
        case .vlan: .vlan
        case .bridge: .bridge
        case .dummy: .dummy
        case .macvlan: .macvlan
        case .vrf: .vrf
        case .gre: .gre
        }
    }
}
