// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Lab

@Suite("Initial file system")
struct CpioArchiveTests {
    /// What stands in an archive: name, mode, content.
    struct Entry: Hashable {
        var name: String
        var mode: Int
        var content: [UInt8]
    }

    /// Reads the newc format on its own.
    static func read(_ archive: [UInt8]) throws -> [Entry] {
        var entries: [Entry] = []
        var offset = 0
        while true {
            #expect(archive[offset..<offset + 6].elementsEqual("070701".utf8))
            let fields = try (0..<13).map { index in
                let start = offset + 6 + index * 8
                let text = String(decoding: archive[start..<start + 8], as: UTF8.self)
                return try #require(Int(text, radix: 16))
            }
            let nameEnd = offset + 110 + fields[11]
            let name = String(decoding: archive[offset + 110..<nameEnd - 1], as: UTF8.self)
            let content = (nameEnd + 3) & ~3
            if name == "TRAILER!!!" { return entries }
            entries.append(
                Entry(
                    name: name, mode: fields[1],
                    content: Array(archive[content..<content + fields[6]])))
            offset = (content + fields[6] + 3) & ~3
        }
    }

    @Test func filesLinksAndTheFoldersAboveThemAreThereOnce() throws {
        var archive = CpioArchive()
        archive.addFolder("/dev")
        archive.addFile("/usr/lib/a", mode: 0o755, [1, 2, 3, 4, 5])
        archive.addFile("/usr/lib/b", mode: 0o644, [])
        archive.addLink("/init", to: "/usr/lib/a")
        #expect(
            try Self.read(archive.encoded) == [
                Entry(name: "dev", mode: 0o040_755, content: []),
                Entry(name: "usr", mode: 0o040_755, content: []),
                Entry(name: "usr/lib", mode: 0o040_755, content: []),
                Entry(name: "usr/lib/a", mode: 0o100_755, content: [1, 2, 3, 4, 5]),
                Entry(name: "usr/lib/b", mode: 0o100_644, content: []),
                Entry(name: "init", mode: 0o120_777, content: Array("/usr/lib/a".utf8)),
            ])
    }

    @Test func theSameContentGivesTheSameBytes() {
        func make() -> [UInt8] {
            var archive = CpioArchive()
            archive.addFile("/a/b", mode: 0o644, [9])
            return archive.encoded
        }
        #expect(make() == make())
    }
}

@Suite("Boot image")
struct BootImageTests {
    /// A bzImage with a payload, its setup code one sector long.
    static func image(payload: [UInt8], version: UInt8 = 0x0f) -> [UInt8] {
        var image = [UInt8](repeating: 0, count: 1024)
        image[0x1f1] = 1
        image.replaceSubrange(0x202..<0x206, with: "HdrS".utf8)
        image[0x206] = version
        image[0x207] = 2
        image[0x20e] = 0x80
        image.replaceSubrange(0x280..<0x28c, with: "6.1.0-9 (x)\0".utf8)
        image[0x24c] = UInt8(payload.count + 4)
        return image + payload + [1, 2, 3, 4]
    }

    @Test func thePayloadIsFoundWithoutTheSizeThatFollowsIt() throws {
        let xz: [UInt8] = [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0, 7, 7]
        #expect(
            try BootImage(Self.image(payload: xz)) == .compressed(.xz, payload: 1024..<1032))
        let lz4: [UInt8] = [0x02, 0x21, 0x4c, 0x18, 5]
        #expect(
            try BootImage(Self.image(payload: lz4)) == .compressed(.lz4, payload: 1024..<1029))
    }

    @Test func gzipKeepsTheSizeThatIsItsOwn() throws {
        let gzip: [UInt8] = [0x1f, 0x8b, 8, 0, 5]
        #expect(
            try BootImage(Self.image(payload: gzip)) == .compressed(.gzip, payload: 1024..<1033))
    }

    @Test func anELFFileNeedsNoUnpacking() throws {
        #expect(try BootImage([0x7f, 0x45, 0x4c, 0x46, 2]) == .elf)
    }

    @Test func theReleaseIsTheVersionsFirstWord() {
        #expect(BootImage.release(of: Self.image(payload: [0])) == "6.1.0-9")
    }

    @Test func whatIsNoKernelIsATypedError() {
        #expect(throws: BootImage.Failure.notBootable) { try BootImage([]) }
        #expect(throws: BootImage.Failure.notBootable) {
            try BootImage([UInt8](repeating: 1, count: 4096))
        }
        #expect(throws: BootImage.Failure.notBootable) {
            try BootImage(Self.image(payload: [1], version: 7))
        }
        #expect(throws: BootImage.Failure.unknownCompression) {
            try BootImage(Self.image(payload: [1, 2, 3, 4, 5]))
        }
        #expect(throws: BootImage.Failure.truncated) {
            try BootImage(Self.image(payload: [1, 2, 3, 4, 5]).dropLast(6))
        }
    }
}

@Suite("Kernel modules")
struct ModuleTests {
    static let depends: [String: [String]] = [
        "vrf": [], "mpls_router": ["ip_tunnel"], "ip_tunnel": [], "mpls_gso": ["mpls_router"],
        "virtio_mmio": ["virtio", "virtio-ring"], "virtio": ["virtio_ring"], "virtio_ring": [],
    ]

    @Test func everyModuleComesAfterWhatItDependsOnAndOnce() {
        let order = ModuleOrder(
            of: ["virtio-mmio", "mpls_gso", "mpls_router", "vrf"], builtIn: []
        ) { Self.depends[$0] }
        #expect(
            order.names == [
                "virtio_ring", "virtio", "virtio_mmio", "ip_tunnel", "mpls_router", "mpls_gso",
                "vrf",
            ])
        #expect(order.missing == [])
    }

    @Test func builtInModulesAreNotLoadedAndUnknownOnesAreTold() {
        let order = ModuleOrder(of: ["mpls_router", "wireguard"], builtIn: ["ip_tunnel"]) {
            Self.depends[$0]
        }
        #expect(order.names == ["mpls_router"])
        #expect(order.missing == ["wireguard"])
    }

    @Test func aModulesNameIsFoundInItsPath() {
        #expect(ModuleOrder.name(inPath: "kernel/net/8021q/8021q.ko.xz") == "8021q")
        #expect(ModuleOrder.name(inPath: "kernel/crypto/ghash-generic.ko") == "ghash_generic")
    }

    /// An ELF file with nothing but a `.modinfo` section.
    static func elf(_ modinfo: String) -> [UInt8] {
        let names = Array("\0.modinfo\0.shstrtab\0".utf8)
        let info = Array(modinfo.utf8)
        func number(_ value: Int, _ size: Int) -> [UInt8] {
            (0..<size).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
        }
        func header(name: Int, at offset: Int, size: Int) -> [UInt8] {
            number(name, 4) + number(0, 20) + number(offset, 8) + number(size, 8) + number(0, 24)
        }
        let table = 64 + names.count + info.count
        var elf: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1] + number(0, 34) + number(table, 8)
        elf += number(0, 12) + number(2, 2) + number(1, 2)
        elf += names + info
        elf += header(name: 1, at: 64 + names.count, size: info.count)
        return elf + header(name: 10, at: 64, size: names.count)
    }

    @Test func aModuleSaysWhatItDependsOn() throws {
        let info = try #require(ModuleInfo(Self.elf("license=GPL\0depends=a,b_c\0name=x\0")))
        #expect(info.depends == ["a", "b_c"])
        #expect(ModuleInfo(Self.elf("depends=\0"))?.depends == [])
    }

    @Test func aTruncatedModuleIsNoModule() {
        let whole = Self.elf("depends=a\0")
        for size in 0..<whole.count { #expect(ModuleInfo(Array(whole[..<size])) == nil) }
    }

    @Test func versionsCompareAsNumbers() {
        #expect(VersionOrder.precedes("kernel-6.1.0-9-amd64", "kernel-6.1.0-38-amd64"))
        #expect(!VersionOrder.precedes("kernel-6.12.0", "kernel-6.1.0"))
        #expect(VersionOrder.precedes("6.1", "6.1.1"))
    }
}
