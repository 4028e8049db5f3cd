// SPDX-License-Identifier: Apache-2.0

import Foundation
import Primitives

/// Debian's FRR in a node of a lab: zebra, staticd and bgpd, asked by vtysh.
struct FRR {
    let lab: TestLab
    let node: String

    private static let folder = "/usr/lib/frr"

    /// What an FRR is started with.
    struct Setup {
        let node: String
        let configuration: String
        var daemons = ["zebra", "staticd", "bgpd"]
    }

    init(_ lab: TestLab, _ node: String, configuration: String) throws {
        self = try Self.start(lab, [Setup(node: node, configuration: configuration)])[0]
    }

    private init(lab: TestLab, node: String) {
        self.lab = lab
        self.node = node
    }

    /// Starts the daemons of several nodes side by side. The nodes' /run are their own, so the
    /// usual paths serve.
    static func start(_ lab: TestLab, _ setups: [Setup]) throws -> [FRR] {
        let daemons = Set(setups.flatMap(\.daemons)).sorted()
        for path in daemons.map({ "\(folder)/\($0)" }) + ["/usr/bin/vtysh"] {
            guard FileManager.default.isExecutableFile(atPath: path) else {
                throw Failure(
                    "\(path) is missing: `make test` installs it, or `apt-get install frr`")
            }
        }
        let scripts = try setups.map {
            try lab.startShell($0.node, startScript($0.daemons), input: $0.configuration)
        }
        for script in scripts { _ = try script.succeed() }
        return setups.map { FRR(lab: lab, node: $0.node) }
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

    /// What commands print.
    func text(_ commands: String...) throws -> String { try text(commands) }

    func text(_ commands: [String]) throws -> String {
        try lab.run(node, ["vtysh"] + commands.flatMap { ["-c", $0] })
    }

    func json(_ command: String) throws -> JSON { try JSON(parsing: text(command)) }

    /// Changes its configuration.
    func configure(_ lines: String...) throws { _ = try text(["configure terminal"] + lines) }

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
        let text = try text(prefixes.map { "show bgp ipv4 vpn \($0) json" })
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

    /// Its labelled unicast routes to a prefix, by the neighbor that they are from.
    func labelledRoutes(_ prefix: String) throws -> [String: RouteView] {
        let entry = try json("show bgp ipv4 labeled-unicast \(prefix) json")
        var routes: [String: RouteView] = [:]
        for path in entry["paths"]?.array ?? [] {
            routes[path["peer"]?["peerId"]?.string ?? ""] = RouteView(frr: path, prefix: prefix)
        }
        return routes
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
