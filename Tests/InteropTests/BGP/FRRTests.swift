// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

extension Interoperability {
    @Suite("FRR is our external BGP neighbor")
    struct FRRTests {
        private let ownCommunities = [
            "65001:1", "65001:1:2", "no-export", "origin:10.0.0.1:7", "target:65001:9",
        ]

        private func expectBothEndsAgree(_ site: CustomerSite) throws {
            let there = try site.toThem()
            #expect(there.received == there.sent)
            #expect(there.received["10.0.0.1/32"]?.communities == [])
            #expect(there.received["10.1.1.0/24"]?.communities == ownCommunities)
            #expect(there.received["10.1.1.0/24"]?.med == 77)
            let back = try site.toUs()
            #expect(back.received == back.sent)
            #expect(back.received["10.2.1.0/24"]?.communities.count == 5)
            #expect(back.received["10.2.1.0/24"]?.med == 33)
        }

        @Test func `both ends show the same routes, the kernels use them, withdrawals arrive`()
            throws
        {
            try CustomerSite.run { site in
                try site.awaitRoutes()
                try expectBothEndsAgree(site)
                try site.lab.run("frr", ["ping", "-c1", "-W2", "-I10.0.0.2", "10.0.0.1"])
                try site.lab.run("ours", ["ping", "-c1", "-W2", "-I10.0.0.1", "10.0.0.2"])

                try site.lab.event("link-down", ["link": "ours-stub"])
                let rest = ["10.0.0.1/32", "10.1.1.0/24"]
                try site.lab.eventually("routes at FRR", is: rest) { try site.theirPrefixes() }
                try site.lab.event("link-up", ["link": "ours-stub"])
                try site.frr.configure("no ip route 10.2.1.0/24 Null0")
                let left = ["10.0.0.2/32", "10.2.2.0/24"]
                try site.lab.eventually("routes here", is: left) { try site.ourPrefixes() }
                try site.frr.configure("ip route 10.2.1.0/24 Null0")
                try site.awaitRoutes()
                try expectBothEndsAgree(site)
            }
        }

        @Test func `the lower hold time counts at both ends; a silent neighbor is given up`() throws
        {
            try CustomerSite.run(holdTime: 3) { site in
                try site.awaitRoutes()
                #expect(try site.lab.session("ours", "frr")["hold-time"] == 3)
                let theirs = try site.frr.session(CustomerSite.ours)
                #expect(theirs["bgpTimerHoldTimeMsecs"] == 3000)
                #expect(theirs["bgpTimerKeepAliveIntervalMsecs"] == 1000)

                try site.frr.signal("bgpd", "STOP")
                try site.lab.eventually("routes here", is: []) { try site.ourPrefixes() }
                let error = try site.lab.session("ours", "frr")["last-error"]?.string
                #expect(error?.contains("Hold Timer Expired") == true)
                try site.frr.signal("bgpd", "CONT")
                try site.awaitEstablished()
                try site.awaitRoutes()
                try expectBothEndsAgree(site)
            }
        }

        @Test func `a route refresh brings back what FRR threw away`() throws {
            try CustomerSite.run { site in
                try site.awaitRoutes()
                try site.frr.configure(
                    "ip prefix-list one permit 10.1.1.0/24", "route-map in deny 5",
                    "match ip address prefix-list one")
                _ = try site.frr.text("clear bgp \(CustomerSite.ours) in")
                let rest = ["10.0.0.1/32", "10.1.2.0/24"]
                try site.lab.eventually("routes at FRR", is: rest) { try site.theirPrefixes() }
                let before = try site.frr.session(CustomerSite.ours)["messageStats"]
                try site.frr.configure("no route-map in deny 5")
                _ = try site.frr.text("clear bgp \(CustomerSite.ours) in")
                try site.awaitRoutes()
                try expectBothEndsAgree(site)
                let after = try site.frr.session(CustomerSite.ours)["messageStats"]
                let sent = [before, after].map { $0?["routeRefreshSent"]?.int ?? 0 }
                #expect(sent[1] > sent[0])
                #expect(after?["notificationsSent"] == 0)
                #expect(after?["notificationsRecv"] == 0)
            }
        }

        @Test func `resets by either side end with the same routes, and say why`() throws {
            try CustomerSite.run { site in
                try site.awaitRoutes()
                _ = try site.frr.text("clear bgp *")
                try site.lab.eventually("sessions that FRR had", is: 2) {
                    try site.frr.session(CustomerSite.ours)["connectionsEstablished"]?.int
                }
                try site.awaitEstablished()
                try site.awaitRoutes()
                try expectBothEndsAgree(site)
                let error = try site.lab.session("ours", "frr")["last-error"]?.string
                #expect(error?.contains("Administrative Reset") == true)

                try site.lab.event("deactivate", ["node": "ours", "neighbor": "frr"])
                try site.lab.eventually("routes at FRR", is: []) { try site.theirPrefixes() }
                #expect(try site.ourPrefixes() == [])
                let reason = try site.frr.session(CustomerSite.ours)["lastNotificationReason"]
                #expect(reason == "Cease/Administrative Shutdown")
                try site.lab.event("activate", ["node": "ours", "neighbor": "frr"])
                try site.awaitEstablished()
                try site.awaitRoutes()
                try expectBothEndsAgree(site)
            }
        }

        @Test func `tshark finds nothing wrong with our side of a session's life`() throws {
            try CustomerSite.run(isCaptured: true) { site in
                try site.awaitRoutes()
                _ = try site.frr.text("clear bgp \(CustomerSite.ours) in")
                try site.lab.event("link-down", ["link": "ours-stub"])
                try site.lab.eventually("routes at FRR", is: ["10.0.0.1/32", "10.1.1.0/24"]) {
                    try site.theirPrefixes()
                }
                try site.lab.event("deactivate", ["node": "ours", "neighbor": "frr"])
                try site.lab.eventually("routes at FRR", is: []) { try site.theirPrefixes() }
                // An external neighbor is one hop away, and TTL 1 says so.
                let octets = try #require(try site.capture?.stop())
                let ours = try Dissection(
                    octets, ["bgp.type", "tcp.option_kind"],
                    filter: "bgp && ip.src == \(CustomerSite.ours)", checksums: false
                ).flawlessValues(except: "\"Time To Live\" only 1")
                let types = ours.flatMap { $0[0].split(separator: ",") }
                // OPEN, UPDATE, NOTIFICATION, KEEPALIVE; every segment with its MD5 signature.
                #expect(Set(types) == ["1", "2", "3", "4"])
                #expect(ours.allSatisfy { $0[1].split(separator: ",").contains("19") })
            }
        }

        @Test func `with different keys no session comes about; with the same it does`() throws {
            try CustomerSite.run(key: "different", startsTogether: false) { site in
                for node in ["ours", "frr"] {
                    try site.lab.eventually("segments that \(node) refuses") {
                        try site.lab.shell(node, "cat /proc/net/netstat").refusedByKey > 0
                    }
                }
                #expect(try site.ourState() != "established")
                #expect(try site.theirState() != "Established")
                try site.frr.configure(
                    "router bgp 65002",
                    "neighbor \(CustomerSite.ours) password \(CustomerSite.key)")
                try site.awaitEstablished()
                try site.awaitRoutes()
            }
        }
    }
}

extension String {
    /// Of /proc/net/netstat: segments with a wrong MD5 signature, or none where there must be one.
    fileprivate var refusedByKey: Int {
        let lines = split(separator: "\n").filter { $0.hasPrefix("TcpExt:") }
            .map { $0.split(separator: " ") }
        guard lines.count == 2 else { return 0 }
        return zip(lines[0], lines[1]).filter { $0.0.hasPrefix("TCPMD5") }
            .reduce(0) { $0 + (Int($1.1) ?? 0) }
    }
}
