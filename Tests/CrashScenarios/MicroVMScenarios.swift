// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Kernel
import Primitives

/// The same where another kernel carries the lab.
enum MicroVMScenarios {
    private static func isStarted() -> Bool { !Processes.named("qemu-system-x86").isEmpty }

    /// While the machine starts.
    static func boot() throws -> JSON {
        let lab = try CrashLab(substrate: "microvm")
        // A keeper's end stops nothing; the whole start would have to be waited for.
        for name in ["weft-microvm", "qemu-system-x86", "weft"] {
            for delay in [0, 700_000] {
                lab.round("boot: \(name) after \(delay) us") {
                    let up = try lab.starting("up")
                    guard try up.wait(until: isStarted) else { throw Complaint(up.complaint) }
                    usleep(UInt32(delay))
                    Processes.kill(name)
                    if name == "weft" { try up.end() } else { try lab.expectCivil(up, [3]) }
                    try lab.expectGone()
                }
            }
        }
        return lab.result
    }

    static func signals() throws -> JSON {
        let lab = try CrashLab(substrate: "microvm")
        for (signal, count) in [(SIGINT, 1), (SIGINT, 2), (SIGTERM, 1), (SIGHUP, 1)] {
            lab.round("boot: \(count) times signal \(signal)") {
                let up = try lab.starting("up")
                guard try up.wait(until: isStarted) else { throw Complaint(up.complaint) }
                usleep(300_000)
                for _ in 0..<count { up.signalGroup(signal) }
                let began = MonotonicClock.now
                try up.end()
                guard up.lastWord == "weft: interrupted; nothing of crash is left",
                    MonotonicClock.now - began < .seconds(3)
                else { throw Complaint("\(up.complaint)") }
            }
        }
        lab.round("a program without a lab") {
            let run = try lab.weft("microvm", "--", "sleep", "1000")
            guard try run.wait(until: isStarted) else { throw Complaint(run.complaint) }
            run.signalGroup(SIGINT)
            try run.end()
        }
        return lab.result
    }

    /// Once it runs: who brought it up is gone, and somebody is killed.
    static func running() throws -> JSON {
        let lab = try CrashLab(substrate: "microvm")
        // QEMU's turn is that of the lab with IKE daemons.
        for name in ["weft-keeper", "weft-microvm"] {
            lab.round("running: \(name)") {
                try lab.up()
                Processes.kill(name)
                if name == "weft-keeper" {
                    guard lab.isRunning else { throw Complaint("the lab has gone") }
                    try lab.expectDown()
                }
                try lab.expectGone()
            }
        }
        return lab.result
    }

    private static let edges = """
        name: crash
        core: {mode: ip, transport: secure}
        transports: {secure: {encapsulation: gre, ipsec: esp}}
        ipsec: {esp: {keying: ike}}
        nodes:
          pe1: {role: pe, loopback: 10.0.0.1, bgp: {as: 1, neighbors: {pe2: {families: [vpnv4]}}},
            vrfs: {red: {rd: "1:1", target: "1:1", loopback: 10.1.0.1}}}
          pe2: {role: pe, loopback: 10.0.0.2, bgp: {as: 1, neighbors: {pe1: {families: [vpnv4]}}},
            vrfs: {red: {rd: "1:1", target: "1:1", loopback: 10.1.0.2}}}
        links: [{endpoints: [pe1, pe2], subnet: 192.0.2.0/30}]
        """

    /// IKE daemons and routers that die in the guest: the lab goes on and says which and why.
    static func ike() throws -> JSON {
        let lab = try CrashLab(substrate: "microvm")
        try FileSystem.write(lab.file, edges)
        lab.round("an IKE daemon") {
            try lab.up()
            func ipsec(_ node: String) throws -> String {
                let show = try lab.weft("show", node, "ipsec")
                try show.end()
                return show.output
            }
            guard try lab.eventually({ try ipsec("pe1").contains(" up ") }) else {
                throw Complaint("no association: \(try ipsec("pe1"))")
            }
            let script = "kill -9 $(pidof charon-systemd | cut -d' ' -f1)"
            let kill = try lab.weft("exec", "pe1", "--", "sh", "-c", script)
            guard try kill.end().status == 0 else { throw Complaint(kill.complaint) }
            let reason = "'s IKE daemon ended by signal 9"
            guard
                try lab.eventually({
                    try (ipsec("pe1") + ipsec("pe2")).contains(reason)
                })
            else { throw Complaint("not told: \(try ipsec("pe1"))\(try ipsec("pe2"))") }
            guard lab.isRunning else { throw Complaint("the lab has gone") }
            Processes.kill("qemu-system-x86")
            try lab.expectGone()
        }
        return lab.result
    }

    // MARK: The cache

    /// A home whose cache has this machine's kernels and nothing else.
    private static func makeHome(_ name: String, size: String) throws -> String {
        let home = "\(Sandbox.work)/\(name)"
        let (own, cache) = (try FileSystem.cacheDirectory("weft"), "\(home)/.cache/weft")
        try FileSystem.makeDirectories(cache)
        guard weft_mount_with("tmpfs", cache, "tmpfs", 0, "mode=700,size=\(size)") == 0 else {
            throw SystemError("mount \(cache)")
        }
        for name in try FileSystem.names(in: own)
        where name.hasPrefix("linux-") || name.hasPrefix("vmlinux-") {
            symlink("\(own)/\(name)", "\(cache)/\(name)")
        }
        return home
    }

    private static func half(in home: String) throws -> [String] {
        let names = try FileSystem.names(in: "\(home)/.cache/weft")
        return names.filter { $0.hasPrefix("initramfs-") || $0.hasSuffix(".part") }
    }

    /// The file system that the guest starts from is made, and does not fit or is not finished.
    static func cache() throws -> JSON {
        let (small, large) = (try makeHome("small", size: "1m"), try makeHome("large", size: "64m"))
        let lab = try CrashLab(substrate: "microvm")
        let words = ["up", lab.file, "--substrate", "microvm"]
        lab.round("a full disk") {
            let up = try WeftProcess(words, home: small)
            try lab.expectCivil(up, [3])
            guard up.lastWord.contains("No space left on device"), try half(in: small) == [] else {
                throw Complaint("\(up.complaint) \(try half(in: small))")
            }
        }
        for delay in [0, 20_000, 60_000, 120_000] {
            lab.round("killed while making it, after \(delay) us") {
                let up = try WeftProcess(words, home: large)
                guard try up.wait(until: { up.complaint.contains("first file system") }) else {
                    throw Complaint(up.complaint)
                }
                usleep(UInt32(delay))
                ChildProcess.signal(up.pid, SIGKILL)
                try up.end()
                let left = try half(in: large)
                // Whole, it stays; the next round is to make it again.
                for name in left where !name.hasSuffix(".part") {
                    FileSystem.remove("\(large)/.cache/weft/\(name)")
                }
                guard try half(in: large) == [] else { throw Complaint("\(left)") }
            }
        }
        return lab.result
    }

    /// More memory than there may be.
    static func memory() throws -> JSON {
        var nodes = "name: crash\nnodes:\n"
        for number in 0..<600 { nodes += "  n\(number): {role: host}\n" }
        let lab = try CrashLab(substrate: "microvm")
        try FileSystem.write(lab.file, nodes)
        lab.round("no memory") {
            let up = try lab.weft("up", lab.file, "--substrate", "microvm") {
                var limit = rlimit(rlim_cur: 2 << 30, rlim_max: 2 << 30)
                setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
            }
            try lab.expectCivil(up, [3])
            guard up.lastWord.contains("Cannot allocate memory"), up.lastWord.contains("MiB") else {
                throw Complaint(up.complaint)
            }
        }
        return lab.result
    }
}
