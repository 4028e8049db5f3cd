// SPDX-License-Identifier: Apache-2.0

import Control
import Engine
import Primitives

/// What a supervisor asks of a router, read from a control message.
package enum RouterRequest: Hashable {
    case show(Query)
    case command(Command)
    case kernelRoutes(vrf: String?, prefix: IPPrefix)
    case lookUp(ForwardingLookUp)
    case prepare(topology: String)
    case reconfigure
    case stop

    /// Why a request cannot be answered, in words for whoever asked.
    package struct Refusal: Error, Hashable, CustomStringConvertible {
        package let description: String

        init(_ description: String) { self.description = description }
    }

    /// Neighbors and VRFs are looked up in the configuration, so that a misspelt one is refused.
    package init(
        _ request: ControlRequest, _ configuration: RouterConfiguration
    ) throws(Refusal) {
        guard let operation = RouterOperation(rawValue: request.operation) else {
            throw Refusal("a router knows no operation '\(request.operation)'")
        }
        let reader = RequestReader(members: request.members, configuration: configuration)
        switch operation {
        case .show: self = .show(try reader.query())
        case .event: self = .command(try reader.command())
        case .kernelRoutes:
            guard let prefix = try reader.prefix() else { throw Refusal("prefix is missing") }
            self = .kernelRoutes(vrf: try reader.vrf(), prefix: prefix)
        case .lookUp: self = .lookUp(try reader.lookUp())
        case .prepare:
            guard let text = request.members["topology"]?.string else {
                throw Refusal("topology is missing")
            }
            self = .prepare(topology: text)
        case .reconfigure: self = .reconfigure
        case .stop: self = .stop
        }
    }
}

/// Reads the members of a request.
private struct RequestReader {
    typealias Refusal = RouterRequest.Refusal

    let members: JSON
    let configuration: RouterConfiguration

    func query() throws(Refusal) -> Query {
        let name = try text("query") ?? ""
        switch name {
        case "neighbors": return .neighbors
        case "routes":
            return .routes(vrf: try vrf(), prefix: try prefix(), source: try source())
        case "received": return .received(try neighbor())
        case "advertised": return .advertised(try neighbor())
        case "vrfs": return .vrfs
        case "vrrp": return .vrrp
        case "mpls": return .mpls
        case "transports": return .transports
        case "interfaces": return .interfaces
        case "counters": return .counters
        default:
            if let kind = RoutingProtocolID.Kind(rawValue: name) { return .routing(kind) }
            throw Refusal("a router cannot show '\(name)'")
        }
    }

    func command() throws(Refusal) -> Command {
        switch try text("event") {
        case "deactivate": return .deactivate(try neighbor())
        case "activate": return .activate(try neighbor())
        case let other: throw Refusal("a router knows no event '\(other ?? "")'")
        }
    }

    func vrf() throws(Refusal) -> String? {
        guard let name = try text("vrf") else { return nil }
        guard configuration.vrfs.contains(where: { $0.name == name }) else {
            let hint = Suggestion.text(for: name, among: configuration.vrfs.map(\.name))
            throw Refusal("no VRF '\(name)' on \(configuration.name)\(hint)")
        }
        return name
    }

    func prefix() throws(Refusal) -> IPPrefix? {
        guard let text = try text("prefix") else { return nil }
        guard let prefix = IPPrefix(text) else { throw Refusal("'\(text)' is not a prefix") }
        return prefix
    }

    func lookUp() throws(Refusal) -> ForwardingLookUp {
        if let number = members["label"]?.int {
            guard let label = Label("\(number)") else { throw Refusal("\(number) is not a label") }
            return .label(label)
        }
        guard let text = try text("address") else { throw Refusal("address is missing") }
        guard let address = IPAddress(text) else { throw Refusal("'\(text)' is not an address") }
        return .address(address, vrf: try vrf())
    }

    private func source() throws(Refusal) -> RouteSource? {
        guard let text = try text("source") else { return nil }
        guard let source = RouteSource(text) else { throw Refusal("'\(text)' is not a protocol") }
        return source
    }

    /// By name or address; the VRF need be given only where that fits several neighbors.
    private func neighbor() throws(Refusal) -> NeighborKey {
        guard let name = try text("neighbor") else { throw Refusal("neighbor is missing") }
        let vrf = try vrf()
        let matches = configuration.neighbors.filter {
            ($0.name == name || $0.address.description == name) && (vrf == nil || $0.vrf == vrf)
        }
        let place = vrf.map { " in VRF \($0)" } ?? ""
        guard let match = matches.first else {
            let names = configuration.neighbors.filter { vrf == nil || $0.vrf == vrf }.map(\.name)
            let hint = Suggestion.text(for: name, among: names)
            throw Refusal("no neighbor '\(name)'\(place) on \(configuration.name)\(hint)")
        }
        guard matches.count == 1 else {
            let keys = matches.map(\.key.description).joined(separator: ", ")
            throw Refusal("several neighbors '\(name)'\(place) on \(configuration.name): \(keys)")
        }
        return match.key
    }

    /// A member that must be a string where it is there.
    private func text(_ name: String) throws(Refusal) -> String? {
        switch members[name] {
        case nil, .some(.null): return nil
        case .some(.string(let value)): return value
        default: throw Refusal("\(name) must be a string")
        }
    }
}
