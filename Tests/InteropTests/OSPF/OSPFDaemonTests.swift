// SPDX-License-Identifier: Apache-2.0

import Foundation
import Primitives
import Testing

extension Interoperability {
    @Suite("FRR's ospfd and ospf6d, and BIRD's OSPF, are our neighbors")
    struct OSPFDaemonTests {
        /// A link between us and another daemon, and what is said on it. Of both versions of OSPF
        /// at once; authentication is of version 2.
        struct Variant: Sendable, CustomStringConvertible {
            var isPointToPoint: Bool
            /// Ours; theirs is 50.
            var priority = 1
            var area = 0
            /// The area takes in no external routes.
            var isStub = false
            /// `md5` and the like.
            var authentication: String?

            var description: String {
                let kind = isPointToPoint ? "point-to-point" : "broadcast, priority \(priority)"
                let area = "\(isStub ? "stub " : "")area \(area)"
                return "\(kind), \(area), \(authentication ?? "open")"
            }
        }

        static let variants = [
            Variant(isPointToPoint: true, authentication: "md5"),
            Variant(isPointToPoint: false, priority: 200, area: 1),
            Variant(isPointToPoint: false, priority: 1, authentication: "clear"),
            Variant(isPointToPoint: true, area: 1, isStub: true),
        ]

        /// One of ours behind us, in the backbone; we; and the other daemon.
        private func topology(_ variant: Variant) -> String {
            let times = "hello-interval: 1s, dead-interval: 4s"
            let key =
                variant.authentication.map {
                    ", authentication: {type: \($0), password: s3cret"
                        + ($0 == "clear" ? "}" : ", key-id: 7}")
                } ?? ""
            let type = variant.isPointToPoint ? "point-to-point" : "broadcast"
            let stub = variant.isStub ? ", stub: \(variant.area)" : ""
            return """
                policies:
                  own: [{match: {protocol: static}, set: {med: 33}, then: accept}]
                nodes:
                  far:
                    role: ce
                    loopback: [10.0.0.3, "2001:db8::3"]
                    ospf: {\(times)}
                    ospf3: {\(times)}
                  ours:
                    role: ce
                    loopback: [10.0.0.1, "2001:db8::1"]
                    static: {10.9.9.0/24: discard, "2001:db8:9::/48": discard}
                    ospf: {\(times), export: own, priority: \(variant.priority)\(stub)}
                    ospf3: {\(times), export: own, priority: \(variant.priority)\(stub)}
                  them: {role: ce, loopback: [10.0.0.2, "2001:db8::2"], ospf: {}, ospf3: {}}
                links:
                  - {endpoints: [far, ours], subnet: [10.2.0.0/30, "2001:db8:a::/64"]}
                  - {endpoints: [ours, them], name: wire,
                     subnet: [10.1.0.0/30, "2001:db8:b::/64"],
                     ospf: {area: \(variant.area), type: \(type), cost: 7, \(times)\(key)},
                     ospf3: {area: \(variant.area), type: \(type), cost: 7, \(times)}}
                """
        }

        private func frr(_ variant: Variant) -> String {
            let type = variant.isPointToPoint ? "point-to-point" : "broadcast"
            let key: [String] =
                switch variant.authentication {
                case "md5": ["authentication message-digest", "message-digest-key 7 md5 s3cret"]
                case "clear": ["authentication", "authentication-key s3cret"]
                default: []
                }
            let link = ["ip ospf", "ipv6 ospf6"].flatMap { word in
                [
                    "area \(variant.area)", "network \(type)", "hello-interval 1",
                    "dead-interval 4", "priority 50", "cost 7",
                ].map { " \(word) \($0)" }
            }
            return """
                ip route 10.8.8.0/24 Null0
                ipv6 route 2001:db8:8::/48 Null0
                interface lo
                 ip ospf area \(variant.area)
                 ipv6 ospf6 area \(variant.area)
                interface eth1
                \(link.joined(separator: "\n"))
                \(key.map { " ip ospf " + $0 }.joined(separator: "\n"))
                router ospf
                 ospf router-id 10.0.0.2
                 redistribute static metric 30 metric-type 1
                 \(variant.isStub ? "area \(variant.area) stub" : "!")
                router ospf6
                 ospf6 router-id 10.0.0.2
                 redistribute static
                 \(variant.isStub ? "area \(variant.area) stub" : "!")
                """
        }

        /// In BIRD's words.
        private static let algorithms = [
            "md5": "keyed md5", "hmac-sha-256": "hmac sha256", "hmac-sha-512": "hmac sha512",
        ]

        private func bird(_ variant: Variant) -> String {
            let type = variant.isPointToPoint ? "pointopoint" : "broadcast"
            let key: String =
                switch variant.authentication {
                case "clear": #"authentication simple; password "s3cret";"#
                case let name?:
                    "authentication cryptographic; password \"s3cret\" { id 7; algorithm "
                        + (Self.algorithms[name] ?? name) + "; };"
                case nil: ""
                }
            // It refuses to tell a stub area of external routes.
            let export = variant.isStub ? "none" : "where source = RTS_STATIC"
            func ospf(_ version: Int, _ family: String, _ key: String) -> String {
                // In version 3 an interface without a link-local address does not count.
                let loopback =
                    version == 2 ? #"interface "lo" { stub; }"# : "stubnet 2001:db8::2/128"
                return """
                    protocol ospf v\(version) {
                      \(family) { import all; export \(export); };
                      area \(variant.area) {
                        \(variant.isStub ? "stub;" : "")
                        \(loopback);
                        interface "eth1" {
                          type \(type); hello 1; dead count 4; priority 50; cost 7; \(key)
                        };
                      };
                    }
                    """
            }
            return """
                router id 10.0.0.2;
                protocol device {}
                protocol kernel { scan time 1; ipv4 { export where source != RTS_DEVICE; }; }
                protocol kernel { scan time 1; ipv6 { export where source != RTS_DEVICE; }; }
                protocol static { ipv4; route 10.8.8.0/24 blackhole; }
                protocol static { ipv6; route 2001:db8:8::/48 blackhole; }
                \(ospf(2, "ipv4", key))
                \(ospf(3, "ipv6", ""))
                """
        }

        @Test(arguments: variants)
        func `FRR and we find each other's routes`(variant: Variant) throws {
            try TestLab.run("ospf", topology(variant)) { lab in
                try lab.removeOurRouter("them")
                let daemons = ["zebra", "staticd", "ospfd", "ospf6d"]
                let frr = try FRR.start(
                    lab,
                    [FRR.Setup(node: "them", configuration: frr(variant), daemons: daemons)])[0]
                try expectLife(of: lab, variant) { signal in
                    for daemon in ["ospfd", "ospf6d"] { try frr.signal(daemon, signal) }
                }
            }
        }

        @Test(arguments: [
            Variant(isPointToPoint: true, area: 1, authentication: "hmac-sha-256"),
            Variant(isPointToPoint: false, priority: 200, authentication: "md5"),
            Variant(isPointToPoint: true, area: 1, isStub: true, authentication: "hmac-sha-512"),
        ])
        func `BIRD and we find each other's routes`(variant: Variant) throws {
            try TestLab.run("ospf", topology(variant)) { lab in
                try lab.removeOurRouter("them")
                _ = try BIRD(lab, "them", configuration: bird(variant))
                // BIRD 2.0.12 looks at its own router LSA every 5 s. Where a link was away for
                // less, and that LSA is what it was, its OSPFv3 finds no next hops at all.
                try expectLife(of: lab, variant, pause: 6) {
                    try lab.shell("them", "kill -\($0) $(cat /run/bird.pid)")
                }
            }
        }

        // MARK: What must hold

        /// - Parameters:
        ///   - pause: seconds to leave it alone before the link fails.
        ///   - signal: sends one to the other side's daemons.
        private func expectLife(
            of lab: TestLab, _ variant: Variant, pause: UInt32 = 0,
            signal: (String) throws -> Void
        ) throws {
            try expectRoutes(lab, variant)
            try expectRoles(lab, variant)
            try lab.run("them", ["ping", "-c1", "-W2", "-I10.0.0.2", "10.0.0.3"])
            try lab.run("far", ["ping", "-6", "-c1", "-W2", "-I2001:db8::3", "2001:db8::2"])
            sleep(pause)
            // Both sides see the link fail.
            try lab.event("link-down", ["link": "wire"])
            try expectOnlyOurs(lab)
            try lab.eventually("their kernel routes by a link that is down") {
                try kernelRoutes(lab, "them").allSatisfy { !$0.value.contains(" via ") }
            }
            try lab.event("link-up", ["link": "wire"])
            try expectRoutes(lab, variant)
            // They fall silent, and no carrier tells of it.
            try signal("STOP")
            try expectOnlyOurs(lab)
            try signal("CONT")
            try expectRoutes(lab, variant)
            try expectRoles(lab, variant)
        }

        private static let ofFar = ["10.0.0.3/32", "2001:db8::3/128"]
        private static let ofThem = ["10.0.0.2/32", "2001:db8::2/128"]
        private static let externalOfThem = ["10.8.8.0/24", "2001:db8:8::/48"]

        private func expectOnlyOurs(_ lab: TestLab) throws {
            try lab.eventually("routes that are left to us", is: Self.ofFar) {
                try ourRoutes(lab, "ours")
            }
        }

        /// Our table, and the kernels' on both sides and beyond us.
        private func expectRoutes(_ lab: TestLab, _ variant: Variant) throws {
            // A stub area's routers tell of no external routes, and hear of none.
            let theirs = Self.ofThem + (variant.isStub ? [] : Self.externalOfThem)
            try lab.eventually("our routes", is: (Self.ofFar + theirs).sorted()) {
                try ourRoutes(lab, "ours")
            }
            let externalOfOurs = ["10.9.9.0/24", "2001:db8:9::/48"]
            let defaults = ["0.0.0.0/0", "::/0"]
            let expected =
                ["10.0.0.1/32", "10.2.0.0/30", "2001:db8::1/128", "2001:db8:a::/64"] + Self.ofFar
                + (variant.isStub ? defaults : externalOfOurs)
            let absent = variant.isStub ? externalOfOurs : defaults
            try lab.eventually("their kernel routes") {
                let table = try kernelRoutes(lab, "them").filter { $0.value.contains("eth1") }
                return Set(table.keys).isSuperset(of: expected)
                    && Set(table.keys).isDisjoint(with: absent)
            }
            for (node, interface) in [("far", "eth1"), ("ours", "eth2")] {
                try lab.eventually("kernel routes of \(node)") {
                    let table = try kernelRoutes(lab, node)
                    return theirs.allSatisfy { table[$0]?.contains(interface) == true }
                }
            }
        }

        private func expectRoles(_ lab: TestLab, _ variant: Variant) throws {
            for version in ["ospf", "ospf3"] {
                let shown = try lab.show("ours", version)["instances"]?[0]
                let neighbor = shown?["neighbors"]?.array.first {
                    $0["router-id"]?.string == "10.0.0.2"
                }
                #expect(neighbor?["state"] == "full")
                let wire = shown?["interfaces"]?.array.first { $0["interface"]?.string == "eth2" }
                let roles = ["dr", "backup"]
                if variant.isPointToPoint {
                    #expect(wire?["state"] == "point-to-point")
                } else {
                    // Who was there first may be it, but the two are one of each.
                    let state = wire?["state"]?.string ?? ""
                    #expect(roles.contains(state))
                    #expect(roles.contains(neighbor?["role"]?.string ?? ""))
                    #expect(neighbor?["role"]?.string != state)
                }
                #expect(shown?["area-border-router"]?.bool == (variant.area != 0))
            }
        }

        private func ourRoutes(_ lab: TestLab, _ node: String) throws -> [String] {
            let tables = try lab.show(node, "routes", ["source": "ospf"])["tables"]?.array ?? []
            return tables.flatMap { $0["entries"]?.array ?? [] }
                .compactMap { $0["prefix"]?.string }.sorted()
        }

        /// By prefix, the line and those that go on with it.
        private func kernelRoutes(_ lab: TestLab, _ node: String) throws -> [String: String] {
            var routes: [String: String] = [:]
            for (family, all, width) in [("-4", "0.0.0.0/0", 32), ("-6", "::/0", 128)] {
                var last = ""
                for line in try lab.run(node, ["ip", family, "route"]).split(separator: "\n") {
                    guard let word = line.split(separator: " ").first, !line.hasPrefix("\t") else {
                        routes[last]? += String(line)
                        continue
                    }
                    last = word == "default" ? all : "\(word)"
                    if !last.contains("/") { last += "/\(width)" }
                    routes[last] = String(line)
                }
            }
            return routes
        }
    }
}
