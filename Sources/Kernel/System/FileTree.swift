// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// What keeping a cache of files takes.
extension FileSystem {
    /// What a file's content can be told apart by without reading it.
    package struct Identity: Hashable, Sendable, CustomStringConvertible {
        package var device: UInt64
        package var inode: UInt64
        /// Octets.
        package var size: Int64
        /// Nanoseconds since 1970.
        package var modified: Int64

        /// For a file's name.
        package var description: String {
            [device, inode, UInt64(size), UInt64(bitPattern: modified)]
                .map { String($0, radix: 36) }.joined(separator: "-")
        }
    }

    package static func identity(of path: String) throws(SystemError) -> Identity {
        var status = stat()
        guard stat(path, &status) == 0 else { throw SystemError("look at \(path)") }
        return Identity(
            device: UInt64(status.st_dev), inode: UInt64(status.st_ino),
            size: Int64(status.st_size),
            modified: Int64(status.st_mtim.tv_sec) * 1_000_000_000
                + Int64(status.st_mtim.tv_nsec))
    }

    /// The whole of a file.
    package static func octets(of path: String) throws(SystemError) -> [UInt8] {
        let file = try FileDescriptor.open(path)
        return try octets(of: file, path)
    }

    /// What is left to read of an open file.
    package static func octets(
        of file: borrowing FileDescriptor, _ name: String
    ) throws(SystemError) -> [UInt8] {
        var status = stat()
        guard fstat(file.raw, &status) == 0 else { throw SystemError("look at \(name)") }
        var octets: [UInt8] = []
        octets.reserveCapacity(Int(status.st_size))
        while true {
            let piece = try file.read(1 << 20)
            if piece.isEmpty { return octets }
            octets += piece
        }
    }

    /// Writes a file that is there whole or not at all, even where this process is killed: without
    /// a name first, where the file system knows such files, else under another one.
    package static func replace(
        _ path: String, _ octets: [UInt8], mode: mode_t = 0o600
    ) throws(SystemError) {
        let temporary = "\(path).\(getpid()).part"
        do throws(SystemError) {
            remove(temporary)
            let nameless = weft_nameless_file(folder(of: path), mode)
            if nameless >= 0 {
                let file = FileDescriptor(owning: nameless)
                try file.write(octets, to: path)
                guard weft_name_file(file.raw, temporary) == 0 else { throw SystemError("name") }
            } else {
                let file = try FileDescriptor.open(
                    temporary, O_WRONLY | O_CREAT | O_TRUNC, mode: mode)
                try file.write(octets, to: path)
            }
            try rename(temporary, to: path)
        } catch {
            remove(temporary)
            // Nobody knows the other name.
            throw SystemError("write \(path)", error.code)
        }
    }

    /// The directory that a file is in.
    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Writes what somebody asked for under a name of theirs: whole or not at all where that is a
    /// file; a pipe or a device is written to as it is.
    package static func store(_ path: String, _ text: String) throws(SystemError) {
        var status = stat()
        guard stat(path, &status) == 0 else {
            return try replace(path, Array(text.utf8), mode: 0o644)
        }
        guard status.st_mode & S_IFMT == S_IFREG else { return try write(path, text) }
        // Not a link to it: the link stays.
        let real = try canonicalPath(path)
        try replace(real, Array(text.utf8), mode: status.st_mode & 0o777)
    }

    /// Whether `store` could write there, as far as can be seen without doing it.
    /// - Throws: what speaks against it.
    package static func checkStorable(_ path: String) throws(SystemError) {
        var status = stat()
        if stat(path, &status) == 0 {
            if status.st_mode & S_IFMT == S_IFDIR { throw SystemError("write \(path)", EISDIR) }
            guard access(path, W_OK) == 0 else { throw SystemError("write \(path)") }
            if status.st_mode & S_IFMT != S_IFREG { return }
        }
        guard access(folder(of: path), W_OK | X_OK) == 0 else {
            throw SystemError("write \(path)")
        }
    }

    /// Notes that a file was used just now; false where there is none.
    package static func touch(_ path: String) -> Bool {
        utimensat(AT_FDCWD, path, nil, 0) == 0
    }

    package static func rename(_ path: String, to new: String) throws(SystemError) {
        guard Glibc.rename(path, new) == 0 else { throw SystemError("rename \(path) to \(new)") }
    }

    /// Makes a directory and those above it; one that is there is no error.
    package static func makeDirectories(
        _ path: String, mode: mode_t = 0o700
    ) throws(SystemError) {
        if mkdir(path, mode) == 0 || errno == EEXIST { return }
        guard errno == ENOENT, let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
            throw SystemError("make \(path)")
        }
        try makeDirectories(String(path[..<slash]), mode: mode)
        guard mkdir(path, mode) == 0 || errno == EEXIST else { throw SystemError("make \(path)") }
    }

    /// Sets who may do what, whatever the process's mask.
    package static func setMode(_ path: String, _ mode: mode_t) throws(SystemError) {
        guard chmod(path, mode) == 0 else { throw SystemError("change the mode of \(path)") }
    }

    /// Removes a directory with all that is in it, without following links.
    package static func removeTree(_ path: String) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        if status.st_mode & S_IFMT == S_IFDIR {
            for name in (try? names(in: path)) ?? [] { removeTree("\(path)/\(name)") }
        }
        remove(path)
    }

    package static func isDirectory(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    package static func isReadable(_ path: String) -> Bool { access(path, R_OK) == 0 }

    /// The path without links, `.` and `..`.
    package static func canonicalPath(_ path: String) throws(SystemError) -> String {
        guard let real = realpath(path, nil) else { throw SystemError("find \(path)") }
        defer { free(real) }
        return String(cString: real)
    }

    /// The directory for what can be made again: $XDG_CACHE_HOME/NAME or ~/.cache/NAME, and in
    /// /tmp where there is no home. Made when missing; nobody else can enter it.
    package static func cacheDirectory(_ name: String) throws(SystemError) -> String {
        var path = "/tmp/\(name)-cache-\(geteuid())"
        if let base = Environment["XDG_CACHE_HOME"], base.first == "/" {
            try makeDirectories(base)
            path = "\(base)/\(name)"
        } else if let home = Environment["HOME"], home.first == "/", isWritable(home) {
            try makeDirectories("\(home)/.cache")
            path = "\(home)/.cache/\(name)"
        }
        try makePrivateDirectory(path)
        return path
    }
}

/// A file of a name that nobody else has, removed at the end of its life.
package struct TemporaryFile: ~Copyable {
    package let path: String

    package init() throws(SystemError) {
        var template = Array("/tmp/weft-XXXXXX".utf8CString)
        let raw = mkstemp(&template)
        guard raw >= 0 else { throw SystemError("make a file in /tmp") }
        _ = FileDescriptor(owning: raw)
        path = template.withUnsafeBytes { String(decoding: $0.dropLast(), as: UTF8.self) }
    }

    deinit { FileSystem.remove(path) }
}
