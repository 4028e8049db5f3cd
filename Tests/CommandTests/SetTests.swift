// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import weft

@Suite struct SetTests {
    func request(_ words: String...) throws -> SetRequest? {
        try SetRequest(try Invocation(words, for: setCommand))
    }

    func members(_ words: String...) throws -> JSON? {
        try SetRequest(try Invocation(words, for: setCommand)).map { .object($0.members) }
    }

    func problem(_ words: String...) -> String? {
        do {
            _ = try SetRequest(try Invocation(words, for: setCommand))
            return nil
        } catch { return error.message }
    }

    @Test func `words become the members of an event`() throws {
        #expect(
            try members("deactivate", "juno", "luna", "--vrf", "red")
                == ["event": "deactivate", "node": "juno", "neighbor": "luna", "vrf": "red"])
        #expect(
            try members("link-down", "juno-luna", "--node=juno")
                == ["event": "link-down", "link": "juno-luna", "node": "juno"])
        #expect(
            try members("impair", "juno-luna", "--delay", "20ms", "--loss", "1%")
                == ["event": "impair", "link": "juno-luna", "delay": "20ms", "loss": "1%"])
        #expect(try members("kill", "ceres") == ["event": "kill", "node": "ceres"])
        #expect(
            try members("rekey", "juno", "liber")
                == ["event": "rekey", "node": "juno", "peer": "liber"])
        #expect(try request("link-up", "site")?.place == .link("site"))
        #expect(try request("stop", "ceres")?.place == .node("ceres"))
        #expect(try members() == nil)
    }

    @Test func `what is missing, too much or misspelt is named`() {
        #expect(problem("link-dwon", "x") == "no event 'link-dwon'; did you mean 'link-down'?")
        #expect(problem("kill") == "kill: which node?")
        #expect(problem("deactivate", "juno") == "deactivate: which neighbor?")
        #expect(problem("kill", "a", "b") == "one word too many: 'b'")
        #expect(problem("kill", "a", "--vrf", "red") == "kill takes no --vrf")
        #expect(problem("impair", "x") == "impair: it needs a delay, a loss or a rate")
        #expect(
            problem("impair", "x", "--loss", "1")
                == "impair: '1' is not a share of packets such as 1%")
        #expect(problem("repair", "x", "--loss", "1%") == "repair takes no --loss")
        #expect(problem("--node", "a") == "--node goes with an event")
        #expect(problem("fly", "a")?.contains("expected deactivate, activate, link-down") == true)
    }

    @Test func `the answer says who took it in`() {
        #expect(
            DeviationText.event(["at": 1, "text": "link a-b is down", "nodes": ["a", "b"]])
                == "link a-b is down; taken in by a and b\n")
        #expect(
            DeviationText.event(["at": 1, "text": "a is killed", "nodes": []]) == "a is killed\n")
        #expect(DeviationText.list(["a", "b", "c"]) == "a, b and c")
    }

    @Test func `what is not as the file says is a table`() throws {
        let answer: JSON = [
            "sessions": [
                [
                    "node": "juno", "vrf": "red", "neighbor": "luna", "address": "4.0.0.21",
                    "deactivated": true,
                ]
            ],
            "links": [["link": "juno-luna", "node": "juno"]],
            "impairments": [["link": "site", "node": "luna", "delay": "20ms", "loss": "0.5%"]],
            "nodes": [["node": "ceres", "state": "stopped", "reason": "ended by signal 11"]],
        ]
        try expectGolden("set-deviations", DeviationText.text(answer))
        #expect(
            DeviationText.text(["sessions": [], "links": [], "nodes": []])
                == "all is as the file says\n")
    }
}
