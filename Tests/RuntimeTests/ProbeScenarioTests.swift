// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@Suite("Probes along a chain of three namespaces")
struct ProbeScenarioTests {
    /// The hops' addresses; nil where a hop was silent.
    private func hops(_ result: JSON?) -> [String?] {
        result?["hops"]?.array.map { $0["from"]?.string } ?? []
    }

    @Test("reach what is reachable, by the true hops, and tell why the rest is not")
    func paths() throws {
        let result = try ScenarioRunner.run("paths")
        #expect(result["failure"] == nil)
        for name in ["ping", "ping-6"] {
            #expect(result[name]?["sent"] == 3)
            #expect(result[name]?["received"] == 3)
            #expect(result[name]?["errors"]?.array == [])
        }
        #expect(hops(result["traceroute"]) == ["10.1.0.2", "10.2.0.3"])
        #expect(result["traceroute"]?["reached"] == true)
        #expect(hops(result["traceroute-6"]) == ["fd01::2", "fd02::3"])
        #expect(result["traceroute-6"]?["reached"] == true)
        #expect(hops(result["traceroute-own"]) == ["10.2.0.3"])
        #expect(result["traceroute-own"]?["reached"] == true)
    }

    @Test("tell what cannot be reached from what is lost")
    func unreachable() throws {
        let result = try ScenarioRunner.run("unreachable")
        #expect(result["failure"] == nil)
        let refused = #"{"from":"10.1.0.2","type":3,"code":0}"#
        #expect(result["ping-no-route"]?["errors"]?.text == "[\(refused),\(refused)]")
        #expect(hops(result["traceroute-no-route"]) == ["10.1.0.2"])
        #expect(result["traceroute-no-route"]?["reached"] == false)
        let local = #"{"text":"Network is unreachable"}"#
        #expect(result["ping-refused"]?["errors"]?.text == "[\(local),\(local)]")
        #expect(result["traceroute-refused"]?["text"] == "Network is unreachable")
        #expect(result["ping-lost"]?.text == #"{"sent":2,"received":0,"replies":[],"errors":[]}"#)
        #expect(hops(result["traceroute-lost"]) == [nil, nil])
        #expect(result["traceroute-lost"]?["reached"] == false)
    }

    private func count(_ result: JSON?, _ name: String) -> Int64 { result?[name]?.int ?? -1 }

    @Test("measure outages, and on which way probes were lost; a busy machine loses none")
    func outage() throws {
        let result = try ScenarioRunner.run("outage")
        #expect(result["failure"] == nil)
        for name in ["none", "crowded"] {
            #expect(count(result[name], "sent") > 0)
            #expect(count(result[name], "lost") == 0)
            #expect(count(result[name], "longest-gap-us") == 0)
        }
        for name in ["forward", "forward-6"] {
            let forward = result[name]
            #expect(count(forward, "lost") > 0)
            #expect(count(forward, "lost-forward") == count(forward, "lost"))
            #expect(count(forward, "longest-gap-us") > 0)
        }
        let back = result["back"]
        #expect(count(back, "lost") > 0)
        #expect(count(back, "lost-back") == count(back, "lost"))
        let neverUp = result["never-up"]
        #expect(count(neverUp, "lost") == count(neverUp, "sent"))
        #expect(count(neverUp, "lost") > 0)
    }

    @Test("find the path's MTU, and who refuses what is longer")
    func pathMTU() throws {
        let result = try ScenarioRunner.run("path-mtu")
        #expect(result["failure"] == nil)
        for (suffix, router) in [("", "10.1.0.2"), ("-6", "fd01::2")] {
            for name in ["exact", "again"] {
                #expect(
                    result[name + suffix]?.text
                        == #"{"passed":true,"refused-mtu":1400,"refused-by":"\#(router)","#
                        + #""text":"1400 passes, 1401 is refused by \#(router) with 1400"}"#)
            }
            #expect(
                result["too-large" + suffix]?.text
                    == #"{"passed":false,"text":"1450 is refused by \#(router) with 1400"}"#)
            #expect(
                result["too-small" + suffix]?.text
                    == #"{"passed":true,"text":"1350 passes, 1351 passes"}"#)
            #expect(
                result["own" + suffix]?.text
                    == #"{"passed":true,"refused-mtu":1380,"refused-by":"left","#
                    + #""text":"1380 passes, 1381 is refused by left with 1380"}"#)
        }
    }
}
