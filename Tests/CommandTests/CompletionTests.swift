// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import weft

@Suite struct CompletionTests {
    private struct Labs: CompletionSource {
        func labs() -> [String] { ["demo", "other"] }

        func names(lab: String?) -> [JSON] {
            let demo: JSON = [
                "nodes": [
                    [
                        "name": "juno", "vrfs": ["red"], "devices": ["lo", "eth1"],
                        "neighbors": [["name": "luna", "address": "4.0.0.21", "vrf": "red"]],
                        "ipsec-peers": ["liber"],
                    ],
                    ["name": "luna", "vrfs": [], "devices": ["eth1"], "neighbors": []],
                ],
                "links": [
                    ["name": "juno-luna", "nodes": ["juno", "luna"]],
                    ["name": "site", "nodes": ["luna"]],
                ],
            ]
            let other: JSON = ["nodes": [["name": "mars"]], "links": []]
            return lab == "demo" ? [demo] : lab == "other" ? [other] : [demo, other]
        }
    }

    private func complete(_ words: String...) -> [String] {
        Completer(commands: CommandTable.commands, source: Labs()).candidates(words)
    }

    @Test func `verbs and options`() {
        #expect(complete("sh") == ["show", "shell"])
        #expect(complete("__") == [])
        #expect(complete("").contains("up"))
        #expect(complete("nonsense", "") == [])
        #expect(complete("show", "juno", "bgp", "--") == ["--json", "--lab", "--help"])
        #expect(complete("show", "--json", "juno", "--") == ["--lab", "--help"])
        #expect(complete("up", "lab.yaml", "--substrate", "mi") == ["microvm"])
        #expect(complete("up", "--substrate=h") == ["--substrate=host"])
        #expect(complete("help", "val") == ["validate"])
        #expect(complete("completion", "") == ["bash", "zsh", "fish"])
    }

    @Test func `files, labs and nodes`() {
        #expect(complete("up", "") == [":files"])
        #expect(complete("test", "lab.yaml", "--junit", "") == [":files"])
        #expect(complete("test", "lab.yaml", "--junit=") == [":files"])
        #expect(complete("down", "") == ["demo", "other"])
        #expect(complete("show", "") == ["juno", "luna", "mars"])
        #expect(complete("show", "--lab", "demo", "") == ["juno", "luna"])
        #expect(complete("show", "--lab=other", "") == ["mars"])
        #expect(complete("show", "--lab", "d") == ["demo"])
        #expect(complete("logs", "l") == ["luna"])
        #expect(complete("shell", "j") == ["juno"])
    }

    @Test func `what show can show, and of whom`() {
        #expect(complete("show", "juno", "vr") == ["vrf", "vrrp"])
        #expect(
            complete("show", "juno", "route", "") == ["vrf", "protocol", "received", "advertised"])
        #expect(complete("show", "juno", "route", "vrf", "") == ["red"])
        #expect(complete("show", "juno", "route", "vrf", "red", "") == ["protocol"])
        #expect(complete("show", "juno", "route", "protocol", "b") == ["bgp"])
        #expect(complete("show", "juno", "route", "received", "") == ["luna"])
        #expect(complete("show", "juno", "received", "luna", "") == ["vrf"])
        #expect(complete("show", "juno", "bgp", "") == [])
    }

    @Test func `events and to what they happen`() {
        #expect(complete("set", "link-") == ["link-down", "link-up"])
        #expect(complete("set", "link-down", "") == ["juno-luna", "site"])
        #expect(complete("set", "link-down", "site", "--node", "") == ["luna"])
        #expect(complete("set", "deactivate", "juno", "") == ["luna"])
        #expect(complete("set", "deactivate", "juno", "luna", "--vrf", "") == ["red"])
        #expect(complete("set", "rekey", "juno", "") == ["liber"])
        #expect(complete("set", "kill", "juno", "") == [])
    }

    @Test func `places to capture, and programs to run`() {
        #expect(complete("capture", "") == ["juno-luna", "site", "juno:", "luna:", "mars:"])
        #expect(complete("capture", "juno:") == ["juno:juno-luna", "juno:lo", "juno:eth1"])
        #expect(complete("capture", "luna:s") == ["luna:site"])
        #expect(complete("exec", "j") == ["juno"])
        #expect(complete("exec", "juno", "--", "pi") == [":commands"])
        #expect(complete("exec", "juno", "tcpdump", "-") == [":files"])
    }

    @Test func `the shells' scripts ask for every word`() {
        for script in CompletionScript.allCases {
            #expect(script.text.contains("__complete -- "))
            #expect(script.text.contains("weft completion \(script.rawValue)"))
        }
    }
}

@Suite struct ShellTests {
    private func shell(_ wanted: String?, _ files: Set<String>) -> Shell {
        Shell(wanted, lab: "demo", node: "juno", exists: files.contains)
    }

    @Test func `the user's shell is taken where it is, else bash, else sh`() {
        let all: Set = ["/bin/bash", "/bin/sh", "/usr/bin/fish"]
        #expect(shell("/usr/bin/fish", all).arguments.first == "/usr/bin/fish")
        #expect(shell("/usr/bin/zsh", all).arguments == ["/bin/bash"])
        #expect(shell(nil, ["/bin/sh"]).arguments == ["/bin/sh"])
        #expect(shell("", ["/bin/sh"]).environment["PS1"] == "(juno) $ ")
    }

    @Test func `it knows where it is`() {
        let environment = shell(nil, ["/bin/bash"]).environment
        #expect(environment["WEFT_LAB"] == "demo" && environment["WEFT_NODE"] == "juno")
        #expect(environment["PROMPT_COMMAND"]?.contains("(juno) ") == true)
    }
}

@Suite struct CaptureRequestTests {
    private func request(_ words: String..., isTerminal: Bool = false) throws -> CaptureRequest {
        let invocation = try Invocation(words, for: captureCommand)
        return try CaptureRequest(invocation, outputIsTerminal: isTerminal)
    }

    private func problem(_ words: String..., isTerminal: Bool = false) -> String? {
        do {
            let invocation = try Invocation(words, for: captureCommand)
            _ = try CaptureRequest(invocation, outputIsTerminal: isTerminal)
            return nil
        } catch { return error.message }
    }

    @Test func `where, and in which form`() throws {
        #expect(
            JSON.object(try request("juno:eth1").members)
                == ["node": "juno", "link": "eth1", "form": "pcapng"])
        let words = try request("juno-luna", isTerminal: true)
        #expect(JSON.object(words.members) == ["link": "juno-luna", "form": "text"])
        #expect(words.place == .link("juno-luna"))
        #expect(try request("juno:eth1.105").link == "eth1.105")
        #expect(try request("a-b", "--write", "f", isTerminal: true).sink == .file("f"))
        #expect(try request("a-b", "--write", "-").sink == .output)
        #expect(try request("a-b", "--open", isTerminal: true).sink == .tool)
        #expect(try request("a-b", "--text").sink == .terminal)
    }

    @Test func `what makes no sense is refused`() {
        #expect(problem(":eth1") == "WHERE is NODE:LINK or LINK")
        #expect(problem("juno:") == "WHERE is NODE:LINK or LINK")
        #expect(
            problem("a", "--open", "--text") == "--write, --open or --text: choose one")
        #expect(
            problem("a", "--write", "-", isTerminal: true)
                == "pcapng is not for terminals; give a file or a pipe")
    }
}
