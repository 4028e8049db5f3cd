// SPDX-License-Identifier: Apache-2.0

import Kernel
import Primitives

/// Where a running lab can be found: a directory of its user's own with a socket, a log and a lock.
/// The lock is held for as long as the supervisor lives, and by nothing else, so a directory that
/// is not locked is what a killed lab left behind.
package struct LabDirectory: Hashable, Sendable {
    package let name: String
    package let path: String

    /// The longest name of a lab: its socket's path must fit 107 octets.
    package static let nameLengthMax = 64

    package init(lab name: String) throws(ControlError) {
        guard Self.isValid(name) else { throw ControlError("'\(name)' is not a lab's name") }
        self.name = name
        path = try Self.base() + "/" + name
    }

    package var socketPath: String { path + "/socket" }
    /// What the supervisor and its routers said on standard output and error.
    package var logPath: String { path + "/log" }
    private var lockPath: String { path + "/lock" }

    /// Letters, digits, '-', '_' and '.', not starting with a dot.
    package static func isValid(_ name: String) -> Bool {
        let others = "0123456789-_.".unicodeScalars
        return !name.isEmpty && name.utf8.count <= nameLengthMax && name.first != "."
            && name.unicodeScalars.allSatisfy {
                $0.isASCII && ($0.properties.isAlphabetic || others.contains($0))
            }
    }

    /// The directory of all of this user's labs.
    private static func base() throws(ControlError) -> String {
        let path = FileSystem.runtimeDirectory("weft")
        try attempt { () throws(SystemError) in try FileSystem.makePrivateDirectory(path) }
        return path
    }

    /// All labs that are running, by name. Removes what dead ones left behind.
    package static func running() throws(ControlError) -> [LabDirectory] {
        let base = try base()
        let names = try attempt { () throws(SystemError) in try FileSystem.names(in: base) }
        var labs: [LabDirectory] = []
        for name in names where isValid(name) {
            let lab = try LabDirectory(lab: name)
            do throws(ControlError) {
                if let lock = try lab.lockIfFree() { lab.remove(lock) } else { labs.append(lab) }
            } catch {
                // Something else that got here is no lab; one that we cannot tell is listed.
                if FileSystem.exists(lab.socketPath) { labs.append(lab) }
            }
        }
        return labs
    }

    /// Makes the directory and takes its lock, which lives until it and its copies in forked
    /// children are closed.
    /// - Throws: when a lab of this name is running.
    package func lock() throws(ControlError) -> FileLock {
        let deadline = MonotonicClock.now + Self.glance
        while true {
            if let lock = try lockIfFree() { return lock }
            guard MonotonicClock.now < deadline else {
                throw ControlError("a lab named \(name) is already running")
            }
            _ = try? Poller.wait(forAny: [], until: MonotonicClock.now + .milliseconds(5))
        }
    }

    /// Whoever lists the labs holds the locks of dead ones, to remove them, no longer than this.
    private static let glance: Duration = .milliseconds(50)

    private func lockIfFree() throws(ControlError) -> FileLock? {
        var attempts = 0
        while true {
            do throws(SystemError) {
                try FileSystem.makePrivateDirectory(path)
                return try FileLock(lockPath)
            } catch {
                // Another one may be removing the directory just now.
                attempts += 1
                guard error.code == SystemError.noSuchFile, attempts < 100 else {
                    throw ControlError(error)
                }
            }
        }
    }

    /// Waits until the lab's processes have ended; removes what they left, if they left anything.
    /// - Parameter body: makes the lab go, and returns how long it may take from then on.
    /// - Returns: whether it is gone.
    package func waitUntilGone(after body: () throws -> Duration) throws -> Bool {
        let waiter = try FileLock.Waiter(lockPath)
        let limit = try body()
        let isFree = try waiter?.wait(until: MonotonicClock.now + limit) ?? true
        guard isFree else { return false }
        if FileSystem.exists(path), let lock = try lockIfFree() { remove(lock) }
        return true
    }

    /// Notes which process the lab is, for whoever must end it by force.
    package func note(server: Int32) throws(SystemError) {
        try FileSystem.write(lockPath, "\(server)\n")
    }

    /// The process that the lab is; nil where none was noted, or it has ended.
    package var server: Int32? {
        guard let text = try? FileSystem.read(lockPath),
            let pid = text.split(separator: "\n").first.flatMap({ Int32($0) }), pid > 1,
            let name = try? FileSystem.read("/proc/\(pid)/comm"), name.hasPrefix("weft-")
        else { return nil }
        return pid
    }

    /// Removes the directory while its lock is held, then lets go of the lock.
    package func remove(_ lock: consuming FileLock) {
        if lock.isStill(at: lockPath) { return removeFiles() }
        // The files have gone before; the directory may be another lab's by now.
        FileSystem.remove(path)
    }

    /// Removes the directory. The lab's server, which holds the lock, does this at its end.
    package func removeFiles() {
        for path in [socketPath, logPath, lockPath, path] { FileSystem.remove(path) }
    }

    /// Listens for control connections; only this user can connect.
    package func listen() throws(ControlError) -> FileDescriptor {
        FileSystem.remove(socketPath)
        return try Self.attempt { () throws(SystemError) in
            try UnixSocket.listen(at: socketPath)
        }
    }

    /// Connects to the lab's supervisor.
    package func connect() throws(ControlError) -> ControlConnection {
        do throws(SystemError) {
            return ControlConnection(FrameChannel(try UnixSocket.connect(to: socketPath)))
        } catch {
            guard error.isNobodyThere else { throw ControlError(error) }
            throw ControlError("no lab named \(name) is running")
        }
    }

    private static func attempt<Result: ~Copyable>(
        _ body: () throws(SystemError) -> Result
    ) throws(ControlError) -> Result {
        do throws(SystemError) { return try body() } catch { throw ControlError(error) }
    }
}
