// SPDX-License-Identifier: Apache-2.0

import Foundation
import Kernel
import Primitives
import Testing

/// Labs on this kernel by those who have no privilege, and by root without using it.
@Suite(.serialized) struct RootlessTests {
    private static func topology(_ name: String) throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return try FileSystem.read(root.appending(path: "Topologies/\(name).yaml").path)
    }

    @Test(arguments: [("ebgp-failover", 8), ("dual-stack-site", 31)] as [(String, Int64)])
    func `every check of a lab passes for an ordinary user`(_ name: String, _ checks: Int64) throws
    {
        let user = try OrdinaryUser()
        let file = try user.write("lab.yaml", Self.topology(name))
        let outcome = try user.run("test", file, "--json", "\(user.home)/report")
        #expect(outcome.status == 0, "\(outcome.output)\n\(outcome.complaint)")
        #expect(outcome.complaint.hasPrefix("substrate rootless: "))
        let json = try JSON(parsing: FileSystem.read("\(user.home)/report"))
        #expect(json["checks-passed"]?.int == checks)
        #expect(user.processes == [])
    }

    /// In a microVM, whose kernel has VRFs and MPLS; there too, nobody who runs the lab is root.
    @Test func `a kernel that carries a provider network carries it for an ordinary user`() throws {
        let user = try OrdinaryUser()
        let file = try user.write("lab.yaml", Self.topology("basic-l3vpn"))
        let command = ["\(user.home)/weft", "test", file, "--substrate", "rootless"]
        let outcome = try WeftRun.run(["microvm", "--"] + user.command(command))
        #expect(outcome.status == 0, "\(outcome.output)\n\(outcome.complaint)")
        #expect(outcome.output.contains("13 checks passed, 0 failed"))
    }

    @Test func `an ordinary user's lab is used from outside, is theirs only, leaves nothing`()
        throws
    {
        let user = try OrdinaryUser()
        let weft = try WeftLab("ordinary")
        defer { try? weft.down() }
        let before = try WeftLab.surroundings()
        let file = try user.write("lab.yaml", FileSystem.read(weft.file))
        let up = try user.run("up", file)
        try #require(up.status == 0, "\(up.complaint)")
        let lab = try #require(try JSON(parsing: user.run("ls", "--json").output)[0])
        #expect(lab["substrate"] == "rootless")
        #expect(user.processes.count == 4)
        try eventually("the session is established") {
            try user.run("show", "a", "bgp").output.contains("established")
        }
        // Tools may do all to the node, and see it alone; one that changes its user still works.
        let script = """
            ip link add probe type veth; sysctl -w net.ipv4.ip_forward=1
            ls /sys/class/net; hostname; touch /run/mine; ls /run; id -u
            (sleep 0.2; ping -c 1 10.0.0.2 >/dev/null) & tcpdump -c 1 -ni eth1 icmp 2>/dev/null
            """
        let tool = try user.run("exec", "a", "--", "sh", "-c", script)
        #expect(
            tool.lines.dropLast()
                == [
                    "net.ipv4.ip_forward = 1", "eth1", "lo", "probe", "veth0", "a", "mine",
                    "\(user.number)",
                ], "\(tool.complaint)")
        #expect(tool.lines.last?.contains("ICMP echo") == true)
        try isNotReached(by: OrdinaryUser(number: user.number + 1000), lab, of: user.number)
        #expect(try WeftLab.surroundings() == before)
        #expect(try user.run("down", weft.lab).status == 0)
        #expect(user.processes == [])
        #expect(try FileSystem.names(in: "/tmp/weft-\(user.number)") == [])
    }

    /// Another user neither sees the lab nor gets to its socket, its log or its processes.
    private func isNotReached(
        by other: OrdinaryUser, _ lab: JSON, of number: uid_t
    ) throws {
        #expect(try other.run("ls", "--json").output == "[]\n")
        let name = lab["name"]?.string ?? ""
        #expect(try other.run("exec", "--lab", name, "a", "--", "true").status == 2)
        #expect(try other.run(program: ["ls", "/tmp/weft-\(number)"]).status == 2)
        let pid = "\(lab["pid"]?.int ?? 0)"
        let entered = try other.run(
            program: ["nsenter", "--preserve-credentials", "-U", "-n", "-t", pid, "true"])
        #expect(entered.status == 1)
        #expect(entered.complaint.contains("Permission denied"))
    }

    @Test func `root's lab holds no right over this machine's network`() throws {
        let weft = try WeftLab("unprivileged")
        defer { try? weft.down() }
        let before = try WeftLab.surroundings()
        let up = try weft.run("up", weft.file)
        try #require(up.status == 0, "\(up.complaint)")
        let lab = try #require(try weft.listing())
        #expect(lab["substrate"] == "rootless")
        let pid = "\(lab["pid"]?.int ?? 0)"
        func make(in namespaces: [String]) throws -> WeftRun.Outcome {
            try WeftRun.start(
                program: ["/usr/bin/nsenter", "--preserve-credentials", "-t", pid] + namespaces
                    + ["ip", "link", "add", "weft-probe", "type", "bridge"]
            ).outcome()
        }
        // What the supervisor may do, tried on this machine and on what is its own.
        let outside = try make(in: ["-U"])
        #expect(outside.status != 0)
        #expect(outside.complaint.contains("Operation not permitted"))
        let inside = try make(in: ["-U", "-n"])
        #expect(inside.status == 0, "\(inside.complaint)")
        #expect(try WeftLab.surroundings() == before)
        // And root's tools find all the users that they change to.
        let tool = try weft.run(
            "exec", "--lab", weft.lab, "a", "--", "setpriv", "--reuid=65534", "--clear-groups",
            "id", "-u")
        #expect(tool.output == "65534\n", "\(tool.complaint)")
    }

    @Test func `where user namespaces are forbidden, doctor names the command against it`() throws {
        let user = try OrdinaryUser()
        // The limit can be set for all below a user namespace, as an administrator sets it for all.
        let outcome = try user.run(program: [
            "unshare", "--user", "--map-root-user", "sh", "-c",
            "echo 0 > /proc/sys/user/max_user_namespaces; \(user.home)/weft doctor --json",
        ])
        let findings = try JSON(parsing: outcome.output)
        #expect(findings["substrates"]?[0]?["ready"] == false)
        #expect(
            findings["advice"]?[0]?["command"] == "sudo sysctl -w user.max_user_namespaces=16384",
            "\(outcome.complaint)")
    }

    @Test func `killing an ordinary user's supervisor ends every process`() throws {
        let user = try OrdinaryUser()
        let weft = try WeftLab("fallen")
        defer { try? weft.down() }
        let file = try user.write("lab.yaml", FileSystem.read(weft.file))
        #expect(try user.run("up", file).status == 0)
        let lab = try JSON(parsing: user.run("ls", "--json").output)[0]
        kill(pid_t(try #require(lab?["pid"]?.int)), SIGKILL)
        let number = user.number
        try eventually("all processes are gone") { OrdinaryUser.processes(of: number) == [] }
        #expect(try user.run("ls").output == "no lab is running\n")
    }
}
