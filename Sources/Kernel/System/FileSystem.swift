// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The few things that Weft does with files by their names.
package enum FileSystem {
    /// The whole of a file, which need not know its size (/proc).
    /// - Throws: also for a file longer than `limit` octets.
    package static func octets(
        _ path: String, limit: Int = 16 << 20
    ) throws(SystemError) -> [UInt8] {
        let file = try FileDescriptor.open(path)
        var octets: [UInt8] = []
        while true {
            let piece = try file.read(64 << 10)
            if piece.isEmpty { return octets }
            octets += piece
            guard octets.count <= limit else { throw SystemError.tooLarge("read \(path)") }
        }
    }

    /// The same as text.
    /// - Throws: also for a file that is not in UTF-8.
    package static func read(_ path: String) throws(SystemError) -> String {
        guard let text = String(validating: try octets(path), as: UTF8.self) else {
            throw SystemError("read \(path)", EILSEQ)
        }
        return text
    }

    /// Replaces a file's contents.
    package static func write(_ path: String, _ text: String) throws(SystemError) {
        try write(path, text, O_TRUNC)
    }

    /// Writes a new file.
    /// - Throws: also where there is one already; that stays as it is.
    package static func create(_ path: String, _ text: String) throws(SystemError) {
        try write(path, text, O_EXCL)
    }

    private static func write(
        _ path: String, _ text: String, _ flags: Int32
    ) throws(SystemError) {
        let file = try FileDescriptor.open(path, O_WRONLY | O_CREAT | flags)
        try file.write(Array(text.utf8), to: path)
    }

    /// The names in a directory, sorted, without `.` and `..`.
    package static func names(in path: String) throws(SystemError) -> [String] {
        guard let stream = opendir(path) else { throw SystemError("open \(path)") }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: entry.pointee.d_name) { octets in
                String(decoding: octets.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Removes a file or an empty directory; one that is not there is no error.
    package static func remove(_ path: String) {
        if unlink(path) != 0 { rmdir(path) }
    }

    package static func isWritable(_ path: String) -> Bool { access(path, W_OK) == 0 }
    package static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Makes a directory that all may enter (0755, less the umask), unless there is one.
    package static func makeDirectory(_ path: String) throws(SystemError) {
        if mkdir(path, 0o755) == 0 { return }
        let error = errno
        var status = stat()
        guard error == EEXIST, stat(path, &status) == 0 else {
            throw SystemError("make \(path)", error)
        }
        guard status.st_mode & S_IFMT == S_IFDIR else {
            throw SystemError("make \(path)", ENOTDIR)
        }
    }

    /// Makes a directory that only this user can enter, or checks that it is one and ours: anyone
    /// may have made what stands in /tmp.
    package static func makePrivateDirectory(_ path: String) throws(SystemError) {
        if mkdir(path, 0o700) == 0 { return }
        guard errno == EEXIST else { throw SystemError("make \(path)") }
        var status = stat()
        guard lstat(path, &status) == 0 else { throw SystemError("look at \(path)") }
        guard status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid(),
            status.st_mode & 0o077 == 0
        else { throw SystemError("use \(path), which is not a directory of mode 0700", EPERM) }
    }

    /// The name of a directory that is sure to be this user's own for as long as the machine runs:
    /// /run/NAME for root; for others $XDG_RUNTIME_DIR/NAME, which is /run/user/UID/NAME also where
    /// no login session says so, or else /tmp/NAME-UID. One place for a user, so that every
    /// terminal sees the same.
    package static func runtimeDirectory(_ name: String) -> String {
        let user = geteuid()
        if user == 0, isWritable("/run") { return "/run/\(name)" }
        let places = user == 0 ? [] : [Environment["XDG_RUNTIME_DIR"] ?? "", "/run/user/\(user)"]
        let place = places.first { $0.first == "/" && isWritable($0) }
        return place.map { "\($0)/\(name)" } ?? "/tmp/\(name)-\(user)"
    }
}

/// The process's environment.
package enum Environment {
    package static subscript(name: String) -> String? { getenv(name).map { String(cString: $0) } }

    /// All variables.
    package static var all: [String: String] {
        var variables: [String: String] = [:]
        var next = environ
        while let entry = next.pointee {
            let parts = String(cString: entry).split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
            next += 1
        }
        return variables
    }
}
