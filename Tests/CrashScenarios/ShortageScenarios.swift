// SPDX-License-Identifier: Apache-2.0

import CLinux
import Control
import Glibc
import Kernel
import Primitives

/// Too little of something, or too much of the same: a clear sentence, and nothing half done.
enum ShortageScenarios {
    private static func limit(_ resource: __rlimit_resource, _ value: Int) {
        var limit = rlimit(rlim_cur: rlim_t(value), rlim_max: rlim_t(value))
        setrlimit(__rlimit_resource_t(resource.rawValue), &limit)
    }

    /// Fails with one sentence that has the words, or succeeds where that is allowed.
    private static func expect(
        _ process: WeftProcess, _ words: String, maySucceed: Bool = false
    ) throws {
        let exit = try process.end()
        if maySucceed, exit.status == 0 { return }
        guard exit.status == 3 || exit.status == 2, process.lastWord.hasPrefix("weft: "),
            process.lastWord.contains(words)
        else { throw Complaint("wanted '\(words)', got \(exit): \(process.complaint)") }
    }

    /// From too few to open a file to enough for a lab.
    static func descriptors() throws -> JSON {
        let lab = try CrashLab()
        for count in 4...20 {
            lab.round("\(count) descriptors") {
                let up = try lab.weft("up", lab.file, "--substrate", "host") {
                    limit(RLIMIT_NOFILE, count)
                }
                try expect(up, "Too many open files", maySucceed: count > 12)
            }
        }
        lab.round("a lab without descriptors left") {
            try lab.up()
            let supervisor = Processes.named("weft-lab").first ?? 0
            let used = try FileSystem.names(in: "/proc/\(supervisor)/fd").compactMap { Int($0) }
            let some = (used.max() ?? 0) + 3
            let limited = try Subprocess.run([
                "prlimit", "--pid", "\(supervisor)", "--nofile=\(some):\(some)",
            ])
            guard limited.isSuccess else { throw Complaint(limited.complaint) }
            let socket = try LabDirectory(lab: lab.name).socketPath
            let clients = try (0..<8).map { _ in try UnixSocket.connect(to: socket).release() }
            try expect(try lab.weft("show", "a", "route"), "no file descriptors left")
            for raw in clients { close(raw) }
            guard lab.eventually({ lab.isRunning }) else { throw Complaint("it does not recover") }
            try lab.expectDown()
        }
        return lab.result
    }

    /// Files must not grow, as on a full disk or by RLIMIT_FSIZE.
    static func disk() throws -> JSON {
        let lab = try CrashLab()
        lab.round("no file may grow") {
            let up = try lab.weft("up", lab.file, "--substrate", "host") { limit(RLIMIT_FSIZE, 0) }
            try expect(up, "File too large")
        }
        for (options, words) in [("size=4k,nr_inodes=4", "No space left"), ("ro", "Read-only")] {
            lab.round("a runtime directory with \(options)") {
                let up = try lab.weft("up", lab.file, "--substrate", "host") {
                    cover("/run/weft", options)
                }
                try expect(up, words)
            }
        }
        for option in ["--junit", "--json"] {
            for (path, words) in [
                ("\(Sandbox.work)/full/report", "No space left"),
                ("\(Sandbox.work)/none/report", "No such file"),
            ] {
                lab.round("test \(option) \(path)") {
                    let test = try lab.weft(
                        "test", lab.file, "--substrate", "host", option, path
                    ) {
                        cover("\(Sandbox.work)/full", "size=4k", fill: "\(Sandbox.work)/full/fill")
                    }
                    try expect(test, words)
                }
            }
        }
        return lab.result
    }

    /// In the child: a small file system of its own over a directory.
    private static func cover(_ path: String, _ options: String, fill: String? = nil) {
        weft_unshare(Int32(CLONE_NEWNS))
        _ = weft_mount("none", "/", nil, weft_mount_recursive_slave)
        mkdir(path, 0o700)
        let isReadOnly = options == "ro"
        _ = weft_mount_with(
            "tmpfs", path, "tmpfs", isReadOnly ? weft_mount_read_only : 0,
            "mode=700" + (isReadOnly ? "" : ",\(options)"))
        if let fill { try? FileSystem.write(fill, String(repeating: "x", count: 8192)) }
    }

    /// Two at a time, the same twice, two at the same instant.
    static func several() throws -> JSON {
        let lab = try CrashLab()
        let other = try CrashLab("other")
        lab.round("two labs") {
            let pair = [try lab.starting("up"), try other.starting("up")]
            for process in pair where try process.end().status != 0 {
                throw Complaint(process.complaint)
            }
            guard lab.isRunning, other.isRunning else { throw Complaint("one is missing") }
            try lab.expectDown()
            guard other.isRunning else { throw Complaint("the other one has gone as well") }
            try other.expectDown()
        }
        lab.round("the same file twice") {
            try lab.up()
            let pid = lab.hello?["pid"]
            try expect(try lab.starting("test"), "a lab named crash is already running")
            // What is as the file says needs no change; no second lab is begun.
            try lab.expectCivil(try lab.starting("up"))
            guard lab.hello?["pid"] == pid, lab.isRunning else { throw Complaint("disturbed") }
            try lab.expectDown()
        }
        for attempt in 0..<8 {
            lab.round("two at the same instant, \(attempt)") {
                let pair = [try lab.starting("up"), try lab.starting("up")]
                // Whoever comes second finds it running, or not yet.
                for process in pair { try lab.expectCivil(process, [0, 2, 3]) }
                guard pair.contains(where: { $0.status == 0 }), lab.isRunning,
                    Processes.named("weft-lab").count == 1
                else { throw Complaint("\(pair.map(\.complaint))") }
                try lab.expectDown()
            }
        }
        return lab.result
    }

    /// What labs of another time left, and a lab that does not answer.
    static func stale() throws -> JSON {
        let lab = try CrashLab()
        lab.round("a dead lab's directory") {
            let directory = try LabDirectory(lab: lab.name)
            withExtendedLifetime(try directory.lock().raw) {}
            withExtendedLifetime(try directory.listen()) {}
            guard try lab.weft("ls").end().status == 0 else { throw Complaint("ls fails") }
        }
        lab.round("up in a dead lab's directory") {
            let directory = try LabDirectory(lab: lab.name)
            withExtendedLifetime(try directory.lock().raw) {}
            withExtendedLifetime(try directory.listen()) {}
            try lab.up()
            try lab.expectDown()
        }
        lab.round("everything killed at once") {
            try lab.up()
            for name in ["weft-keeper", "weft-lab"] { Processes.kill(name) }
            _ = lab.eventually { Processes.named("weft-lab").isEmpty }
            guard try lab.weft("ls").end().status == 0 else { throw Complaint("ls fails") }
        }
        lab.round("a supervisor that does not answer") {
            try lab.up()
            Processes.kill("weft-lab", SIGSTOP)
            let down = try lab.weft("down", lab.name)
            guard try down.end().status == 0,
                down.complaint.hasPrefix("crash does not answer; ending its process ")
            else { throw Complaint(down.complaint) }
        }
        return lab.result
    }

    /// An ordinary user who may have no more processes.
    static func processes() throws -> JSON {
        let lab = try CrashLab()
        let home = "\(Sandbox.work)/user"
        try FileSystem.makePrivateDirectory(home)
        chmod(Sandbox.work, 0o755)
        chown(home, 47_999, 47_999)
        // Where it was built, others may not look.
        let copy = "\(Sandbox.work)/weft"
        try FileSystem.replace(copy, try FileSystem.octets(of: WeftProcess.program), mode: 0o755)
        WeftProcess.program = copy
        for count in 0...4 {
            lab.round("\(count) processes") {
                let up = try WeftProcess(["up", lab.file, "--substrate", "rootless"], home: home) {
                    limit(__RLIMIT_NPROC, count)
                    guard setgid(47_999) == 0, setuid(47_999) == 0 else { _exit(99) }
                    unsetenv("XDG_RUNTIME_DIR")
                }
                let exit = try up.end()
                guard exit.status == 3, up.lastWord.hasPrefix("weft: ") else {
                    throw Complaint("\(exit): \(up.complaint)")
                }
                FileSystem.remove("/tmp/weft-47999")
            }
        }
        return lab.result
    }
}
