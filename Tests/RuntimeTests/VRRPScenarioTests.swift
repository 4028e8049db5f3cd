// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@Suite("Two VRRP routers and a host on a bridge")
struct VRRPScenarioTests {
    private let held = "vrrp7@eth0       UP             10.3.0.1/32 \n"

    @Test("hand the virtual address over when one is killed, restarted and stopped")
    func takeover() throws {
        let result = try ScenarioRunner.run("vrrp")
        #expect(result["failure"] == nil)
        func text(_ name: String) -> String { result[name]?.string ?? "nothing" }
        // The best router takes over, and only it has the address.
        #expect(text("best-master") == held)
        #expect(text("other-backup") == "")
        // Killed and cut off, it leaves its address behind, and the other one serves it.
        #expect(text("other-master") == held)
        #expect(text("best-killed").contains("10.3.0.1/32"))
        // Restarted, it clears what it had left, and takes over again.
        #expect(text("best-restarted") == "")
        #expect(text("best-again") == held)
        #expect(text("other-again") == "")
        // Stopped, it says so and gives the address back.
        #expect(result["stopped"] == 0)
        #expect(text("best-stopped") == "")
        for name in ["ping-best", "ping-other", "ping-again", "ping-after-stop"] {
            #expect(result[name] == 1, "\(name)")
        }
    }

    @Test("speak on the wire with the virtual MAC address")
    func frames() throws {
        let result = try ScenarioRunner.run("vrrp")
        func text(_ name: String) -> String { result[name]?.string ?? "nothing" }
        let broadcast = "00:00:5e:00:01:07 > ff:ff:ff:ff:ff:ff, ethertype ARP"
        #expect(text("request").contains(broadcast))
        #expect(text("request").contains("Request who-has 10.3.0.1 tell 10.3.0.1"))
        #expect(text("reply").contains(broadcast))
        #expect(text("reply").contains("Reply 10.3.0.1 is-at 00:00:5e:00:01:07"))
        #expect(text("advert").contains("00:00:5e:00:01:07 > 01:00:5e:00:00:12"))
        #expect(
            text("advert").contains(
                "10.3.0.3 > 224.0.0.18: VRRPv3, Advertisement, vrid 7, prio 200"))
        #expect(text("neighbour").contains("lladdr 00:00:5e:00:01:07"))
    }
}
