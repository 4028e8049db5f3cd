// SPDX-License-Identifier: Apache-2.0

import Foundation
import Primitives

/// Debian's FRR in a node of a lab: zebra, staticd and bgpd, asked by vtysh.
struct FRR {
    let lab: TestLab
    let node: String

    private static let folder = "/usr/lib/frr"

    /// Starts the daemons in a node. Its /run is its own, so the usual paths serve.
    init(
        _ lab: TestLab, _ node: String, configuration: String,
        daemons: [String] = ["zebra", "staticd", "bgpd"]
    ) throws {
        self.lab = lab
        self.node = node
        for path in daemons.map({ "\(Self.folder)/\($0)" }) + ["/usr/bin/vtysh"] {
            guard FileManager.default.isExecutableFile(atPath: path) else {
                throw Failure(
                    "\(path) is missing: `make test` installs it, or `apt-get install frr`")
            }
        }
        try lab.shell(node, Self.startScript(daemons), input: configuration)
    }

    /// Each daemon has a /var/tmp of its own, where it leaves its traces.
    private static func startScript(_ daemons: [String]) -> String {
        """
        mkdir -p /run/frr
        cat > /run/frr/frr.conf
        chown -R frr:frr /run/frr
        mount -t tmpfs none /var/tmp
        for daemon in \(daemons.joined(separator: " ")); do
            \(folder)/$daemon -d -P 0 -f /run/frr/frr.conf --log file:/run/frr/$daemon.log
        done
        """
    }

    /// Sends a daemon a signal.
    func signal(_ daemon: String, _ signal: String) throws {
        try lab.shell(node, "kill -\(signal) $(cat /run/frr/\(daemon).pid)")
    }

    /// What a show command prints.
    func text(_ commands: String...) throws -> String {
        try lab.run(node, ["vtysh"] + commands.flatMap { ["-c", $0] })
    }

    func json(_ command: String) throws -> JSON { try JSON(parsing: text(command)) }

    /// Changes its configuration.
    func configure(_ lines: String...) throws { try configure(lines) }

    func configure(_ lines: [String]) throws {
        try lab.run(
            node, ["vtysh", "-c", "configure terminal"] + lines.flatMap { ["-c", $0] })
    }

    // MARK: BGP

    /// Its side of the session with a neighbor.
    func session(_ neighbor: String) throws -> JSON {
        guard let session = try json("show bgp neighbors \(neighbor) json")[neighbor] else {
            throw Failure("FRR has no neighbor \(neighbor)")
        }
        return session
    }

    /// Its IPv4 unicast table, in the order of prefixes.
    /// - Parameter neighbor: only routes from there; `0.0.0.0` for its own.
    func routes(from neighbor: String) throws -> [RouteView] {
        let table = try json("show bgp ipv4 unicast json detail")
        let routes = table["routes"]?.members.flatMap { entry in
            entry.value.array.filter { $0["peer"]?["peerId"]?.string == neighbor }
                .map { RouteView(frr: $0, prefix: entry.name) }
        }
        return (routes ?? []).sorted()
    }

    /// Its VPNv4 routes to some prefixes, under all route distinguishers and in the order of
    /// prefixes, by the neighbor that they are from.
    func vpnRoutes(_ prefixes: [String]) throws -> [String: [RouteView]] {
        let words = prefixes.flatMap { ["-c", "show bgp ipv4 vpn \($0) json"] }
        let text = try lab.run(node, ["vtysh"] + words)
        // One object a command.
        let answers = try JSON(parsing: "[\(text.replacing("\n}\n{", with: "\n},{"))]").array
        var routes: [String: [RouteView]] = [:]
        for entry in answers.flatMap(\.members) {
            for path in entry.value["paths"]?.array ?? [] {
                let route = RouteView(
                    frr: path, prefix: entry.value["prefix"]?.string ?? "",
                    routeDistinguisher: entry.name)
                routes[path["peer"]?["peerId"]?.string ?? "", default: []].append(route)
            }
        }
        return routes.mapValues { $0.sorted() }
    }
}

extension RouteView {
    /// Reads a path of `show bgp … json detail`.
    init(frr json: JSON, prefix: String, routeDistinguisher: String? = nil) {
        self.prefix = prefix
        self.routeDistinguisher = routeDistinguisher
        nextHop = json["nexthops"]?[0]?["ip"]?.string
        let path = json["aspath"]?["string"]?.string ?? ""
        asPath = path == "Local" ? "" : path
        origin = (json["origin"]?.string ?? "").lowercased()
        med = json["metric"]?.int
        localPreference = json["locPrf"]?.int
        communities = Self.communities(frr: json)
        originator = json["originatorId"]?.string
        clusterList = json["clusterList"]?["list"]?.array.compactMap(\.string) ?? []
        label = json["remoteLabel"]?.int
    }

    private static func communities(frr json: JSON) -> [String] {
        ["community", "extendedCommunity", "largeCommunity"].flatMap { kind in
            (json[kind]?["string"]?.string ?? "").split(separator: " ").map {
                $0.replacing(/^RT:/, with: "target:").replacing(/^SoO:/, with: "origin:")
            }
        }.map { String($0) }.sorted()
    }
}
