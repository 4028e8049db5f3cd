// SPDX-License-Identifier: Apache-2.0

import Foundation
import Primitives
import Testing

extension Interoperability {
    /// Our router watches a gateway, or a neighbor beyond the link, and another program is there.
    @Suite("bfdd and BIRD are the other end of our BFD session")
    struct BFDTests {
        private typealias Session = BFDPeer.Session

        private func topology(_ session: Session) -> String {
            let authentication =
                session.authentication.map {
                    ", authentication: {type: \($0.ours), password: s3cret, key-id: 7}"
                } ?? ""
            let bfd =
                "bfd: {interval: \(session.interval.ours)ms, multiplier: "
                + "\(session.multiplier.ours)\(authentication)}"
            guard session.isMultihop else {
                return """
                    nodes:
                      ours:
                        role: ce
                        static: {10.9.0.0/16: {via: theirs, \(bfd)}}
                      theirs: {role: ce}
                    links:
                      - {endpoints: [ours, theirs], subnet: 192.0.2.0/30}
                    """
            }
            return """
                nodes:
                  ours:
                    role: ce
                    loopback: 10.0.0.1
                    bgp: {as: 65001, neighbors: {10.0.0.2: {as: 65001, \(bfd)}}}
                    static: {10.0.0.2/32: middle}
                  middle: {role: ce, static: {10.0.0.1/32: ours, 10.0.0.2/32: theirs}}
                  theirs: {role: ce, loopback: 10.0.0.2, static: {10.0.0.1/32: middle}}
                links:
                  - {endpoints: [ours, middle], subnet: 192.0.2.0/30}
                  - {endpoints: [middle, theirs], subnet: 192.0.2.4/30}
                """
        }

        private func run(
            _ program: BFDPeer.Program, _ session: Session,
            _ body: (TestLab, BFDPeer) throws -> Void
        ) throws {
            try TestLab.run("bfd", topology(session)) { lab in
                try body(lab, try BFDPeer(lab, program, session))
            }
        }

        private func ours(_ lab: TestLab) throws -> JSON? {
            try lab.show("ours", "bfd")["sessions"]?[0]
        }

        private func awaitUp(_ lab: TestLab, _ peer: BFDPeer) throws {
            try lab.eventually("our session", is: "up") { try ours(lab)?["state"]?.string }
            try lab.eventually("their session", is: "up") { try peer.state() }
        }

        /// How long it takes until our session is down, as far as one can see from outside.
        private func timeToLoss(
            _ lab: TestLab, _ what: String, _ event: () throws -> Void
        ) throws -> Duration {
            let start = ContinuousClock.now
            try event()
            let done = ContinuousClock.now
            try lab.eventually("our session is lost", is: true) {
                try ours(lab)?["state"]?.string != "up"
            }
            let time = ContinuousClock.now - start
            print(
                "BFD: \(what): lost after \(time.milliseconds) ms, \((done - start).milliseconds) "
                    + "ms of them to bring it about")
            return time
        }

        private func hasRoute(_ lab: TestLab) throws -> Bool {
            try lab.run("ours", ["ip", "route", "show", "10.9.0.0/16"]).contains("via 192.0.2.2")
        }

        @Test(arguments: BFDPeer.Program.allCases)
        func `a gateway that falls silent is lost in time, and comes back`(
            _ program: BFDPeer.Program
        ) throws {
            let session = Session(interval: (100, 50), multiplier: (4, 3))
            try run(program, session) { lab, peer in
                #expect(try hasRoute(lab), "before the session first came up")
                try awaitUp(lab, peer)
                // Their multiplier and the slower of both intervals.
                try lab.eventually("detection time", is: "400ms") {
                    try ours(lab)?["detection-time"]?.string
                }
                #expect(try ours(lab)?["transmit-interval"] == "100ms")
                #expect(try hasRoute(lab))
                let time = try timeToLoss(lab, "\(program.rawValue) stopped") { try peer.freeze() }
                #expect(time > .milliseconds(200) && time < .seconds(3), "\(time)")
                try lab.eventually("the route", is: false) { try hasRoute(lab) }
                #expect(try ours(lab)?["diagnostic"] == "control detection time expired")
                try peer.thaw()
                try awaitUp(lab, peer)
                try lab.eventually("the route", is: true) { try hasRoute(lab) }
            }
        }

        @Test(arguments: BFDPeer.Program.allCases)
        func `packets that are lost one way are noticed at both ends`(
            _ program: BFDPeer.Program
        ) throws {
            let nowhere = [
                "192.0.2.1", "lladdr", "02:00:00:00:00:99", "nud", "permanent", "dev", "eth1",
            ]
            try run(program, Session()) { lab, peer in
                try awaitUp(lab, peer)
                let time = try timeToLoss(lab, "\(program.rawValue) cannot send") {
                    // To a hardware address that nobody has.
                    try lab.run("theirs", ["ip", "neigh", "replace"] + nowhere)
                }
                #expect(time > .milliseconds(100) && time < .seconds(3), "\(time)")
                try lab.eventually("their session hears of it", is: true) {
                    try peer.state() != "up"
                }
                try lab.run("theirs", ["ip", "neigh", "del"] + nowhere)
                try awaitUp(lab, peer)
            }
        }

        @Test(arguments: BFDPeer.Program.allCases)
        func `a session over several hops`(_ program: BFDPeer.Program) throws {
            try run(program, Session(isMultihop: true)) { lab, peer in
                try awaitUp(lab, peer)
                #expect(try ours(lab)?["multihop"] == true)
                #expect(try ours(lab)?["local-address"] == "10.0.0.1")
                let time = try timeToLoss(lab, "\(program.rawValue) stopped, multihop") {
                    try peer.freeze()
                }
                #expect(time > .milliseconds(100) && time < .seconds(3), "\(time)")
                try peer.thaw()
                try awaitUp(lab, peer)
            }
        }

        @Test(arguments: BFDPeer.Program.allCases)
        func `our router that stops says farewell`(_ program: BFDPeer.Program) throws {
            try run(program, Session()) { lab, peer in
                try awaitUp(lab, peer)
                try lab.event("stop", ["node": "ours"])
                try lab.eventually("their session", is: true) { try peer.state() != "up" }
                try lab.event("start", ["node": "ours"])
                try awaitUp(lab, peer)
            }
        }

        static let authentications = [
            ("simple", "clear"), ("keyed md5", "md5"), ("meticulous keyed md5", "meticulous-md5"),
            ("keyed sha1", "sha-1"), ("meticulous keyed sha1", "meticulous-sha-1"),
        ]

        @Test(arguments: authentications)
        func `BIRD and we believe each other's proof, and no other`(
            _ authentication: (bird: String, ours: String)
        ) throws {
            var session = Session(authentication: authentication)
            try run(.bird, session) { lab, peer in
                try awaitUp(lab, peer)
                // Sequence numbers go on.
                Thread.sleep(forTimeInterval: 2)
                #expect(try ours(lab)?["state"] == "up" && ours(lab)?["losses"] == 0)
                _ = try timeToLoss(lab, "BIRD with \(authentication.bird) stopped") {
                    try peer.freeze()
                }
                try peer.thaw()
                try awaitUp(lab, peer)
            }
            session.password = "other"
            try run(.bird, session) { lab, peer in
                try lab.eventually("our complaint", is: "authentication fails") {
                    try ours(lab)?["last-error"]?.string
                }
                #expect(try ours(lab)?["state"] == "down" && peer.state() != "up")
            }
        }
    }
}
