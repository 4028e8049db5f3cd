// SPDX-License-Identifier: Apache-2.0

/// A cpio archive in the "newc" form that the kernel unpacks as its first root file system
/// (Documentation/driver-api/early-userspace/buffer-format.rst). All owned by root, times zero:
/// the same content always gives the same bytes.
package struct CpioArchive: Sendable {
    private var storage: [UInt8] = []
    private var inode: UInt32 = 0
    /// The folders that are in the archive already.
    private var folders: Set<String> = []

    package init() {}

    /// Adds a file, and the folders above it that are not there yet.
    /// - Parameters:
    ///   - path: absolute or relative to the root, without "." and "..".
    ///   - mode: permission bits.
    package mutating func addFile(_ path: String, mode: UInt32, _ content: some Collection<UInt8>) {
        addFolders(above: path)
        add(Self.relative(path), mode: 0o100_000 | mode, content)
    }

    /// Adds a symbolic link.
    package mutating func addLink(_ path: String, to target: String) {
        addFolders(above: path)
        add(Self.relative(path), mode: 0o120_777, target.utf8)
    }

    /// Adds an empty folder, and those above it.
    package mutating func addFolder(_ path: String) {
        addFolders(above: path)
        let name = Self.relative(path)
        guard folders.insert(name).inserted else { return }
        add(name, mode: 0o040_755, EmptyCollection())
    }

    /// The archive's bytes with its trailer.
    package var encoded: [UInt8] {
        var whole = self
        whole.inode = 0
        whole.add("TRAILER!!!", mode: 0, EmptyCollection())
        return whole.storage
    }

    private static func relative(_ path: String) -> String {
        String(path.drop { $0 == "/" })
    }

    private mutating func addFolders(above path: String) {
        let parts = Self.relative(path).split(separator: "/").dropLast()
        for end in parts.indices {
            let folder = parts[parts.startIndex...end].joined(separator: "/")
            if folders.insert(folder).inserted {
                add(folder, mode: 0o040_755, EmptyCollection())
            }
        }
    }

    private mutating func add(_ name: String, mode: UInt32, _ content: some Collection<UInt8>) {
        inode += 1
        storage += "070701".utf8
        // inode, mode, uid, gid, links, mtime, size, device (2), special device (2), name size, sum
        for field in [
            inode, mode, 0, 0, 1, 0, UInt32(content.count), 0, 0, 0, 0,
            UInt32(name.utf8.count + 1), 0,
        ] {
            addHexadecimal(field)
        }
        storage += name.utf8
        storage.append(0)
        pad()
        storage += content
        pad()
    }

    private mutating func addHexadecimal(_ field: UInt32) {
        let digits = Array("0123456789ABCDEF".utf8)
        for shift in stride(from: 28, through: 0, by: -4) {
            storage.append(digits[Int(field >> UInt32(shift) & 15)])
        }
    }

    /// To a multiple of four octets.
    private mutating func pad() {
        while storage.count % 4 != 0 { storage.append(0) }
    }
}
