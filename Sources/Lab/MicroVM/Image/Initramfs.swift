// SPDX-License-Identifier: Apache-2.0

import Kernel

/// The file system that the guest starts from: this program with its libraries, as the guest's
/// first process, and the kernel's modules. All else comes from the host by 9p.
package struct Initramfs {
    /// The guest's first process.
    static let initPath = "/init"
    /// The modules, named so that the order of names is the order of loading.
    static let modulesPath = "/modules"

    private let cache: MicroVMCache
    private let kernel: KernelImage

    package init(_ cache: MicroVMCache, _ kernel: KernelImage) {
        self.cache = cache
        self.kernel = kernel
    }

    /// The archive's path, made where the cache has none for this kernel and this program.
    package func path(say: (String) -> Void) throws(MicroVMError) -> String {
        let prefix = "initramfs-"
        let program = try MicroVMError.attempt { () throws(SystemError) in
            try LoadedProgram.path()
        }
        let identities = try MicroVMError.attempt { () throws(SystemError) in
            (
                try FileSystem.identity(of: program),
                try FileSystem.identity(of: "\(kernel.modules)/modules.order")
            )
        }
        let name = "\(prefix)\(kernel.release)-\(identities.0)-\(identities.1)"
        let path = "\(cache.path)/\(name)"
        return try cache.locked { () throws(MicroVMError) in
            guard !FileSystem.touch(path) else { return path }
            say("making the microVM's first file system")
            let archive = try archive(of: program)
            try MicroVMError.attempt { () throws(SystemError) in
                try FileSystem.replace(path, archive.encoded)
            }
            // Every build of the program has one of its own; those used last stay.
            try cache.prune(prefix, keeping: 8)
            return path
        }
    }

    private func archive(of program: String) throws(MicroVMError) -> CpioArchive {
        var archive = CpioArchive()
        for folder in GuestRoot.folders { archive.addFolder(folder) }
        // The program keeps its path: its libraries may be found relative to it.
        for file in [program] + LoadedProgram.libraries() {
            let octets = try MicroVMError.attempt { () throws(SystemError) in
                try FileSystem.octets(of: file)
            }
            archive.addFile(file, mode: 0o755, octets)
        }
        archive.addLink(Self.initPath, to: program)
        try addModules(to: &archive)
        return archive
    }

    private func addModules(to archive: inout CpioArchive) throws(MicroVMError) {
        let folder = try ModuleFolder(kernel.modules)
        var contents: [String: [UInt8]] = [:]
        let order = try ModuleOrder(of: GuestModules.all, builtIn: folder.builtIn) {
            name throws(MicroVMError) in
            guard let content = try folder.content(of: name) else { return nil }
            contents[name] = content
            guard let info = ModuleInfo(content) else {
                throw MicroVMError("\(folder.path) has a module \(name) that is none")
            }
            return info.depends
        }
        if let missing = order.missing.first(where: GuestModules.boot.contains) {
            throw MicroVMError(
                "kernel \(kernel.release) has no \(missing), without which no microVM starts")
        }
        for (index, name) in order.names.enumerated() {
            let number = String(1000 + index).dropFirst()
            archive.addFile(
                "\(Self.modulesPath)/\(number)-\(name).ko", mode: 0o644, contents[name] ?? [])
        }
    }
}
