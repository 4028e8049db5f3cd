// SPDX-License-Identifier: Apache-2.0

import Primitives
import Topology

/// What a check, an event or a limit is called in progress and reports.
extension Check {
    package var title: String {
        switch kind {
        case .ping(let probe, _): "ping \(probe.title)"
        case .unreachable(let probe): "unreachable \(probe.title)"
        case .traceroute(let probe, _): "traceroute \(probe.title)"
        case .route(let check):
            "route \(check.prefix) on \(place(check.node, check.vrf))"
                + (check.isPresent ? "" : " is absent")
        case .received(let check):
            "routes received by \(place(check.node, check.vrf)) from \(check.neighbor)"
        case .advertised(let check):
            "routes advertised by \(place(check.node, check.vrf)) to \(check.neighbor)"
        case .bgp(let node, let vrf, let neighbor, let state):
            "bgp \(place(node, vrf)) to \(neighbor) is \(state)"
        case .vrrp(let node, _, let group, let family, let state, _):
            "vrrp group \(group) \(family == .ipv6 ? "of IPv6 " : "")on \(node) is \(state)"
        case .adjacency(let check):
            "\(check.kind.rawValue) of \(place(check.node, check.vrf)) to "
                + check.neighbors.map(\.name).joined(separator: " ")
                + " is \(check.isUp ? "up" : "down")"
        case .ospfRoute(let check):
            "ospf of \(place(check.node, check.vrf)) finds \(check.prefix)"
                + (check.kind.map { " \($0.rawValue)" } ?? "")
        case .endpoints(let node, let transport, let endpoints):
            "endpoints of \(transport) on \(node): "
                + (endpoints.isEmpty
                    ? "none" : endpoints.map(\.description).joined(separator: " "))
        case .ipsec(let node, let peer, let state): "ipsec from \(node) to \(peer) is \(state)"
        case .pathMTU(let probe, let mtu): "path MTU \(probe.title) is \(mtu)"
        case .kernelRoute(let check):
            "kernel route \(check.prefix) on \(place(check.node, check.vrf))"
                + (check.isPresent ? "" : " is absent")
        }
    }

    private func place(_ node: String, _ vrf: String?) -> String {
        vrf.map { "\(node) (\($0))" } ?? node
    }
}

extension Probe {
    var title: String {
        "\(from)\(vrf.map { " (\($0))" } ?? "") to \(to)" + (source.map { " from \($0)" } ?? "")
    }
}

extension OutageLimit {
    package var title: String {
        let probe = Probe(from: from, vrf: vrf, source: source, to: to).title
        return "outage \(probe) " + (below == .zero ? "is none" : "is below \(below.text)")
    }
}

extension WireLimit {
    package var title: String { wantedText.isEmpty ? "wire \(link)" : "wire \(link) \(wantedText)" }
}

extension LabEvent {
    package var title: String {
        switch self {
        case .deactivate(let node, _, let neighbor): "deactivate neighbor \(neighbor) on \(node)"
        case .activate(let node, _, let neighbor): "activate neighbor \(neighbor) on \(node)"
        case .linkDown(let target): "link \(target.title) goes down"
        case .linkUp(let target): "link \(target.title) comes up"
        case .impair(let target, let impairment):
            "link \(target.title) is impaired: \(impairment.text)"
        case .repair(let target): "link \(target.title) is repaired"
        case .kill(let node): "\(node) is killed"
        case .stop(let node): "\(node) is stopped"
        case .start(let node): "\(node) starts"
        case .rekey(let node, let peer): "\(node) rekeys with \(peer)"
        }
    }

    /// The request that makes it happen (ControlOperation.event).
    var request: [JSON.Member] {
        func members(_ event: String, _ rest: [(String, JSON)]) -> [JSON.Member] {
            ([("event", JSON.string(event))] + rest).filter { $0.1 != .null }
                .map { JSON.Member($0.0, $0.1) }
        }
        func neighbor(_ event: String, _ node: String, _ vrf: String?, _ address: IPAddress)
            -> [JSON.Member]
        {
            members(event, [("node", JSON(node)), ("vrf", JSON(vrf)), ("neighbor", JSON(address))])
        }
        func link(_ event: String, _ target: LinkTarget) -> [JSON.Member] {
            members(event, [("link", JSON(target.link)), ("node", JSON(target.node))])
        }
        return switch self {
        case .deactivate(let node, let vrf, let address): neighbor("deactivate", node, vrf, address)
        case .activate(let node, let vrf, let address): neighbor("activate", node, vrf, address)
        case .linkDown(let target): link("link-down", target)
        case .linkUp(let target): link("link-up", target)
        case .impair(let target, let impairment): link("impair", target) + impairment.members
        case .repair(let target): link("repair", target)
        case .kill(let node): members("kill", [("node", JSON(node))])
        case .stop(let node): members("stop", [("node", JSON(node))])
        case .start(let node): members("start", [("node", JSON(node))])
        case .rekey(let node, let peer):
            members("rekey", [("node", JSON(node)), ("peer", JSON(peer))])
        }
    }
}

extension LabEvent.LinkTarget {
    var title: String { node.map { "\(link) at \($0)" } ?? link }
}
