// SPDX-License-Identifier: Apache-2.0

/// What a kernel module says of itself in its `.modinfo` section.
///
/// Debian's packages hold no modules.dep (depmod writes that when a kernel is installed, and we
/// do not install it), but every module names what it needs.
package struct ModuleInfo: Hashable, Sendable {
    /// The modules whose symbols this one uses.
    package let depends: [String]

    /// Reads a module, an ELF file of 64 bits; nil when it is none or has no such section.
    package init?(_ elf: [UInt8]) {
        guard let section = Self.section(".modinfo", of: elf) else { return nil }
        let fields = elf[section].split(separator: 0)
        let value = fields.first { $0.starts(with: "depends=".utf8) }?.dropFirst(8)
        guard let value else { return nil }
        depends = String(decoding: value, as: UTF8.self).split(separator: ",").map(String.init)
    }

    /// Where a section's content lies in the file (System V ABI, chapter 4).
    private static func section(_ name: String, of elf: [UInt8]) -> Range<Int>? {
        guard elf.starts(with: [0x7f, 0x45, 0x4c, 0x46, 2, 1]),
            let table = number(elf, 0x28, 8), let count = number(elf, 0x3c, 2),
            let namesIndex = number(elf, 0x3e, 2), table + count * 64 <= elf.count,
            let names = content(elf, header: table + namesIndex * 64)
        else { return nil }
        for index in 0..<count {
            let header = table + index * 64
            guard let offset = number(elf, header, 4) else { return nil }
            let text = elf[names].dropFirst(offset).prefix { $0 != 0 }
            if text.elementsEqual(name.utf8) { return content(elf, header: header) }
        }
        return nil
    }

    private static func content(_ elf: [UInt8], header: Int) -> Range<Int>? {
        guard let start = number(elf, header + 0x18, 8), let size = number(elf, header + 0x20, 8),
            size <= elf.count, start <= elf.count - size
        else { return nil }
        return start..<start + size
    }

    /// A little-endian number; nil outside the file or where it makes no offset.
    private static func number(_ elf: [UInt8], _ offset: Int, _ size: Int) -> Int? {
        guard offset >= 0, offset <= elf.count - size else { return nil }
        let value = elf[offset..<offset + size].reversed().reduce(UInt64(0)) {
            $0 << 8 | UInt64($1)
        }
        return value < 1 << 40 ? Int(value) : nil
    }
}
