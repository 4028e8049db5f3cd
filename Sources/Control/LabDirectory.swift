// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Where a running lab can be found: a directory of its user's own with a socket, a log and a lock.
/// The lock is held for as long as the supervisor lives, and by nothing else, so a directory that
/// is not locked is what a killed lab left behind.
package struct LabDirectory: Hashable, Sendable {
    package let name: String
    package let path: String

    /// The longest name of a lab: its socket's path must fit 107 bytes.
    package static let nameLengthMax = 64

    package init(lab name: String) throws(ControlError) {
        guard Self.isValid(name) else { throw ControlError("'\(name)' is not a lab's name") }
        self.name = name
        path = try Self.base() + "/" + name
    }

    package var socketPath: String { path + "/socket" }
    package var logPath: String { path + "/log" }
    private var lockPath: String { path + "/lock" }

    /// Letters, digits, '-', '_' and '.', not starting with a dot.
    package static func isValid(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= nameLengthMax && name.first != "."
            && name.unicodeScalars.allSatisfy {
                $0.isASCII
                    && ($0.properties.isAlphabetic || "0123456789-_.".unicodeScalars.contains($0))
            }
    }

    // MARK: The directory of all labs

    /// /run/weft for root, $XDG_RUNTIME_DIR/weft or else /tmp/weft-UID for others: one place for a
    /// user, so that every terminal sees the same labs.
    package static func base() throws(ControlError) -> String {
        let user = geteuid()
        var path = "/tmp/weft-\(user)"
        if user == 0, access("/run", W_OK) == 0 {
            path = "/run/weft"
        } else if let runtime = getenv("XDG_RUNTIME_DIR").map({ String(cString: $0) }), user != 0,
            runtime.first == "/", access(runtime, W_OK) == 0
        {
            path = runtime + "/weft"
        }
        try makePrivate(path)
        return path
    }

    /// Makes a directory of mode 0700, or checks that it is one, and ours: anyone may have made
    /// what stands in /tmp.
    private static func makePrivate(_ path: String) throws(ControlError) {
        if mkdir(path, 0o700) == 0 { return }
        guard errno == EEXIST else { throw ControlError("making \(path)", errno: errno) }
        var status = stat()
        guard lstat(path, &status) == 0 else { throw ControlError(path, errno: errno) }
        guard status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid(),
            status.st_mode & 0o077 == 0
        else { throw ControlError("\(path) is not a directory of yours alone (mode 0700)") }
    }

    /// All labs that are running, by name. Removes what dead ones left behind.
    package static func running() throws(ControlError) -> [LabDirectory] {
        let base = try base()
        guard let stream = opendir(base) else { throw ControlError(base, errno: errno) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if isValid(name) { names.append(name) }
        }
        var labs: [LabDirectory] = []
        for name in names.sorted() {
            let lab = try LabDirectory(lab: name)
            if let lock = try? lab.lock() { lab.remove(lock) } else { labs.append(lab) }
        }
        return labs
    }

    // MARK: One lab

    /// Makes the directory and takes its lock, which lives until the descriptor and its copies in
    /// forked children are closed.
    /// - Throws: when a lab of this name is running.
    package func lock() throws(ControlError) -> Int32 {
        while true {
            try Self.makePrivate(path)
            let descriptor = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            if descriptor < 0, errno == ENOENT { continue }
            guard descriptor >= 0 else { throw ControlError(lockPath, errno: errno) }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                let code = errno
                close(descriptor)
                guard code == EWOULDBLOCK else { throw ControlError(lockPath, errno: code) }
                throw ControlError("a lab named \(name) is already running")
            }
            // Whoever held it before may have removed the file between our open and our lock.
            var held = stat()
            var named = stat()
            if fstat(descriptor, &held) == 0, stat(lockPath, &named) == 0,
                held.st_ino == named.st_ino
            {
                return descriptor
            }
            close(descriptor)
        }
    }

    /// Removes the directory while its lock is held, then lets go of the lock.
    package func remove(_ lock: Int32) {
        for path in [socketPath, logPath, lockPath] { unlink(path) }
        rmdir(path)
        close(lock)
    }

    /// Listens for control connections; only this user can connect.
    package func listen() throws(ControlError) -> Int32 {
        unlink(socketPath)
        return try Self.listen(at: socketPath)
    }

    /// - Parameter path: a Unix socket's path, which must not exist yet.
    package static func listen(at path: String) throws(ControlError) -> Int32 {
        let descriptor = try unixSocket(path)
        do throws(ControlError) {
            try withAddress(path) { bind(descriptor, $0, $1) }
            guard chmod(path, 0o600) == 0, Glibc.listen(descriptor, 64) == 0 else {
                throw ControlError("listening at \(path)", errno: errno)
            }
        } catch {
            close(descriptor)
            throw error
        }
        return descriptor
    }

    /// Connects to the lab's supervisor.
    package func connect() throws(ControlError) -> ControlConnection {
        let descriptor = try Self.unixSocket(socketPath)
        do throws(ControlError) {
            try Self.withAddress(socketPath) { Glibc.connect(descriptor, $0, $1) }
        } catch {
            let code = errno
            close(descriptor)
            if code == ENOENT || code == ECONNREFUSED {
                throw ControlError("no lab named \(name) is running")
            }
            throw error
        }
        return ControlConnection(FrameChannel(descriptor: descriptor))
    }

    private static func unixSocket(_ path: String) throws(ControlError) -> Int32 {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw ControlError("a socket for \(path)", errno: errno) }
        return descriptor
    }

    private static func withAddress(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws(ControlError) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard bytes.count < room else { throw ControlError("\(path) is too long for a socket") }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, size) }
        }
        guard result == 0 else { throw ControlError(path, errno: errno) }
    }
}
