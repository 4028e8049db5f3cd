// SPDX-License-Identifier: Apache-2.0

import CLinux
import CNetlink
import Glibc

/// A network namespace, held by a descriptor alone: when the last holder goes, so does it.
///
/// Namespaces are a property of the thread; the supervisor has one.
package final class Namespace {
    private let file: FileDescriptor

    package var descriptor: Int32 { file.raw }

    private init(_ file: consuming FileDescriptor) { self.file = file }

    private static let own = "/proc/thread-self/ns/net"

    /// The namespace that the calling thread is in.
    package static func current() throws(SystemError) -> Namespace {
        Namespace(try FileDescriptor.open(own))
    }

    /// Makes a new one and returns to where it was.
    package static func create(_ name: String) throws(SystemError) -> Namespace {
        var made: [Namespace] = []
        try create([name]) { namespace, _ in made.append(namespace) }
        return made[0]
    }

    /// Makes new ones, runs a closure inside each, and returns to where the thread was: cheaper
    /// than one by one.
    package static func create(
        _ names: [String], _ body: (Namespace, String) throws(SystemError) -> Void
    ) throws(SystemError) {
        guard !names.isEmpty else { return }
        try current().returning { () throws(SystemError) in
            for name in names {
                guard weft_unshare(Int32(CLONE_NEWNET)) == 0 else {
                    throw SystemError("create namespace \(name)")
                }
                try body(try current(), name)
            }
        }
    }

    /// Moves the calling thread in, for good.
    package func set() throws(SystemError) {
        guard weft_setns(descriptor, Int32(CLONE_NEWNET)) == 0 else {
            throw SystemError("enter a namespace", errno)
        }
    }

    /// Runs a closure inside and returns to where the thread was.
    package func enter<Result>(
        _ body: () throws(SystemError) -> Result
    ) throws(SystemError) -> Result {
        let home = try Self.current()
        try set()
        return try home.returning(body)
    }

    /// Runs a closure that may go elsewhere, and comes back here however it ends.
    private func returning<Result>(
        _ body: () throws(SystemError) -> Result
    ) throws(SystemError) -> Result {
        let result: Result
        do { result = try body() } catch {
            try set()
            throw error
        }
        try set()
        return result
    }
}
