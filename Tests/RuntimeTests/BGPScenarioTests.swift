// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@Suite("Two router processes on a veth pair, with a key on their session")
struct BGPScenarioTests {
    @Test("route to each other, lose and regain the session and the link, stop, and replay")
    func pair() throws {
        let result = try ScenarioRunner.run("bgp-pair")
        let toB = "10.0.0.2 via 10.1.0.2 dev eth0 proto 77 metric 20 onlink \n"
        #expect(result["failure"] == nil)
        #expect(result["left"] == "10.78.0.0/24 via 10.1.0.2 dev eth0 \n")
        #expect(result["route-a"]?.string == toB)
        #expect(
            result["route-b"]?.string
                == "10.0.0.1 via 10.1.0.1 dev eth0 proto 77 metric 20 onlink \n")
        #expect(result["ping"]?.string?.contains("1 received") == true)
        #expect(
            result["kernel-routes"]?["routes"]?.text
                == #"[{"prefix":"10.0.0.2/32","table":254,"via":"10.1.0.2","#
                + #""interface":"eth0","labels":[]}]"#)
        #expect(result["neighbors"]?["neighbors"]?[0]?["state"] == "established")
        #expect(result["deactivated-a"] == "")
        #expect(result["deactivated-b"] == "")
        #expect(result["activated-a"]?.string == toB)
        #expect(result["carrier-lost-a"] == "")
        #expect(result["carrier-back-a"]?.string == toB)
        #expect(result["stopped-a"] == 0)
        #expect(result["replay"]?.string?.hasSuffix("steps, same effects") == true)
    }

    @Test("a neighbor that does not read for a while finds keepalives among the waiting routes")
    func slowNeighbor() throws {
        let result = try ScenarioRunner.run("slow-neighbor")
        #expect(result["failure"] == nil)
        let updates = result["updates"]?.int ?? 0
        #expect(updates > 20)
        // A KEEPALIVE with UPDATE messages before and after it has passed the latter.
        let passed = result["updates-before-keepalive"]?.int ?? updates
        #expect(passed > 0)
        #expect(passed < updates)
        // Its loopback and subnet, too.
        #expect(result["prefixes"] == 20_002)
    }

    @Test(
        "a peer that stalls, floods, resets, trickles, crowds or talks garbage delays nobody else")
    func badPeer() throws {
        let result = try ScenarioRunner.run("bad-peer")
        #expect(result["failure"] == nil, "\(result.text)")
        let phases = ["stalls", "floods", "resets", "trickles", "crowds", "garbage", "exceeds"]
        for phase in phases {
            #expect(result[phase]?["states"] == ["established", "established"], "\(phase)")
            #expect(result[phase]?["lost"] == [], "\(phase)")
        }
        #expect(result["stalls"]?["seen"]?.string?.contains("Hold Timer Expired") == true)
        #expect(result["floods"]?["seen"] == "established")
        #expect(result["trickles"]?["seen"]?.int ?? 0 > 3_900)
        // Only the newest of its silent connections is kept.
        #expect(result["crowds"]?["seen"]?.int ?? 400 <= 2)
        let answers = result["garbage"]?["seen"]?.array.compactMap(\.string) ?? []
        #expect(answers.count == 9)
        #expect(answers.allSatisfy { $0 != "none" }, "\(answers)")
        #expect(
            result["exceeds"]?["seen"]?["error"] == "more than 5000 prefixes of ipv4-unicast")
        // 20,000 routes for a peer that does not read them are well below 16 MiB.
        #expect(result["growth-kb"]?.int ?? .max < 16 << 10)
    }

    @Test("a router with two ways goes on by the second when the first loses its carrier")
    func failover() throws {
        let result = try ScenarioRunner.run("failover")
        #expect(result["failure"] == nil)
        #expect(result["before"]?.string?.contains("dev eth0") == true)
        #expect(result["after"]?.string?.contains("dev eth1") == true)
        #expect((result["outage"]?["sent"]?.int ?? 0) > (result["outage"]?["lost"]?.int ?? 0))
        #expect(result["back"]?.string?.contains("dev eth0") == true)
        #expect(result["outage-back"]?["lost"] == 0)
    }
}
