// SPDX-License-Identifier: Apache-2.0

import Foundation
import Primitives
import Testing

extension Interoperability {
    @Suite("FRR's isisd is our neighbor")
    struct ISISDaemonTests {
        struct Variant: Sendable, CustomStringConvertible {
            var type: String
            var authentication: String?
            var level: String
            var description: String { "\(type) level \(level) \(authentication ?? "open")" }
        }

        static let variants = [
            Variant(type: "point-to-point", authentication: nil, level: "2"),
            Variant(type: "broadcast", authentication: nil, level: "1"),
            Variant(type: "point-to-point", authentication: "hmac-md5", level: "1-2"),
            Variant(type: "broadcast", authentication: "clear", level: "2"),
        ]

        /// Three nodes in a line: ours, a second of ours behind it, and FRR's.
        private func topology(_ variant: Variant) -> String {
            let key =
                variant.authentication.map { ", authentication: {type: \($0), password: word}" }
                ?? ""
            return """
                core: {igp: isis, ldp: none, isis: {level: \(variant.level)\(key), ipv6: true,
                       hello-interval: 1s}}
                nodes:
                  far: {role: p, loopback: [10.0.0.3, "2001:db8::3"]}
                  ours: {role: p, loopback: [10.0.0.1, "2001:db8::1"]}
                  frr: {role: p, loopback: [10.0.0.2, "2001:db8::2"]}
                links:
                  - {endpoints: [far, ours], addresses: [10.2.0.2/30, 10.2.0.1/30]}
                  - {endpoints: [ours, frr], name: wire, addresses: [10.1.0.1/30, 10.1.0.2/30],
                     isis: {type: \(variant.type)}}
                """
        }

        private func configuration(_ variant: Variant) -> String {
            let isMD5 = variant.authentication == "hmac-md5"
            let word = isMD5 ? "md5" : "clear"
            let hello = variant.authentication.map { _ in "isis password \(word) word" } ?? "!"
            let snp = "authenticate snp validate"
            let level = variant.authentication.map { _ in
                "area-password \(word) word \(snp)\n domain-password \(word) word \(snp)"
            }
            let type =
                ["1": "level-1", "2": "level-2-only"][variant.level] ?? "level-1-2"
            return """
                hostname frr
                router isis w
                 lsp-gen-interval 1
                 net 49.0001.1000.0000.0002.00
                 is-type \(type)
                 metric-style wide
                 \(level ?? "!")
                interface lo
                 ip router isis w
                 ipv6 router isis w
                interface eth1
                 ip router isis w
                 ipv6 router isis w
                 \(variant.type == "broadcast" ? "!" : "isis network point-to-point")
                 isis hello-interval 1
                 \(hello)
                """
        }

        @Test(arguments: variants)
        func `both find each other's routes, and lose them with the link`(variant: Variant) throws {
            try TestLab.run("isis", topology(variant)) { lab in
                try lab.removeOurRouter("frr")
                let frr = try FRR.start(
                    lab,
                    [
                        FRR.Setup(
                            node: "frr", configuration: configuration(variant),
                            daemons: ["zebra", "isisd"])
                    ])[0]
                try expectRoutes(lab, frr)
                try lab.run("frr", ["ping", "-c5", "-i0.3", "-W2", "-I10.0.0.2", "10.0.0.3"])
                try lab.run(
                    "far", ["ping", "-6", "-c5", "-i0.3", "-W2", "-I2001:db8::3", "2001:db8::2"])
                try lab.event("link-down", ["link": "wire"])
                try lab.eventually("routes of ours", is: [:]) {
                    try ourRoutes(lab, "ours").filter { $0.key.contains("::2/") }
                }
                // FRR computes once a second. What changes and changes back in between it does not
                // notice, while the kernel has dropped its routes over the link for good.
                try lab.eventually("routes of FRR", is: []) {
                    try ["ip", "ipv6"].flatMap {
                        try frr.json("show \($0) route isis json").members.map(\.name)
                    }
                }
                try lab.event("link-up", ["link": "wire"])
                try expectRoutes(lab, frr)
            }
        }

        private func expectRoutes(_ lab: TestLab, _ frr: FRR) throws {
            try lab.eventually("routes of ours to FRR", is: ["10.0.0.2/32", "2001:db8::2/128"]) {
                try ourRoutes(lab, "ours").keys.filter { $0.contains("0.2/") || $0.contains("::2") }
                    .sorted()
            }
            try lab.eventually("what FRR has no route to", is: [String]()) {
                let table = try kernelRoutes(lab, "frr")
                return ["10.0.0.1", "10.0.0.3", "2001:db8::1", "2001:db8::3", "10.2.0.0/30"]
                    .filter { !table.contains($0) }
            }
            try lab.eventually("what we have no route to, beyond us", is: [String]()) {
                let table = try kernelRoutes(lab, "far")
                return ["10.0.0.1", "10.0.0.2", "2001:db8::2"].filter { !table.contains($0) }
            }
        }

        /// Prefixes with the metrics of active routes of IS-IS.
        private func ourRoutes(_ lab: TestLab, _ node: String) throws -> [String: Int64] {
            let tables = try lab.show(node, "routes", ["source": "isis"])["tables"]?.array ?? []
            var routes: [String: Int64] = [:]
            for entry in tables.flatMap({ $0["entries"]?.array ?? [] }) {
                guard let prefix = entry["prefix"]?.string else { continue }
                routes[prefix] = entry["paths"]?[0]?["metric"]?.int ?? 0
            }
            return routes
        }

        /// Destinations of the kernel's main tables that are not of the kernel itself.
        private func kernelRoutes(_ lab: TestLab, _ node: String) throws -> Set<String> {
            let text = try lab.shell(node, "ip -4 route show; ip -6 route show")
            let lines = text.split(separator: "\n").filter { !$0.contains("proto kernel") }
            return Set(lines.compactMap { $0.split(separator: " ").first.map(String.init) })
        }
    }
}
