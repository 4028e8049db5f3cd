// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// An open file, socket or kernel object, closed at the end of its life.
package struct FileDescriptor: ~Copyable, Sendable {
    package let raw: Int32

    /// Takes over a descriptor that nobody else closes.
    package init(owning raw: Int32) {
        precondition(raw >= 0, "a descriptor is not negative")
        self.raw = raw
    }

    deinit { _ = close(raw) }

    /// Gives the descriptor away without closing it.
    package consuming func release() -> Int32 {
        let raw = raw
        discard self
        return raw
    }

    /// Reads at most `count` octets; none at the end of the file.
    /// - Throws: also when there is nothing to read now (`isWouldBlock`).
    package borrowing func read(_ count: Int) throws(SystemError) -> [UInt8] {
        var result = 0
        let raw = raw
        let octets = [UInt8](unsafeUninitializedCapacity: count) { buffer, used in
            result = retrying { Glibc.read(raw, buffer.baseAddress, count) }
            used = max(0, result)
        }
        guard result >= 0 else { throw SystemError("read") }
        return octets
    }

    /// Reads into a space that is used again and again; a copy of what came is returned, none at
    /// the end of the file.
    package borrowing func read(
        into space: inout [UInt8]
    ) throws(SystemError) -> [UInt8] {
        let raw = raw
        let count = space.withUnsafeMutableBytes { buffer in
            retrying { Glibc.read(raw, buffer.baseAddress, buffer.count) }
        }
        guard count >= 0 else { throw SystemError("read") }
        return Array(space[..<count])
    }

    /// Writes octets from an offset on. Returns how many were taken, which may be fewer.
    /// - Throws: also when nothing can be written now (`isWouldBlock`).
    package borrowing func write(
        _ octets: [UInt8], from offset: Int = 0
    ) throws(SystemError) -> Int {
        precondition(offset <= octets.count, "an offset lies within the octets")
        let raw = raw
        let written = octets.withUnsafeBytes { buffer in
            retrying {
                Glibc.write(raw, buffer.baseAddress.map { $0 + offset }, buffer.count - offset)
            }
        }
        guard written >= 0 else { throw SystemError("write") }
        return written
    }

    /// Writes all of it, waiting where the descriptor waits.
    package borrowing func write(_ octets: [UInt8], to name: String) throws(SystemError) {
        var offset = 0
        while offset < octets.count {
            let count = octets.withUnsafeBytes { buffer in
                retrying {
                    Glibc.write(raw, buffer.baseAddress.map { $0 + offset }, buffer.count - offset)
                }
            }
            guard count >= 0 else { throw SystemError("write \(name)") }
            offset += count
        }
    }

    package borrowing func setNonBlocking(_ isNonBlocking: Bool = true) throws(SystemError) {
        let flags = fcntl(raw, F_GETFL)
        let wanted = isNonBlocking ? flags | O_NONBLOCK : flags & ~O_NONBLOCK
        guard flags >= 0, fcntl(raw, F_SETFL, wanted) >= 0 else {
            throw SystemError("fcntl")
        }
    }

    /// A second descriptor of the same open file.
    package borrowing func duplicate() throws(SystemError) -> FileDescriptor {
        let copy = fcntl(raw, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw SystemError("dup") }
        return FileDescriptor(owning: copy)
    }

    /// A descriptor of its own for standard error.
    package static func standardError() throws(SystemError) -> FileDescriptor {
        let copy = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw SystemError("dup") }
        return FileDescriptor(owning: copy)
    }

    /// Opens a file, to be closed on exec.
    package static func open(
        _ path: String, _ flags: Int32 = O_RDONLY, mode: mode_t = 0o644
    ) throws(SystemError) -> FileDescriptor {
        let raw = retrying { Glibc.open(path, flags | O_CLOEXEC, mode) }
        guard raw >= 0 else { throw SystemError("open \(path)") }
        return FileDescriptor(owning: raw)
    }

    /// A file in memory, which goes with its last user.
    package static func inMemory(_ name: String) throws(SystemError) -> FileDescriptor {
        let raw = weft_memory_file(name)
        guard raw >= 0 else { throw SystemError("memfd_create") }
        return FileDescriptor(owning: raw)
    }

    /// A name under which other processes of this user find the file while we have it open.
    package var path: String { "/proc/\(getpid())/fd/\(raw)" }

    /// Makes a file, or empties it, for writing.
    package static func create(_ path: String) throws(SystemError) -> FileDescriptor {
        try open(path, O_WRONLY | O_CREAT | O_TRUNC)
    }

    /// Closes every descriptor above standard error except those given: what a forked child does
    /// not need.
    package static func closeAll(except kept: [Int32]) {
        var next: UInt32 = 3
        for raw in kept.map(UInt32.init).sorted() where raw >= next {
            if raw > next { _ = weft_close_range(next, raw - 1, 0) }
            next = raw + 1
        }
        _ = weft_close_range(next, .max, 0)
    }
}

/// Two connected ends.
package struct DescriptorPair: ~Copyable {
    package var first: FileDescriptor
    package var second: FileDescriptor

    private init(_ raw: [Int32]) {
        first = FileDescriptor(owning: raw[0])
        second = FileDescriptor(owning: raw[1])
    }

    /// Both ends, each to be owned by its taker.
    package consuming func split() -> (Int32, Int32) { (first.release(), second.release()) }

    /// A pair of Unix stream sockets, both ways, closed on exec.
    package static func socketPair() throws(SystemError) -> DescriptorPair {
        var raw: [Int32] = [-1, -1]
        let type = SocketType([.stream, .closeOnExec]).rawValue
        guard socketpair(AF_UNIX, type, 0, &raw) == 0 else {
            throw SystemError("socketpair")
        }
        return DescriptorPair(raw)
    }

    /// A pipe: `first` is read, `second` written.
    package static func pipe() throws(SystemError) -> DescriptorPair {
        var raw: [Int32] = [-1, -1]
        guard weft_pipe2(&raw, O_CLOEXEC) == 0 else { throw SystemError("pipe") }
        return DescriptorPair(raw)
    }
}
