// SPDX-License-Identifier: Apache-2.0

import Kernel

/// Debian's kernel package, downloaded by apt and unpacked into the cache, not installed.
struct DebianKernel {
    /// Of the cache's directories; another one whenever `parts` changes.
    static let prefix = "linux-"
    /// It depends on the current kernel. The smaller cloud kernel has no 9p.
    private static let metapackage = "linux-image-amd64"
    /// The parts of the package that a lab may need: an eighth of it.
    private static let parts = [
        "./boot/vmlinuz-*", "./lib/modules/*/modules.*", "./lib/modules/*/kernel/net/*",
        "./lib/modules/*/kernel/crypto/*", "./lib/modules/*/kernel/arch/x86/crypto/*",
        "./lib/modules/*/kernel/lib/*", "./lib/modules/*/kernel/fs/9p/*",
        "./lib/modules/*/kernel/fs/overlayfs/*",
        "./lib/modules/*/kernel/fs/netfs/*", "./lib/modules/*/kernel/fs/fscache/*",
        "./lib/modules/*/kernel/drivers/virtio/*", "./lib/modules/*/kernel/drivers/char/*",
        "./lib/modules/*/kernel/drivers/net/*.ko", "./lib/modules/*/kernel/drivers/net/vxlan/*",
    ]

    private let cache: MicroVMCache
    private let say: (String) -> Void

    init(_ cache: MicroVMCache, _ say: @escaping (String) -> Void) {
        self.cache = cache
        self.say = say
    }

    /// Fetches the current kernel. The cache is locked.
    func fetch() throws(MicroVMError) -> KernelImage {
        if let tool = Self.missingTool {
            throw MicroVMError(
                "\(tool) is missing: set WEFT_KERNEL to a kernel and WEFT_MODULES to its modules")
        }
        let package = try currentPackage()
        let release = String(package.dropFirst("linux-image-".count))
        let name = Self.prefix + release
        try cache.makeDirectory(name) { directory throws(MicroVMError) in
            say("downloading \(package) (70 MB, once)")
            let archive = try download(package, into: directory)
            say("unpacking \(package)")
            try extract(archive, into: directory)
            FileSystem.remove(archive)
            let packed = "\(directory)/boot/vmlinuz-\(release)"
            let octets = try MicroVMError.attempt { () throws(SystemError) in
                try FileSystem.octets(of: packed)
            }
            try KernelFinder.unpack(octets, packed, to: "\(directory)/vmlinux")
        }
        return Self.image(in: "\(cache.path)/\(name)", name: name)
    }

    /// A program that fetching needs and this machine has not.
    static var missingTool: String? {
        ["apt-get", "apt-cache", "dpkg-deb", "tar"].first { !Subprocess.exists($0) }
    }

    static func image(in directory: String, name: String) -> KernelImage {
        let release = String(name.dropFirst(prefix.count))
        return KernelImage(
            release: release, vmlinux: "\(directory)/vmlinux",
            modules: "\(directory)/lib/modules/\(release)", origin: "Debian's package")
    }

    /// Such as linux-image-6.1.0-40-amd64.
    private func currentPackage() throws(MicroVMError) -> String {
        let result = try run(["apt-cache", "depends", Self.metapackage])
        for line in result.text.split(separator: "\n") {
            let words = line.split(separator: " ")
            if words.first == "Depends:", let name = words.last, name.hasPrefix("linux-image-") {
                return String(name)
            }
        }
        throw MicroVMError(
            "apt knows no package \(Self.metapackage): run `apt-get update`, or set WEFT_KERNEL")
    }

    /// Downloads a package; the name of its file.
    private func download(
        _ package: String, into directory: String
    ) throws(MicroVMError) -> String {
        // The directory is ours alone, which apt's own user could not write to.
        let result = try run(
            ["apt-get", "-q", "-o", "APT::Sandbox::User=root", "download", package], directory)
        let names = (try? FileSystem.names(in: directory)) ?? []
        guard result.isSuccess, let file = names.first(where: { $0.hasSuffix(".deb") }) else {
            let why = result.complaint.split(separator: "\n").first { $0.hasPrefix("E:") }
            throw MicroVMError(
                "cannot download \(package): \(why.map(String.init) ?? result.complaint.firstLine);"
                    + " run `apt-get update`, or set WEFT_KERNEL")
        }
        return "\(directory)/\(file)"
    }

    private func extract(_ archive: String, into directory: String) throws(MicroVMError) {
        let results = try MicroVMError.attempt { () throws(SystemError) in
            try Subprocess.pipe(
                ["dpkg-deb", "--fsys-tarfile", archive],
                to: ["tar", "-x", "-C", directory, "--no-same-owner", "--wildcards"] + Self.parts)
        }
        // tar fails where a pattern matches nothing, as those for parts of other kernel versions.
        let isUnpacked = FileSystem.exists("\(directory)/boot")
        guard results.first.isSuccess, isUnpacked else {
            throw MicroVMError("cannot unpack \(archive): \(results.second.complaint.firstLine)")
        }
    }

    private func run(
        _ arguments: [String], _ directory: String? = nil
    ) throws(MicroVMError) -> Subprocess.Result {
        try MicroVMError.attempt { () throws(SystemError) in
            try Subprocess.run(arguments, directory: directory)
        }
    }
}
