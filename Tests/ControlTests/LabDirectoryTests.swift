// SPDX-License-Identifier: Apache-2.0

import Control
import Glibc
import Kernel
import Testing

@Suite struct LabDirectoryTests {
    @Test(arguments: [
        "", ".", "..", ".hidden", "a/b", "a b", "ü", String(repeating: "x", count: 65),
    ])
    func `what cannot be a file name here is no lab's name`(name: String) {
        #expect(throws: ControlError("'\(name)' is not a lab's name")) {
            try LabDirectory(lab: name)
        }
    }

    func lab(_ name: String) throws -> LabDirectory {
        try LabDirectory(lab: "directory-\(name)-\(getpid())")
    }

    @Test func `a lab runs for as long as its lock is held`() throws {
        let lab = try lab("life")
        do {
            let lock = try lab.lock()
            #expect(try LabDirectory.running().contains(lab))
            #expect(throws: ControlError("a lab named \(lab.name) is already running")) {
                _ = try lab.lock()
            }
            withExtendedLifetime(lock.raw) {}
        }
        #expect(FileSystem.exists(lab.path))
        #expect(try !LabDirectory.running().contains(lab))
        #expect(!FileSystem.exists(lab.path), "a dead lab's files are removed by whoever looks")
    }

    @Test func `only its user can enter the directory, and a socket in it can be connected to`()
        throws
    {
        let lab = try lab("socket")
        let lock = try lab.lock()
        #expect(throws: ControlError("no lab named \(lab.name) is running")) {
            try lab.connect()
        }
        let listener = try lab.listen()
        var status = stat()
        #expect(stat(lab.path, &status) == 0 && status.st_mode & 0o777 == 0o700)
        #expect(stat(lab.socketPath, &status) == 0 && status.st_mode & 0o777 == 0o600)
        let client = try lab.connect()
        let isAccepted = try UnixSocket.accept(at: listener) != nil
        #expect(isAccepted)
        withExtendedLifetime(client) {}
        lab.remove(lock)
        #expect(!FileSystem.exists(lab.path))
    }

    @Test func `a directory of someone else's is not used`() throws {
        let lab = try lab("planted")
        mkdir(lab.path, 0o755)
        chmod(lab.path, 0o755)
        defer { rmdir(lab.path) }
        #expect(throws: ControlError.self) { _ = try lab.lock() }
        #expect(try !LabDirectory.running().contains(lab))
    }
}
