// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

/// A router of ours (AS 65001) with one external neighbor (AS 65002) that is FRR, and a key between
/// them.
struct CustomerSite {
    let lab: TestLab
    let frr: FRR
    /// What passes between them, if it was asked for.
    let capture: LiveCapture?

    static let key = "s3cret"
    static let ours = "192.0.2.1"
    static let theirs = "192.0.2.2"

    /// Runs `body` with the lab up and the session established.
    /// - Parameters:
    ///   - key: FRR's.
    ///   - startsTogether: whether the session is waited for.
    ///   - isCaptured: whether everything is captured that passes between them.
    static func run(
        holdTime: Int = 90, key: String = key, startsTogether: Bool = true,
        isCaptured: Bool = false, _ body: (CustomerSite) throws -> Void
    ) throws {
        try TestLab.run("customer-site", topology(holdTime: holdTime)) { lab in
            let capture = isCaptured ? try LiveCapture(lab, "ours", "eth1", "tcp") : nil
            let frr = try FRR(lab, "frr", configuration: configuration(key: key))
            let site = CustomerSite(lab: lab, frr: frr, capture: capture)
            if startsTogether { try site.awaitEstablished() }
            try body(site)
        }
    }

    /// Of our router's own routes one depends on the link to the stub.
    private static func topology(holdTime: Int) -> String {
        """
        nodes:
          ours:
            role: ce
            loopback: 10.0.0.1
            static: {10.1.1.0/24: frr, 10.1.2.0/24: stub}
            bgp:
              as: 65001
              neighbors:
                frr: {as: 65002, password: \(key), hold-time: \(holdTime), import: accept,
                      export: own}
          frr: {role: ce, loopback: 10.0.0.2}
          stub: {role: host}
        policies:
          own:
            - match: {protocol: static}
              set:
                med: 77
                community: {add: ["65001:1", no-export, "target:65001:9", "origin:10.0.0.1:7",
                                  "65001:1:2"]}
              then: accept
            - {match: {prefix: 10.0.0.1/32}, then: accept}
            - {then: reject}
        links:
          - {endpoints: [ours, frr], subnet: 192.0.2.0/30}
          - {endpoints: [ours, stub], subnet: 192.0.2.4/30}
        """
    }

    private static func configuration(key: String) throws -> String {
        try Template.fill(
            "frr/customer-edge.conf",
            [
                "name": "frr", "as": "65002", "router-id": "10.0.0.2", "loopback": "10.0.0.2/32",
                "neighbor": ours, "neighbor-as": "65001", "password": key,
                "route-1": "10.2.1.0/24", "route-2": "10.2.2.0/24", "med": "33",
            ])
    }

    // MARK: Both ends

    func ourState() throws -> String? { try lab.session("ours", "frr")["state"]?.string }

    func theirState() throws -> String? { try frr.session(Self.ours)["bgpState"]?.string }

    func awaitEstablished() throws {
        try lab.eventually("our state", is: "established") { try ourState() }
        try lab.eventually("FRR's state", is: "Established") { try theirState() }
    }

    /// The prefixes that FRR has from us.
    func theirPrefixes() throws -> [String] { try frr.routes(from: Self.ours).map(\.prefix) }

    /// The prefixes that we have from FRR.
    func ourPrefixes() throws -> [String] {
        try lab.routes("received", "ours", "frr").map(\.prefix)
    }

    /// What we say we sent, and what FRR has got.
    func toThem() throws -> (sent: [RouteView], received: [RouteView]) {
        (try lab.routes("advertised", "ours", "frr"), try frr.routes(from: Self.ours))
    }

    /// FRR's own routes as they must be on their way to us, and what we have got.
    func toUs() throws -> (sent: [RouteView], received: [RouteView]) {
        let sent = try frr.routes(from: "0.0.0.0").map {
            $0.with {
                $0.nextHop = Self.theirs
                $0.asPath = "65002"
            }
        }
        return (sent, try lab.routes("received", "ours", "frr"))
    }

    static let ourOwn = ["10.0.0.1/32", "10.1.1.0/24", "10.1.2.0/24"]
    static let theirOwn = ["10.0.0.2/32", "10.2.1.0/24", "10.2.2.0/24"]

    /// Waits until all routes have arrived at both ends.
    func awaitRoutes() throws {
        try lab.eventually("routes at FRR", is: Self.ourOwn) { try theirPrefixes() }
        try lab.eventually("routes here", is: Self.theirOwn) { try ourPrefixes() }
    }
}
