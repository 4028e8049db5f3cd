// SPDX-License-Identifier: Apache-2.0

import Foundation
import Primitives

/// Debian's FRR in a node of a lab: zebra, staticd and bgpd, asked by vtysh.
struct FRR {
    let lab: TestLab
    let node: String

    private static let daemons = ["zebra", "staticd", "bgpd"]
    private static let folder = "/usr/lib/frr"

    /// Starts the daemons in a node. Its /run is its own, so the usual paths serve.
    init(_ lab: TestLab, _ node: String, configuration: String) throws {
        self.lab = lab
        self.node = node
        for path in Self.daemons.map({ "\(Self.folder)/\($0)" }) + ["/usr/bin/vtysh"] {
            guard FileManager.default.isExecutableFile(atPath: path) else {
                throw Failure(
                    "\(path) is missing: `make test` installs it, or `apt-get install frr`")
            }
        }
        try lab.shell(
            node, "mkdir -p /run/frr; cat > /run/frr/frr.conf; chown -R frr:frr /run/frr",
            input: configuration)
        for daemon in Self.daemons { try start(daemon) }
    }

    /// With a /var/tmp of its own, where it leaves its traces.
    private func start(_ daemon: String) throws {
        let command = "\(Self.folder)/\(daemon) -d -P 0 -f /run/frr/frr.conf"
        let log = "--log file:/run/frr/\(daemon).log"
        let script = "mount -t tmpfs none /var/tmp; exec \(command) \(log)"
        try lab.run(node, ["unshare", "--mount", "/bin/sh", "-ec", script])
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
    func configure(_ lines: String...) throws {
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
