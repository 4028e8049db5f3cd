// SPDX-License-Identifier: Apache-2.0

import Control
import Glibc
import Kernel
import Primitives

/// A lab on which something is killed, over and over.
final class CrashLab {
    let name: String
    let file: String
    let substrate: String
    private let home: String
    private let before: KernelInventory
    private(set) var complaints: [String] = []
    var rounds = 0

    static let patience: Duration = .seconds(15)

    init(_ name: String = "crash", substrate: String = "host", more: String = "") throws {
        self.name = name
        self.substrate = substrate
        file = "\(Sandbox.work)/\(name).yaml"
        home = substrate != "microvm" ? Sandbox.home : Environment["HOME"] ?? Sandbox.home
        try FileSystem.write(file, Self.text(name) + more)
        // Made whenever somebody asks what there could be; it is to stay.
        try FileSystem.makeDirectories("\(home)/.cache/weft")
        before = KernelInventory()
    }

    private static func text(_ name: String) -> String {
        """
        name: \(name)
        bgp-groups: {peer: {import: accept, export: accept}}
        nodes:
          a: {role: ce, loopback: 10.0.0.1, bgp: {as: 65001, neighbors: {b: peer}}}
          b: {role: ce, loopback: 10.0.0.2, bgp: {as: 65002, neighbors: {a: peer}}}
        links: [{endpoints: [a, b], subnet: 192.0.2.0/30}]
        tests:
          - name: reach
            checks: [{ping: {from: a, source: 10.0.0.1, to: 10.0.0.2, within: 3s}}]
          - name: the cable is out and in again
            do: [{link-down: a-b}, {link-up: a-b}]
            outage: {from: a, source: 10.0.0.1, to: 10.0.0.2, below: 20s}
            wire: [{link: a-b, some: icmp}]
            checks:
              - ping: {from: a, source: 10.0.0.1, to: 10.0.0.2, within: 3s}
              - traceroute: {from: a, to: 10.0.0.2, hops: [10.0.0.2], within: 3s}
          - name: b dies and comes back
            do: [{kill: b}, {start: b}]
            checks: [{ping: {from: a, source: 10.0.0.1, to: 10.0.0.2, within: 3s}}]

        """
    }

    func weft(_ words: String..., prepare: () -> Void = {}) throws -> WeftProcess {
        try WeftProcess(words, home: home, prepare)
    }

    func starting(_ words: String...) throws -> WeftProcess { try starting(words) }

    /// - Parameter words: a verb and options; the file is put between.
    func starting(_ words: [String]) throws -> WeftProcess {
        try WeftProcess(
            words.prefix(1) + [file, "--substrate", substrate] + words.dropFirst(), home: home)
    }

    func complain(_ text: String) { complaints.append(text) }

    // MARK: What there is

    /// What the lab says of itself, without any command's help; nil where there is none.
    var hello: JSON? {
        try? LabDirectory(lab: name).connect().call(.hello, within: .seconds(5))
    }

    var isRunning: Bool { hello?["state"] == "running" }
    var isGone: Bool { KernelInventory() == before }

    /// Waits for what comes soon.
    func eventually(_ isSo: () throws -> Bool) rethrows -> Bool {
        let deadline = MonotonicClock.now + Self.patience
        while MonotonicClock.now < deadline {
            if try isSo() { return true }
            usleep(1000)
        }
        return false
    }

    // MARK: Rounds

    /// One victim at one moment: does it, then sees that the lab is there whole or gone without a
    /// trace, that it goes, and that it can be had again.
    func round(_ label: String, _ body: () throws -> Void) {
        rounds += 1
        do {
            try body()
            try expectAllOrNothing()
            try expectNextLab()
        } catch {
            complain("\(label): \(error)")
            clear()
        }
    }

    /// The lab runs with every node, or the kernel's lists are as they were.
    private func expectAllOrNothing() throws {
        guard eventually({ isGone || isRunning }) else { throw leftovers }
        if isGone { return }
        // It may be on its way out, and still answer.
        _ = eventually { isGone || (hello?["nodes"]?.array.count ?? 0) == 2 }
        if !isGone, isRunning { try expectDown() }
        try expectGone()
    }

    func expectDown() throws {
        let down = try weft("down", name)
        try down.end()
        // No lab of the name: it went by itself just now.
        guard down.status == 0 || down.status == 2 || down.status == 3 && isGone else {
            throw Complaint("down: \(down.exit.map { "\($0)" } ?? ""): \(down.complaint)")
        }
    }

    func expectGone() throws { if !eventually({ isGone }) { throw leftovers } }

    private var leftovers: Complaint {
        Complaint("left over: " + KernelInventory().difference(from: before))
    }

    /// The next `up` works, and `down` leaves nothing.
    func expectNextLab() throws {
        guard substrate != "microvm" else { return }
        try up()
        try expectDown()
        try expectGone()
    }

    func up() throws {
        let up = try starting("up")
        guard try up.end().status == 0 else { throw Complaint("up: \(up.complaint)") }
    }

    /// So that one failure does not become all others' as well.
    private func clear() {
        ChildProcess.signalAll(SIGKILL)
        _ = eventually { Processes.all.isEmpty }
        for name in (try? FileSystem.names(in: "/run/weft")) ?? [] {
            FileSystem.removeTree("/run/weft/\(name)")
        }
    }

    /// A command that was not the victim says in one sentence what happened, or did its work.
    func expectCivil(_ process: WeftProcess, _ codes: Set<Int32> = [0, 3]) throws {
        let exit = try process.end()
        guard let status = exit.status, codes.contains(status) else {
            throw Complaint("\(process.words.first ?? "") ended with \(exit): \(process.complaint)")
        }
        if status == 3, !process.lastWord.hasPrefix("weft: ") {
            throw Complaint("\(process.words.first ?? "") does not say why: \(process.complaint)")
        }
    }

    var result: JSON {
        ["rounds": JSON(rounds), "complaints": JSON(complaints)]
    }
}
