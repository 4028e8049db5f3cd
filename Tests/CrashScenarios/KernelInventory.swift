// SPDX-License-Identifier: Apache-2.0

import Glibc
import Kernel

/// What the kernel and the file system say there is in the sandbox.
struct KernelInventory: Equatable {
    /// By kind; each item with how often it is there.
    private var lists: [String: [String: Int]] = [:]

    /// Looks at everything.
    init() {
        for process in Processes.all {
            note("process", "\(process.name) \(process.words)")
            for kind in ["net", "mnt", "pid", "user"] {
                note("namespace", Self.link("/proc/\(process.pid)/ns/\(kind)"), once: true)
            }
            let descriptors = "/proc/\(process.pid)/fd"
            for name in (try? FileSystem.names(in: descriptors)) ?? [] {
                let target = Self.link("\(descriptors)/\(name)")
                if target.hasPrefix("net:") || target.hasPrefix("mnt:") {
                    note("namespace", target, once: true)
                }
            }
        }
        for line in Self.lines("/proc/net/dev").dropFirst(2) {
            note("link", line.split(separator: ":").first.map(String.init) ?? line)
        }
        for line in Self.lines("/proc/self/mountinfo") { note("mount", line) }
        for line in Self.lines("/proc/net/unix").dropFirst() {
            // Without the numbers, which tell one anonymous socket from another.
            let fields = line.split(separator: " ")
            note("unix socket", fields.count > 7 ? String(fields[7]) : "anonymous")
        }
        for kind in ["tcp", "tcp6", "udp", "udp6", "raw", "raw6", "packet", "netlink"] {
            for _ in Self.lines("/proc/net/\(kind)").dropFirst() { note("socket", kind) }
        }
        for root in ["/run/weft", "/tmp", Sandbox.home] { noteFiles(root) }
        noteCache()
    }

    private mutating func note(_ kind: String, _ item: String, once: Bool = false) {
        guard !item.isEmpty else { return }
        lists[kind, default: [:]][item, default: 0] += 1
        if once { lists[kind]?[item] = 1 }
    }

    private mutating func noteFiles(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFDIR else { return note("file", path) }
        note("file", path + "/")
        for name in (try? FileSystem.names(in: path)) ?? [] { noteFiles("\(path)/\(name)") }
    }

    /// Only what is half written: others on this machine may use the cache as well.
    private mutating func noteCache() {
        guard let cache = try? FileSystem.cacheDirectory("weft") else { return }
        for name in (try? FileSystem.names(in: cache)) ?? []
        where name.hasSuffix(".part") || name.hasSuffix(".packed") {
            note("half-written file", "\(cache)/\(name)")
        }
    }

    private static func link(_ path: String) -> String {
        var target = [CChar](repeating: 0, count: 256)
        let count = readlink(path, &target, target.count - 1)
        guard count > 0 else { return "" }
        return String(decoding: target[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func lines(_ path: String) -> [String] {
        ((try? FileSystem.read(path)) ?? "").split(separator: "\n").map(String.init)
    }

    /// What is there beyond an earlier look, and what is missing, in words.
    func difference(from before: KernelInventory) -> String {
        var words: [String] = []
        for kind in Set(lists.keys).union(before.lists.keys).sorted() {
            let (now, then) = (lists[kind] ?? [:], before.lists[kind] ?? [:])
            for item in Set(now.keys).union(then.keys).sorted() where now[item] != then[item] {
                words.append("\(kind) \(item): \(then[item] ?? 0) before, \(now[item] ?? 0) now")
            }
        }
        return words.joined(separator: "; ")
    }
}

/// The processes of the sandbox other than ourselves.
struct Processes {
    let pid: Int32
    let name: String
    let words: String

    static var all: [Processes] {
        Reaper.reap()
        let names = (try? FileSystem.names(in: "/proc")) ?? []
        return names.compactMap { Int32($0) }.filter { $0 != 1 }.sorted().compactMap { pid in
            guard let name = try? FileSystem.read("/proc/\(pid)/comm") else { return nil }
            let words = (try? FileSystem.octets("/proc/\(pid)/cmdline")) ?? []
            return Processes(
                pid: pid, name: String(name.dropLast()),
                words: String(decoding: words.map { $0 == 0 ? 32 : $0 }, as: UTF8.self))
        }
    }

    static func named(_ name: String) -> [Int32] { all.filter { $0.name == name }.map(\.pid) }

    /// Kills every process of a name, if there is one.
    /// - Returns: whether there was.
    @discardableResult
    static func kill(_ name: String, _ signal: Int32 = SIGKILL) -> Bool {
        let victims = named(name)
        for pid in victims { ChildProcess.signal(pid, signal) }
        return !victims.isEmpty
    }
}

/// Takes in what ends: orphans too become children of a sandbox's first process.
enum Reaper {
    nonisolated(unsafe) private static var exits: [Int32: ChildProcess.Exit] = [:]

    static func reap() { for exit in ChildProcess.reap() { exits[exit.pid] = exit } }

    static func exit(of pid: Int32) -> ChildProcess.Exit? {
        reap()
        return exits[pid]
    }
}
