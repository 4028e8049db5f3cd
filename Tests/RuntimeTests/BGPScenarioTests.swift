// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@Suite("Two router processes on a veth pair, with a key on their session")
struct BGPScenarioTests {
    @Test("route to each other, lose and regain the session and the link, stop, and replay")
    func pair() throws {
        let result = try ScenarioRunner.run("bgp-pair")
        let toB = "10.0.0.2 via 10.1.0.2 dev eth0 proto 77 onlink \n"
        #expect(result["failure"] == nil)
        #expect(result["route-a"]?.string == toB)
        #expect(
            result["route-b"]?.string == "10.0.0.1 via 10.1.0.1 dev eth0 proto 77 onlink \n")
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
}
