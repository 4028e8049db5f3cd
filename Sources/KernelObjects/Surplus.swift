// SPDX-License-Identifier: Apache-2.0

import Primitives

/// What of one lab's objects another has not, or has as something else that the kernel cannot turn
/// it into: what must go before the other can be made.
///
/// A comparison of two plans. What else the kernel has, such as routes, is of no concern here.
package struct Surplus: Hashable, Sendable {
    /// Namespaces that go whole. Their cables to others are among the links of those.
    package let namespaces: [String]
    /// Of namespaces that stay, and have anything that goes.
    package let remainders: [NamespaceSurplus]
    /// Of namespaces that are in both: what IPsec protects no more. It goes last, so that nothing
    /// leaves in clear that the other lab still protects.
    package let unprotected: [NamespaceSurplus]

    package init(of old: LabObjects, against new: LabObjects) {
        let after = Dictionary(new.namespaces.map { ($0.name, $0) }) { first, _ in first }
        let doomed = DoomedLinks(of: old, against: new).ends
        namespaces = old.namespaces.map(\.name).filter { after[$0] == nil }
        let pairs = old.namespaces.compactMap { before in after[before.name].map { (before, $0) } }
        remainders = pairs.map { NamespaceSurplus(of: $0, against: $1, doomed) }
            .filter { !$0.isEmpty }
        unprotected = pairs.map { NamespaceSurplus(ofSecurity: $0, against: $1) }
            .filter { !$0.isEmpty }
    }

    package var isEmpty: Bool {
        namespaces.isEmpty && remainders.isEmpty && unprotected.isEmpty
    }
}

/// What goes in one namespace.
package struct NamespaceSurplus: Hashable, Sendable {
    package var name: String
    /// By name, children before what they stand on.
    package var links: [String] = []
    /// Links that stay, and leave their master.
    package var freed: [String] = []
    package var addresses: [LinkAddress] = []
    package var neighbours: [Neighbour] = []
    package var rules: [Rule] = []
    /// Links that stay, with the tables of VRFs that they were in.
    package var marks: [Mark] = []
    /// Tables of VRFs that go.
    package var tables: [UInt32] = []
    /// There are no VRFs any more.
    package var losesVRFs = false
    /// Paths of parameters that are nobody's concern any more, of links that stay or of none.
    package var sysctls: [String] = []
    package var associations: [SecurityAssociation] = []
    package var policies: [SecurityPolicy] = []

    package struct Mark: Hashable, Sendable {
        package var link: String
        package var table: UInt32
    }

    package var isEmpty: Bool { self == NamespaceSurplus(name: name) }

    private init(name: String) { self.name = name }

    fileprivate init(
        of old: NamespaceObjects, against new: NamespaceObjects, _ doomed: Set<LinkEnd>
    ) {
        name = old.name
        let gone = Set(
            old.links.map(\.name).filter {
                doomed.contains(LinkEnd(namespace: old.name, link: $0))
            })
        links = old.links.map(\.name).filter(gone.contains).reversed()
        let after = Dictionary(new.links.map { ($0.name, $0) }) { first, _ in first }
        let kept = old.links.filter { !gone.contains($0.name) }
        freed = kept.filter { $0.master != nil && after[$0.name]?.master == nil }.map(\.name)
        addresses = Self.addresses(old, new, kept)
        neighbours = old.neighbours.filter {
            !gone.contains($0.link) && !new.neighbours.contains($0)
        }
        rules = old.rules.filter { !new.rules.contains($0) }
        let (tables, others) = (old.tablesByDevice, new.tablesByDevice)
        marks = kept.compactMap { link in
            guard let table = link.master.flatMap({ tables[$0] }),
                after[link.name]?.master.flatMap({ others[$0] }) != table
            else { return nil }
            return Mark(link: link.name, table: table)
        }
        self.tables = Set(tables.values).subtracting(others.values).sorted()
        losesVRFs = old.hasVRFs && !new.hasVRFs
        let stay = Set(new.sysctls.map(\.path))
        sysctls = old.sysctls.map(\.path).filter { path in
            !stay.contains(path) && !gone.contains { path.contains("/conf/\($0)/") }
        }
    }

    fileprivate init(ofSecurity old: NamespaceObjects, against new: NamespaceObjects) {
        name = old.name
        let policies = Set(new.securityPolicies.map(\.selector))
        self.policies = old.securityPolicies.filter { !policies.contains($0.selector) }
        let associations = Set(new.securityAssociations.map(\.identity))
        self.associations = old.securityAssociations.filter {
            !associations.contains($0.identity)
        }
    }

    /// The order of addresses on a VRF device means something, and the kernel puts new ones last:
    /// from the first one on that is another, all go.
    private static func addresses(
        _ old: NamespaceObjects, _ new: NamespaceObjects, _ kept: [Link]
    ) -> [LinkAddress] {
        let ordered = Set(old.tablesByDevice.keys)
        let stay = Set(new.addresses)
        return kept.flatMap { link in
            let before = old.addresses.filter { $0.link == link.name }
            guard ordered.contains(link.name) else { return before.filter { !stay.contains($0) } }
            let after = new.addresses.filter { $0.link == link.name }
            let same = zip(before, after).prefix { $0 == $1 }.count
            return Array(before.dropFirst(same))
        }
    }
}

/// Links that must be deleted.
private struct DoomedLinks {
    private(set) var ends: Set<LinkEnd> = []

    init(of old: LabObjects, against new: LabObjects) {
        var after: [LinkEnd: Link] = [:]
        for namespace in new.namespaces {
            for link in namespace.links {
                after[LinkEnd(namespace: namespace.name, link: link.name)] = link
            }
        }
        for namespace in old.namespaces {
            for link in namespace.links where link.kind != .loopback {
                let end = LinkEnd(namespace: namespace.name, link: link.name)
                guard let same = after[end], same.kind == link.kind, same.ipv6 == link.ipv6 else {
                    doom(end, link)
                    continue
                }
            }
        }
        // What stands on a link goes with it; what it stands on comes before it.
        for namespace in old.namespaces {
            for link in namespace.links {
                guard let parent = link.kind.parent,
                    ends.contains(LinkEnd(namespace: namespace.name, link: parent))
                else { continue }
                ends.insert(LinkEnd(namespace: namespace.name, link: link.name))
            }
        }
    }

    /// One end of a cable takes the other with it.
    private mutating func doom(_ end: LinkEnd, _ link: Link) {
        ends.insert(end)
        if case .veth(let peer) = link.kind { ends.insert(peer) }
    }
}

extension NamespaceObjects {
    /// The tables of VRF devices.
    package var tablesByDevice: [String: UInt32] {
        let pairs = links.compactMap { link -> (String, UInt32)? in
            guard case .vrf(let table) = link.kind else { return nil }
            return (link.name, table)
        }
        return Dictionary(pairs) { first, _ in first }
    }
}

extension SecurityPolicy {
    /// What tells one policy from another: whom it protects, and not how.
    fileprivate var selector: SecurityPolicy {
        var selector = self
        selector.requestID = 0
        selector.mode = .transport
        selector.tunnelSource = source.address
        selector.tunnelDestination = destination.address
        return selector
    }
}

extension SecurityAssociation {
    /// What tells one association from another (RFC 4301 §4.1).
    fileprivate var identity: [AnyHashable] { [destination, spi] }
}
