// SPDX-License-Identifier: Apache-2.0

import Glibc
import KernelObjects
import Primitives

/// What links must change in, so that they are as wanted.
struct LinkDifferences {
    let state: NamespaceState

    /// The requests, in the plan's order. A port must be in its master before it has addresses:
    /// enslaving drops their routes.
    func requests(_ links: [Link]) throws(SystemError) -> [NetlinkMessage] {
        var requests: [NetlinkMessage] = []
        for link in links {
            guard let seen = state.links[link.name] else {
                throw SystemError("find \(link.name) in \(state.name)", ENODEV)
            }
            if !state.born.contains(seen.index) { try check(link, seen) }
            // By itself and first: in one request the kernel brings the link up, with an address,
            // before it takes heed of this.
            if seen.makesLinkLocal, link.ipv6 == .off {
                let operation = "keep IPv6 off \(link.name) in \(state.name)"
                requests.append(
                    LinkMessages.change(.init(makesLinkLocal: false), of: seen.index, operation))
            }
            guard let (change, words) = try change(from: seen, to: link) else { continue }
            let operation = "set \(link.name) \(words.joined(separator: ", ")) in \(state.name)"
            requests.append(LinkMessages.change(change, of: seen.index, operation))
        }
        return requests
    }

    /// A link that has the name and is something else is not ours to replace.
    private func check(_ link: Link, _ seen: ObservedLink) throws(SystemError) {
        let place = "realise \(link.name) in \(state.name): it is"
        switch link.kind {
        case .loopback: return
        case _ where seen.kind != link.kind.name:
            throw SystemError("\(place) a \(seen.kind)", EEXIST)
        case .vlan(let parent, let identifier):
            try check(parent, seen, place)
            guard seen.vlanIdentifier != identifier else { return }
            throw SystemError("\(place) VLAN \(seen.vlanIdentifier ?? 0)", EEXIST)
        case .macvlan(let parent): try check(parent, seen, place)
        case .vrf(let table):
            guard seen.vrfTable != table else { return }
            throw SystemError("\(place) the VRF of table \(seen.vrfTable ?? 0)", EEXIST)
        case .gre(let tunnel):
            guard seen.tunnel != tunnel else { return }
            throw SystemError("\(place) another tunnel", EEXIST)
        case .veth, .bridge, .dummy: return
        }
    }

    private func check(
        _ parent: String, _ seen: ObservedLink, _ place: String
    ) throws(SystemError) {
        guard try state.index(of: parent, for: place) != seen.parent else { return }
        throw SystemError("\(place) on another link than \(parent)", EEXIST)
    }

    /// nil where nothing differs.
    private func change(
        from seen: ObservedLink, to link: Link
    ) throws(SystemError) -> (LinkMessages.Change, [String])? {
        var change = LinkMessages.Change()
        var words: [String] = []
        if let mtu = link.mtu, seen.mtu != mtu {
            change.mtu = mtu
            words.append("mtu \(mtu)")
        }
        if let mac = link.mac, seen.mac != mac {
            change.mac = mac
            words.append("address \(mac)")
        }
        if let master = link.master {
            let index = try state.index(of: master, for: "set \(link.name) in \(state.name)")
            if seen.master != index {
                change.master = index
                words.append("master \(master)")
            }
        }
        // The macvlan of a VRRP group goes up and down with its state: never down from here.
        if link.isUp, !seen.isUp {
            change.isUp = true
            words.append("up")
        }
        return words.isEmpty ? nil : (change, words)
    }
}
