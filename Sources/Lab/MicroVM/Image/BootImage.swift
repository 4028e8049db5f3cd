// SPDX-License-Identifier: Apache-2.0

/// What Linux for x86 comes as: an ELF file that QEMU starts at once, or a bzImage that holds that
/// ELF file compressed and would spend seconds of an emulated boot on unpacking it.
package enum BootImage: Hashable, Sendable {
    case elf
    case compressed(Compression, payload: Range<Int>)

    /// The formats that Debian's and most other kernels use.
    package enum Compression: String, Hashable, Sendable {
        case gzip
        case xz
        case lz4
        case zstd

        /// The format whose magic number stands at the front of `bytes`.
        package init?(magicOf bytes: some Collection<UInt8>) {
            switch Array(bytes.prefix(4)) {
            case [0x1f, 0x8b, 0x08, 0x00]: self = .gzip
            case [0xfd, 0x37, 0x7a, 0x58]: self = .xz
            case [0x02, 0x21, 0x4c, 0x18]: self = .lz4
            case [0x28, 0xb5, 0x2f, 0xfd]: self = .zstd
            default: return nil
            }
        }
    }

    /// Why a file is no kernel that can be booted.
    package enum Failure: Error, Hashable, Sendable, CustomStringConvertible {
        case notBootable
        case truncated
        case unknownCompression

        package var description: String {
            switch self {
            case .notBootable: "it is neither an ELF file nor a bzImage"
            case .truncated: "the file ends too early"
            case .unknownCompression:
                "it is compressed by a method other than gzip, xz, LZ4 and zstd"
            }
        }
    }

    /// Reads a kernel image's headers (Documentation/arch/x86/boot.rst).
    package init(_ image: [UInt8]) throws(Failure) {
        if image.starts(with: [0x7f, 0x45, 0x4c, 0x46]) {
            self = .elf
            return
        }
        guard image.count >= 0x250 else { throw .notBootable }
        let isLinux = image[0x202..<0x206].elementsEqual("HdrS".utf8)
        // payload_offset and payload_length came with version 2.08 of the boot protocol.
        guard isLinux, Self.number(image, 0x206, 2) >= 0x208 else { throw .notBootable }
        let setupSectors = image[0x1f1] == 0 ? 4 : Int(image[0x1f1])
        let start = (setupSectors + 1) * 512 + Self.number(image, 0x248, 4)
        // The kernel's build appends the unpacked size, 4 octets, to the payload.
        let end = start + Self.number(image, 0x24c, 4) - 4
        guard start < end, end <= image.count else { throw .truncated }
        guard let compression = Compression(magicOf: image[start..<end]) else {
            throw .unknownCompression
        }
        // gzip knows the size itself: there the 4 octets are its own.
        self = .compressed(compression, payload: start..<(compression == .gzip ? end + 4 : end))
    }

    /// What `uname -r` will say, where a bzImage's header tells; nil for ELF.
    package static func release(of image: [UInt8]) -> String? {
        guard image.count >= 0x250, image[0x202..<0x206].elementsEqual("HdrS".utf8) else {
            return nil
        }
        let start = number(image, 0x20e, 2) + 0x200
        guard start > 0x200, start < image.count else { return nil }
        let text = image[start...].prefix(256).prefix { $0 != 0x20 && $0 != 0 }
        return String(validating: text, as: UTF8.self)
    }

    /// A little-endian number of `size` octets.
    private static func number(_ image: [UInt8], _ offset: Int, _ size: Int) -> Int {
        image[offset..<offset + size].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
}
