// SPDX-License-Identifier: Apache-2.0

import Foundation
import Primitives
import Testing

/// What is said in confidence stays where it is said: in the user's own file.
@Suite("Secrets", .serialized)
struct SecretsTests {
    /// Texts that nothing else holds.
    static let password = "correct-horse-9f3b"
    static let secret = "battery-staple-77c1"
    static let peerSecret = "purple-monkey-d204"

    static func leaks(_ text: String) -> [String] {
        [password, secret, peerSecret].filter { text.contains($0) }
    }

    /// Every way to ask about a lab.
    private static func questions(_ lab: String, _ nodes: [String]) -> [[String]] {
        let topics = [
            "route", "bgp", "neighbors", "vrf", "vrrp", "mpls", "interfaces", "transports", "ipsec",
        ]
        let shows = nodes.flatMap { node in
            topics.flatMap { topic in
                [
                    ["show", node, topic, "--lab", lab],
                    ["show", node, topic, "--lab", lab, "--json"],
                ]
            }
        }
        let execs = nodes.map { ["exec", "--lab", lab, $0, "--", "sh", "-c", "env; ps auxwwe"] }
        let logs = [["logs", "--lab", lab], ["logs", "--lab", lab, "--json"]]
        return [["ls"], ["ls", "--json"]] + logs + shows + execs
    }

    /// The command lines and environments of processes.
    private static func surroundings(of processes: [Int32]) -> [String] {
        processes.flatMap { pid in
            ["cmdline", "environ"].map { name in
                let data = FileManager.default.contents(atPath: "/proc/\(pid)/\(name)") ?? Data()
                return String(decoding: data, as: UTF8.self)
            }
        }
    }

    private static func files(of lab: String) throws -> [String: String] {
        let folder = Self.folder(of: lab)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(Set(names).isSuperset(of: ["lock", "log", "socket"]), "\(names)")
        return names.reduce(into: [:]) { files, name in
            guard let data = FileManager.default.contents(atPath: folder + "/" + name) else {
                return
            }
            files[name] = String(decoding: data, as: UTF8.self)
        }
    }

    private static func folder(of lab: String) -> String { "/run/weft/" + lab }

    private func check(_ weft: WeftLab, nodes: [String]) throws {
        for words in [
            ["validate", weft.file], ["plan", weft.file], ["plan", weft.file, "--json"],
        ]
            + Self.questions(weft.lab, nodes)
        {
            let outcome = try WeftRun.run(words)
            #expect(outcome.status == 0 || words[0] == "show", "\(words): \(outcome.complaint)")
            #expect(Self.leaks(outcome.output + outcome.complaint) == [], "\(words)")
        }
        #expect(!weft.processes.isEmpty)
        for text in Self.surroundings(of: weft.processes) { #expect(Self.leaks(text) == []) }
        for (name, text) in try Self.files(of: weft.lab) {
            #expect(Self.leaks(text) == [], "\(name)")
        }
    }

    @Test("of a session stand in no answer, plan, log, report, command line or file of the lab")
    func ofSessions() throws {
        let weft = try WeftLab("secret", password: Self.password, tests: WeftLabTests.tests)
        try weft.up()
        defer { try? weft.down() }
        try eventually("the session is established") {
            try weft.run("show", "a", "bgp", "--lab", weft.lab).output.contains("established")
        }
        try check(weft, nodes: ["a", "b"])
        // Both ends do have it: the session would not be there otherwise.
        #expect(try weft.run("plan", weft.file).output.contains("(set)"))
        try weft.run("down", weft.lab)
        let reports = [weft.file + ".json", weft.file + ".xml"]
        defer { for path in reports { try? FileManager.default.removeItem(atPath: path) } }
        let test = try weft.run(
            "test", weft.file, "--substrate", "host", "--json", reports[0], "--junit", reports[1])
        #expect(test.status == 0, "\(test.output)\(test.complaint)")
        #expect(Self.leaks(test.output + test.complaint) == [])
        for path in reports {
            #expect(Self.leaks(try String(contentsOfFile: path, encoding: .utf8)) == [], "\(path)")
        }
    }

    @Test("of IPsec do not either, in a microVM, nor in its nodes")
    func ofIPsec() throws {
        let weft = try WeftLab("keys", text: Self.protected)
        let up = try weft.run("up", weft.file, "--substrate", "microvm")
        try #require(up.status == 0, "\(up.complaint)")
        defer { try? weft.down() }
        try eventually("the tunnel is up") {
            try weft.run("show", "pe1", "ipsec", "--lab", weft.lab).output.contains("up")
        }
        try check(weft, nodes: ["pe1"])
        // The texts come by the standard input, so that no command line holds them.
        let secrets = [Self.password, Self.secret, Self.peerSecret].joined(separator: "\n")
        let inside = try weft.run(
            "exec", "--lab", weft.lab, "pe1", "--", "sh", "-c",
            "cat >/tmp/p; cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ | grep -acFf /tmp/p; "
                + "grep -rlFf /tmp/p /run /var/run /etc/swanctl /etc/ipsec.secrets 2>/dev/null; true",
            input: secrets + "\n")
        #expect(inside.output == "0\n", "\(inside.output)")
    }

    private static let protected = """
        bgp-groups: {core: {families: [vpnv4], password: \(password)}}
        core: {mode: ip, transport: safe}
        transports: {safe: {encapsulation: mgre, ipsec: ike}}
        ipsec: {ike: {keying: ike, secret: \(secret), secrets: {pe2: \(secret), pe1: \(secret)}}}
        nodes:
          pe1:
            role: pe
            loopback: 10.0.0.1
            bgp: {as: 1, neighbors: {pe2: core}}
            vrfs: {red: {rd: 1:1, target: 1:1, loopback: 10.1.0.1}}
          pe2:
            role: pe
            loopback: 10.0.0.2
            bgp: {as: 1, neighbors: {pe1: core}}
            vrfs: {red: {rd: 1:1, target: 1:1, loopback: 10.1.0.2}}
        links: [{endpoints: [pe1, pe2]}]
        """

    // MARK: Whose lab it is

    private static func mode(_ path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require(attributes[.posixPermissions] as? Int)
    }

    @Test("a lab is its user's alone, whatever the umask")
    func permissions() throws {
        let weft = try WeftLab("umask")
        let old = umask(0)
        defer { umask(old) }
        try weft.up()
        umask(old)
        defer { try? weft.down() }
        let folder = Self.folder(of: weft.lab)
        #expect(try Self.mode("/run/weft") == 0o700)
        #expect(try Self.mode(folder) == 0o700)
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            #expect(try Self.mode(folder + "/" + name) == 0o600, "\(name)")
        }
        // Nobody else finds it, or sees what is in it.
        let stranger = try OrdinaryUser()
        let listing = try stranger.run("ls", "--json")
        #expect(listing.status == 0, "\(listing.complaint)")
        #expect(!listing.output.contains(weft.lab))
        for name in ["", "/socket", "/log"] {
            #expect(try stranger.run(program: ["test", "-e", folder + name]).status == 1)
            #expect(FileManager.default.fileExists(atPath: folder + name))
        }
    }

    @Test("a directory that somebody else made in its place is not used")
    func planted() throws {
        let user = try OrdinaryUser()
        let folder = "/tmp/weft-\(user.number)"
        for (owner, mode) in [(user.number, 0o777), (0, 0o700)] as [(uid_t, mode_t)] {
            mkdir(folder, 0o700)
            chown(folder, owner, owner)
            chmod(folder, mode)
            let outcome = try user.run("ls")
            #expect(outcome.status == 3)
            #expect(outcome.complaint.contains("use \(folder), which is not"), "\(outcome)")
            rmdir(folder)
        }
        let target = user.home + "/target"
        mkdir(target, 0o700)
        chown(target, user.number, user.number)
        symlink(target, folder)
        #expect(try user.run("ls").status == 3)
        unlink(folder)
    }
}
