// SPDX-License-Identifier: Apache-2.0

import Foundation
import Kernel
import Testing

/// A user of this machine without any privilege, who has the program and the topologies in a home
/// of their own. Nobody else has their number.
final class OrdinaryUser {
    let number: uid_t
    /// Readable by all.
    let home: String

    init(number: uid_t = 47_000 + uid_t(getpid() % 1000)) throws {
        self.number = number
        var template = Array("/tmp/weft-user-XXXXXX".utf8CString)
        home = String(cString: try #require(mkdtemp(&template)))
        let files = FileManager.default
        try files.copyItem(atPath: WeftRun.path(), toPath: "\(home)/weft")
        chmod("\(home)/weft", 0o755)
        chmod(home, 0o755)
        #expect(chown(home, number, number) == 0)
    }

    deinit {
        for pid in processes { kill(pid, SIGKILL) }
        try? FileManager.default.removeItem(atPath: home)
        try? FileManager.default.removeItem(atPath: "/tmp/weft-\(number)")
    }

    /// A file of theirs.
    func write(_ name: String, _ text: String) throws -> String {
        try text.write(toFile: "\(home)/\(name)", atomically: false, encoding: .utf8)
        return "\(home)/\(name)"
    }

    /// Gives the user a copy of a directory, in a private directory below their home.
    func adopt(_ path: String, as place: String) throws {
        let files = FileManager.default
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        try files.createDirectory(
            atPath: "\(home)/\(place)", withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700])
        try files.copyItem(atPath: path, toPath: "\(home)/\(place)/\(name)")
        let owned = try WeftRun.start(
            program: ["/bin/chown", "-R", "\(number):\(number)", home]
        ).outcome()
        #expect(owned.status == 0)
    }

    /// The command that runs any program as this user, without a login session.
    func command(_ program: [String]) -> [String] {
        let user = ["--reuid=\(number)", "--regid=\(number)", "--clear-groups"]
        let variables = ["HOME=\(home)", "PATH=/usr/sbin:/usr/bin:/sbin:/bin"]
        return ["/usr/bin/env", "-i"] + variables + ["setpriv"] + user + program
    }

    func run(program words: [String]) throws -> WeftRun.Outcome {
        try WeftRun.start(program: command(words)).outcome()
    }

    func run(_ arguments: String...) throws -> WeftRun.Outcome {
        try run(program: ["\(home)/weft"] + arguments)
    }

    /// Every process of theirs that runs.
    var processes: [pid_t] { Self.processes(of: number) }

    static func processes(of number: uid_t) -> [pid_t] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.compactMap { pid_t($0) }.filter { pid in
            let status = (try? FileSystem.read("/proc/\(pid)/status")) ?? ""
            return status.contains("\nUid:\t\(number)\t") && !status.contains("\nState:\tZ")
        }
    }
}
