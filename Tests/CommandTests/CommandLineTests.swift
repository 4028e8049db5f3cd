// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import weft

@Suite struct CommandLineTests {
    static let exec = Command(
        name: "exec", summary: "", description: "",
        arguments: [
            .init(name: "NODE", summary: ""), .init(name: "COMMAND", summary: "", arity: .verbatim),
        ],
        options: [.lab, .json], run: { _ in .passed })
    static let show = Command(
        name: "show", summary: "", description: "",
        arguments: [
            .init(name: "NODE", summary: ""), .init(name: "WHAT", summary: "", arity: .many),
        ],
        options: [.lab, .json], run: { _ in .passed })

    func problem(_ words: [String], _ command: Command) -> String? {
        do {
            _ = try Invocation(words, for: command)
            return nil
        } catch { return error.message }
    }

    @Test func `options stand anywhere among words, with a blank or an equals sign`() throws {
        for words in [
            ["--lab", "x", "luna", "route", "--json", "10.0.0.3"],
            ["luna", "--json", "route", "10.0.0.3", "--lab=x"],
        ] {
            let invocation = try Invocation(words, for: Self.show)
            #expect(invocation.argument("NODE") == "luna")
            #expect(invocation.rest == ["route", "10.0.0.3"])
            #expect(invocation.has("json"))
            #expect(invocation.value("lab") == "x")
        }
    }

    @Test func `another program's options are left to it, with dashes before it or without`() throws
    {
        let command = ["ping", "-c", "1", "--json", "--", "x"]
        #expect(try Invocation(["luna", "--"] + command, for: Self.exec).rest == command)
        #expect(try Invocation(["luna"] + command, for: Self.exec).rest == command)
        let before = try Invocation(["--lab", "a", "luna", "--"] + command, for: Self.exec)
        #expect(before.rest == command)
        #expect(before.value("lab") == "a")
    }

    @Test func `every mistake of a command line is named`() {
        #expect(problem(["luna"], Self.exec) == "COMMAND is missing")
        #expect(problem([], Self.exec) == "NODE is missing")
        #expect(
            problem(["--jsn", "a", "b"], Self.show)
                == "unknown option '--jsn'; did you mean '--json'?")
        #expect(problem(["--colour"], Self.show) == "unknown option '--colour'")
        #expect(
            problem(["-x"], Self.show)
                == "unknown option '-x'; options are written with two dashes")
        #expect(problem(["a", "b", "--lab"], Self.show) == "--lab needs a NAME")
        #expect(problem(["a", "b", "--json=1"], Self.show) == "--json takes no value")
        let list = Command(name: "ls", summary: "", description: "", run: { _ in .passed })
        #expect(problem(["a"], list) == "one word too many: 'a'")
        #expect(problem(["--help", "--nonsense"], list) == "unknown option '--nonsense'")
    }

    @Test func `help is given even where words are missing`() throws {
        #expect(try Invocation(["--help"], for: Self.exec).has("help"))
        #expect(try Invocation(["-h"], for: Self.exec).has("help"))
    }

    @Test func `a misspelt verb is answered with the nearest`() {
        func problem(_ words: [String]) -> String? {
            do {
                _ = try CommandTable.parse(words)
                return nil
            } catch { return error.message }
        }
        #expect(problem(["shwo", "luna"]) == "unknown command 'shwo'; did you mean 'show'?")
        #expect(problem(["frobnicate"]) == "unknown command 'frobnicate'")
        #expect(problem(["--version"]) == nil)
    }

    @Test func `near means few letters for the word's length`() {
        let names = ["route", "received", "vrf"]
        #expect(Suggestion.nearest(to: "rotue", among: names) == "route")
        #expect(Suggestion.nearest(to: "recieved", among: names) == "received")
        #expect(Suggestion.nearest(to: "vrfs", among: names) == "vrf")
        #expect(Suggestion.nearest(to: "bgp", among: names) == nil)
    }
}

@Suite struct ShowRequestTests {
    func members(_ words: String...) throws -> JSON {
        .object(try ShowRequest(words).members(node: "juno"))
    }

    @Test func `words become the members of a request`() throws {
        #expect(
            try members("route", "vrf", "red", "10.0.0.0/8", "protocol", "bgp")
                == [
                    "node": "juno", "query": "routes", "vrf": "red", "prefix": "10.0.0.0/8",
                    "source": "bgp",
                ])
        #expect(try members("bgp") == ["node": "juno", "query": "neighbors"])
        #expect(try members("vrf") == ["node": "juno", "query": "vrfs"])
        #expect(try ShowRequest(["route", "10.0.0.3"]).address == IPAddress("10.0.0.3"))
    }

    @Test func `a neighbor is passed on by name or address, with its VRF`() throws {
        #expect(
            try members("route", "received", "ceres")
                == ["node": "juno", "query": "received", "neighbor": "ceres"])
        #expect(
            try members("advertised", "4.0.0.21", "vrf", "blue")
                == [
                    "node": "juno", "query": "advertised", "vrf": "blue", "neighbor": "4.0.0.21",
                ])
    }

    @Test func `what cannot be shown is refused with a hint`() {
        #expect(throws: UsageError.self) { try ShowRequest(["received"]) }
        #expect(throws: UsageError.self) { try ShowRequest(["vrrp", "1"]) }
        #expect(throws: UsageError.self) { try ShowRequest(["route", "10.0.0.300"]) }
        #expect(
            throws: UsageError(
                message: "cannot show 'rute'; did you mean 'route'?", command: "show")
        ) { try ShowRequest(["rute"]) }
    }

    /// Words that a command line may be made of, right and wrong.
    static let words: [String] = {
        var words: [String] = [
            "", "-", "--", "---", "-h", "-x", "=", "--=", "--=x", "--json=", "--lab==", "a",
            "b.yaml", "é", "\u{0}", "\u{1b}[2J", "\n", "--\n", "10.0.0.3", "4294967296", "-1",
        ]
        words.append(String(repeating: "x", count: 5000))
        words.append("--" + String(repeating: "y", count: 5000))
        for command in CommandTable.commands {
            words.append(command.name)
            for option in command.options {
                words.append("--\(option.name)")
                words.append("--\(option.name)=x")
                words.append("--\(option.name.dropLast())")
            }
        }
        return words
    }()

    @Test func `any words are a command or a mistake that is told`() {
        var state: UInt64 = 2026
        func below(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        var accepted = 0
        for _ in 0..<20_000 {
            let words = (0..<below(8)).map { _ in Self.words[below(Self.words.count)] }
            do {
                let (command, invocation) = try CommandTable.parse(words)
                accepted += 1
                guard !invocation.has("help") else { continue }
                for argument in command.arguments where argument.isRequired {
                    let isThere = invocation.arguments[argument.name] != nil
                    #expect(isThere || !invocation.rest.isEmpty, "\(words)")
                }
            } catch {
                #expect(!error.message.isEmpty, "\(words)")
            }
        }
        #expect(accepted > 100)
    }
}
