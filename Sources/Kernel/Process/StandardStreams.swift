// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// The three streams that every process is born with.
package enum StandardStream: Int32, Hashable, Sendable {
    case input = 0
    case output = 1
    case error = 2

    /// Writes all of it, waiting as long as it takes. A reader that has gone away
    /// (`weft ls | head -1`) is no error.
    package func write(_ octets: some Collection<UInt8>) {
        var rest = Array(octets)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(rawValue, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN {
                var wanted = pollfd(fd: rawValue, events: Int16(POLLOUT), revents: 0)
                poll(&wanted, 1, -1)
                continue
            }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    /// Writes once; how many octets were taken, or nil where nobody reads any more.
    package func writeSome(_ octets: [UInt8]) -> Int? {
        let count = octets.withUnsafeBytes { buffer in
            retrying { Glibc.write(rawValue, buffer.baseAddress, buffer.count) }
        }
        return count >= 0 ? count : errno == EAGAIN ? 0 : nil
    }

    /// What is there to be read, waiting for it; none at the end.
    package func read(_ count: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: count) { buffer, used in
            used = max(0, retrying { Glibc.read(rawValue, buffer.baseAddress, count) })
        }
    }

    package var isTerminal: Bool { isatty(rawValue) == 1 }

    /// Rows and columns of the terminal; nil where it is none.
    package var windowSize: (rows: UInt16, columns: UInt16)? {
        var (rows, columns): (UInt16, UInt16) = (0, 0)
        guard weft_window_size(rawValue, &rows, &columns) == 0, columns > 0 else { return nil }
        return (rows, columns)
    }

    /// Makes this stream another file's, as a forked child does before it becomes a program.
    package func become(_ raw: Int32) throws(SystemError) {
        guard dup2(raw, rawValue) >= 0 else { throw SystemError("dup2") }
    }
}

extension FileDescriptor {
    /// Opens a file of this user's own for writing at its end.
    package static func openLog(_ path: String) throws(SystemError) -> FileDescriptor {
        try open(path, O_WRONLY | O_CREAT | O_APPEND, mode: 0o600)
    }
}

/// A terminal that passes every key on as it is typed, and shows nothing by itself; as it was
/// before at the end of its life.
package struct RawTerminal: ~Copyable {
    private var before: termios

    /// nil where standard input is no terminal.
    package init?() {
        before = termios()
        guard tcgetattr(StandardStream.input.rawValue, &before) == 0 else { return nil }
        var raw = before
        cfmakeraw(&raw)
        tcsetattr(StandardStream.input.rawValue, TCSADRAIN, &raw)
    }

    deinit {
        var before = before
        tcsetattr(StandardStream.input.rawValue, TCSADRAIN, &before)
    }
}

/// Ends this process with an exit status.
package func exitProcess(_ status: Int32) -> Never { exit(status) }
