// SPDX-License-Identifier: Apache-2.0

import Glibc
import Kernel
import Primitives

/// A program that failed, with its own words.
package struct WitnessFailure: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// Another program that looks at the kernel from inside a namespace: what it says is compared with
/// what Weft meant.
package struct Witness {
    package let namespace: Namespace

    package init(namespace: Namespace) { self.namespace = namespace }

    /// Runs a program in the namespace and returns what it wrote. That it fails, or is not
    /// installed, throws.
    @discardableResult
    package func run(_ arguments: String...) throws -> String {
        try run(arguments)
    }

    private func run(_ arguments: [String]) throws -> String {
        let (status, text) = try result(of: arguments)
        guard status == 0 else {
            throw WitnessFailure("\(arguments.joined(separator: " ")): \(text)")
        }
        return text
    }

    /// `ip -json …`, parsed: objects in a list.
    package func ip(_ arguments: String...) throws -> [JSON] { try ip(arguments) }

    private func ip(_ arguments: [String]) throws -> [JSON] {
        let text = try run(["ip", "-details", "-json"] + arguments)
        // An empty list may be written as nothing at all, and an entry of it as {}.
        let list = text.isEmpty ? [] : try JSON(parsing: text).array
        return list.filter { $0 != .object([]) }
    }

    /// `ip -json address …`: the addresses alone.
    package func addresses(_ arguments: String...) throws -> [JSON] {
        try ip(["address"] + arguments).flatMap { $0["addr_info"]?.array ?? [] }
            .filter { $0 != .object([]) }
    }

    /// The value of a kernel parameter, by its path below /proc/sys.
    package func sysctl(_ path: String) throws -> String {
        try run("cat", "/proc/sys/" + path).filter { $0 != "\n" }
    }

    /// - Returns: the exit status, and all that was written to both streams.
    package func result(of arguments: [String]) throws -> (status: Int32, text: String) {
        let pipe = try DescriptorPair.pipe()
        let (reading, writing) = pipe.split()
        let output = FileDescriptor(owning: reading)
        let pid: pid_t
        do {
            let input = FileDescriptor(owning: writing)
            pid = try namespace.enter { () throws(SystemError) in
                try Self.spawn(arguments, output: input.raw)
            }
        }
        var octets: [UInt8] = []
        while case let piece = try output.read(64 << 10), !piece.isEmpty { octets += piece }
        var state: Int32 = 0
        while waitpid(pid, &state, 0) < 0 && errno == EINTR {}
        return (
            state & 0x7f == 0 ? state >> 8 & 0xff : -1, String(decoding: octets, as: UTF8.self)
        )
    }

    private static func spawn(_ arguments: [String], output: Int32) throws(SystemError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, output, 2)
        var words = arguments.map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var pid: pid_t = 0
        let code = posix_spawnp(&pid, arguments[0], &actions, nil, &words, environ)
        guard code == 0 else { throw SystemError("run \(arguments[0])", code) }
        return pid
    }
}

extension JSON {
    /// Members of members: `link["linkinfo", "info_data", "id"]`.
    package subscript(path: String...) -> JSON? {
        path.reduce(self) { $0?[$1] }
    }

    /// The members that are wanted, for comparing at a glance.
    package func only(_ names: String...) -> JSON {
        .object(names.compactMap { name in self[name].map { Member(name, $0) } })
    }
}
