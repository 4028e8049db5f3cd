// SPDX-License-Identifier: Apache-2.0

import Foundation
import Primitives
import Testing

extension Interoperability {
    /// Our router and another program tell each other routes of both families.
    @Suite("ripd, ripngd and BIRD are our RIP neighbor")
    struct RIPTests {
        private func topology(_ proof: RIPPeer.Proof?) -> String {
            let times = "update-interval: 2s, timeout: 10s, garbage-time: 6s"
            let authentication =
                proof.map {
                    ", authentication: {type: \($0.ours), password: s3cret"
                        + ($0.ours == "clear" ? "}" : ", key-id: 7}")
                } ?? ""
            return """
                nodes:
                  ours:
                    role: ce
                    loopback: [10.0.0.1, "2001:db8::1"]
                    static: {10.1.1.0/24: discard}
                    rip: {export: told, \(times)\(authentication)}
                    ripng: {\(times)}
                  theirs: {role: ce, rip: {\(times)}, ripng: {\(times)}}
                policies:
                  told: [{match: {protocol: static}, set: {med: 5}, then: accept}]
                links:
                  - {endpoints: [ours, theirs], subnet: [192.0.2.0/30, "2001:db8:1::/64"]}
                """
        }

        private func run(
            _ program: RIPPeer.Program, _ proof: RIPPeer.Proof? = nil, password: String = "s3cret",
            _ body: (TestLab, RIPPeer) throws -> Void
        ) throws {
            try TestLab.run("rip", topology(proof)) { lab in
                try removeOurRouter(lab)
                try body(lab, try RIPPeer(lab, program, proof, password: password))
            }
        }

        /// As `TestLab.removeOurRouter`, on a kernel that need not have MPLS.
        private func removeOurRouter(_ lab: TestLab) throws {
            try lab.shell(
                RIPPeer.node,
                """
                pkill -KILL -x weft-\(RIPPeer.node)
                while pgrep -x weft-\(RIPPeer.node) > /dev/null; do :; done
                ip route flush table all proto 77
                ip -6 route flush table all proto 77
                """)
        }

        private func route(_ lab: TestLab, _ prefix: String) throws -> JSON? {
            let kind = prefix.contains(":") ? "ripng" : "rip"
            return try lab.show("ours", kind)["instances"]?[0]?["routes"]?.array.first {
                $0["prefix"]?.string == prefix
            }
        }

        private func awaitRoutes(_ lab: TestLab, _ peer: RIPPeer) throws {
            try lab.eventually("ours at theirs", is: 2) { try peer.metric("10.0.0.1/32") }
            try lab.eventually("theirs at ours", is: 4) {
                try route(lab, RIPPeer.routes[0])?["metric"]?.int
            }
        }

        @Test(arguments: RIPPeer.Program.allCases)
        func `each learns the other's routes, and forgets them`(
            _ program: RIPPeer.Program
        ) throws {
            try run(program) { lab, peer in
                try awaitRoutes(lab, peer)
                try lab.eventually("a static route", is: 6) { try peer.metric("10.1.1.0/24") }
                try lab.eventually("IPv6 at theirs", is: 2) {
                    try peer.metric("2001:db8::1/128")
                }
                try lab.eventually("IPv6 at ours", is: 4) {
                    try route(lab, RIPPeer.routes[1])?["metric"]?.int
                }
                if program == .bird { #expect(try route(lab, RIPPeer.routes[0])?["tag"] == 77) }
                let kernel = try lab.run("ours", ["ip", "route", "show", RIPPeer.routes[0]])
                #expect(kernel.contains("via 192.0.2.2"), "\(kernel)")
                try lab.event("stop", ["node": "ours"])
                try lab.eventually("our farewell", is: nil) { try peer.metric("10.0.0.1/32") }
                try lab.eventually("of IPv6", is: nil) { try peer.metric("2001:db8::1/128") }
                try lab.event("start", ["node": "ours"])
                try awaitRoutes(lab, peer)
                try lab.run("theirs", ["ip", "link", "set", "eth1", "down"])
                try lab.eventually("theirs at ours", is: true) {
                    try (route(lab, RIPPeer.routes[0])?["metric"]?.int ?? 16) == 16
                }
            }
        }

        @Test(arguments: RIPPeer.Proof.all)
        func `each believes the other's proof, and no other`(_ proof: RIPPeer.Proof) throws {
            try run(proof.program, proof) { lab, peer in try awaitRoutes(lab, peer) }
            try run(proof.program, proof, password: "other") { lab, peer in
                // Both have told everything by then.
                Thread.sleep(forTimeInterval: 6)
                try lab.eventually("our complaint", is: true) {
                    let error = try lab.show("ours", "rip")["instances"]?[0]?["last-error"]?.string
                    return error?.contains("authentication fails") ?? false
                }
                #expect(try route(lab, RIPPeer.routes[0]) == nil)
                #expect(try peer.metric("10.0.0.1/32") == nil)
            }
        }
    }
}
