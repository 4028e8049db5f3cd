// SPDX-License-Identifier: Apache-2.0

import Kernel

/// The directory that keeps what takes seconds to make: kernels and initial file systems.
/// What stands under its final name is whole; one process works in it at a time.
package struct MicroVMCache: Sendable {
    package let path: String

    /// The user's own: ~/.cache/weft.
    package init() throws(MicroVMError) {
        path = try MicroVMError.attempt { () throws(SystemError) in
            try FileSystem.cacheDirectory("weft")
        }
    }

    /// Runs `body` while no other process makes something here.
    func locked<Result>(
        _ body: () throws(MicroVMError) -> Result
    ) throws(MicroVMError) -> Result {
        let lock = try MicroVMError.attempt { () throws(SystemError) in
            try FileLock("\(path)/lock", waits: true)
        }
        defer { _ = lock }
        sweep()
        return try body()
    }

    /// Removes what a killed process was making; we have the lock.
    private func sweep() {
        for name in (try? FileSystem.names(in: path)) ?? []
        where name.hasSuffix(".part") || name.hasSuffix(".packed") {
            FileSystem.removeTree("\(path)/\(name)")
        }
    }

    /// The names that begin with `prefix`.
    func names(_ prefix: String) throws(MicroVMError) -> [String] {
        try MicroVMError.attempt { () throws(SystemError) in
            try FileSystem.names(in: path).filter { $0.hasPrefix(prefix) }
        }
    }

    /// Makes a directory: `fill` works in one under another name, which is removed when it fails.
    func makeDirectory(
        _ name: String, _ fill: (String) throws(MicroVMError) -> Void
    ) throws(MicroVMError) {
        let temporary = "\(path)/\(name).part"
        do throws(MicroVMError) {
            try MicroVMError.attempt { () throws(SystemError) in
                try FileSystem.makeDirectories(temporary)
            }
            try fill(temporary)
            try MicroVMError.attempt { () throws(SystemError) in
                try FileSystem.rename(temporary, to: "\(path)/\(name)")
            }
        } catch {
            FileSystem.removeTree(temporary)
            throw error
        }
    }

    /// Removes all but the newest files whose names begin with `prefix`.
    func prune(_ prefix: String, keeping count: Int) throws(MicroVMError) {
        let ages = try names(prefix).map { name in
            (name: name, modified: (try? FileSystem.identity(of: "\(path)/\(name)"))?.modified ?? 0)
        }
        let oldest = ages.sorted { ($0.modified, $0.name) > ($1.modified, $1.name) }.dropFirst(
            count)
        for (name, _) in oldest { FileSystem.remove("\(path)/\(name)") }
    }
}
