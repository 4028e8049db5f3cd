// SPDX-License-Identifier: Apache-2.0

import Kernel

/// A kernel that QEMU can start at once, and its modules.
package struct KernelImage: Hashable, Sendable {
    /// What `uname -r` says in it.
    package var release: String
    /// The ELF file.
    package var vmlinux: String
    /// Its /lib/modules/RELEASE.
    package var modules: String
    /// Where it comes from, for people.
    package var origin: String
}

/// Finds a kernel, or fetches one from the Debian archive by its ordinary tools: nothing is
/// installed and no privilege needed.
package struct KernelFinder {
    private let cache: MicroVMCache
    private let say: (String) -> Void

    /// - Parameter say: told what takes time.
    package init(_ cache: MicroVMCache, say: @escaping (String) -> Void) {
        self.cache = cache
        self.say = say
    }

    /// The kernel that $WEFT_KERNEL names (with $WEFT_MODULES), else one from the cache, the
    /// machine's own, or the newest of the Debian release.
    package func find() throws(MicroVMError) -> KernelImage {
        if let named = Environment["WEFT_KERNEL"], !named.isEmpty {
            return try image(
                at: named, modules: Environment["WEFT_MODULES"], origin: "named by WEFT_KERNEL")
        }
        if let cached = try cached() { return cached }
        if let own = try ownKernel() { return own }
        return try cache.locked { () throws(MicroVMError) in
            if let cached = try cached() { return cached }
            return try DebianKernel(cache, say).fetch()
        }
    }

    /// Why no kernel can be had, as far as can be seen without fetching one.
    static var obstacle: (reason: String, remedy: String)? {
        if let named = Environment["WEFT_KERNEL"], !named.isEmpty {
            return FileSystem.isReadable(named)
                ? nil : ("WEFT_KERNEL names \(named), which cannot be read", "unset WEFT_KERNEL")
        }
        guard let cache = try? MicroVMCache() else {
            return ("there is no directory for a cache", "export XDG_CACHE_HOME=/a/directory")
        }
        let finder = KernelFinder(cache) { _ in }
        if (try? finder.cached()) ?? nil != nil { return nil }
        guard Subprocess.exists("xz") else { return ("xz is missing", "apt-get install xz-utils") }
        if DebianKernel.missingTool == nil || (try? finder.ownKernel()) ?? nil != nil { return nil }
        return (
            "there is no kernel for it and no apt to fetch one",
            "export WEFT_KERNEL=vmlinuz WEFT_MODULES=directory"
        )
    }

    /// The newest kernel that was fetched before.
    private func cached() throws(MicroVMError) -> KernelImage? {
        let names = try cache.names(DebianKernel.prefix).filter { !$0.hasSuffix(".part") }
        let newest = names.max { VersionOrder.precedes($0, $1) }
        return newest.map { DebianKernel.image(in: "\(cache.path)/\($0)", name: $0) }
    }

    /// The machine's own kernel packages, where they have all that a lab needs.
    private func ownKernel() throws(MicroVMError) -> KernelImage? {
        let files = ((try? FileSystem.names(in: "/boot")) ?? []).filter { $0.hasPrefix("vmlinuz-") }
        for file in files.sorted(by: { VersionOrder.precedes($1, $0) }) {
            let modules = "/lib/modules/\(file.dropFirst("vmlinuz-".count))"
            guard FileSystem.isReadable("/boot/\(file)"), let folder = try? ModuleFolder(modules),
                (GuestModules.boot + GuestModules.forwarding).allSatisfy(folder.has)
            else { continue }
            return try image(at: "/boot/\(file)", modules: modules, origin: "installed here")
        }
        return nil
    }

    /// Any kernel file, unpacked into the cache where it is not ELF.
    private func image(
        at path: String, modules: String?, origin: String
    ) throws(MicroVMError) -> KernelImage {
        let identity = try MicroVMError.attempt { () throws(SystemError) in
            try FileSystem.identity(of: path)
        }
        let octets = try MicroVMError.attempt { () throws(SystemError) in
            try FileSystem.octets(of: path)
        }
        let release = BootImage.release(of: octets)
        guard let modules = modules ?? release.map({ "/lib/modules/\($0)" }) else {
            throw MicroVMError("WEFT_MODULES must name the modules' directory of \(path)")
        }
        guard FileSystem.isDirectory(modules) else {
            throw MicroVMError("the modules of \(path) are not in \(modules); set WEFT_MODULES")
        }
        let name = modules.split(separator: "/").last.map(String.init) ?? "unknown"
        var vmlinux = path
        if try Self.read(octets, path) != .elf {
            vmlinux = "\(cache.path)/vmlinux-\(identity)"
            try cache.locked { () throws(MicroVMError) in
                guard !FileSystem.exists(vmlinux) else { return }
                say("unpacking \(path)")
                try Self.unpack(octets, path, to: vmlinux)
            }
        }
        return KernelImage(
            release: release ?? name, vmlinux: vmlinux, modules: modules, origin: origin)
    }

    private static func read(_ octets: [UInt8], _ path: String) throws(MicroVMError) -> BootImage {
        do throws(BootImage.Failure) { return try BootImage(octets) } catch {
            throw MicroVMError("cannot boot \(path): \(error)")
        }
    }

    /// Writes the ELF file out of a kernel image.
    static func unpack(
        _ octets: [UInt8], _ path: String, to vmlinux: String
    ) throws(MicroVMError) {
        var elf = octets
        if case .compressed(let compression, let payload) = try read(octets, path) {
            let packed = "\(vmlinux).packed"
            defer { FileSystem.remove(packed) }
            try MicroVMError.attempt { () throws(SystemError) in
                try FileSystem.replace(packed, Array(octets[payload]))
            }
            elf = try Unpacker.unpack(packed, with: compression)
        }
        try MicroVMError.attempt { () throws(SystemError) in
            try FileSystem.replace(vmlinux, elf)
        }
    }
}

/// Versions in names: runs of digits count as numbers.
enum VersionOrder {
    static func precedes(_ first: String, _ second: String) -> Bool {
        let (first, second) = (parts(first), parts(second))
        for (one, other) in zip(first, second) where one != other {
            if let one = Int(one), let other = Int(other) { return one < other }
            return one < other
        }
        return first.count < second.count
    }

    private static func parts(_ name: String) -> [String] {
        var parts: [String] = []
        for character in name {
            if let last = parts.last?.last, last.isNumber == character.isNumber {
                parts[parts.count - 1].append(character)
            } else {
                parts.append(String(character))
            }
        }
        return parts
    }
}
