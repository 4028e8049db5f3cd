// SPDX-License-Identifier: Apache-2.0

import Kernel

/// The modules of one kernel, as `make modules_install` lays them out: /lib/modules/RELEASE.
struct ModuleFolder: Sendable {
    let path: String
    /// Part of the kernel, so not to be loaded.
    let builtIn: Set<String>
    /// Where each module lies, below `path`; some may be missing.
    private let places: [String: String]

    /// - Throws: when the folder has no lists of its modules.
    init(_ path: String) throws(MicroVMError) {
        self.path = path
        let order = try Self.lines("\(path)/modules.order")
        let builtIn = try Self.lines("\(path)/modules.builtin")
        self.builtIn = Set(builtIn.map { ModuleOrder.name(inPath: $0) })
        places = Dictionary(order.map { (ModuleOrder.name(inPath: $0), $0) }) { first, _ in first }
    }

    private static func lines(_ path: String) throws(MicroVMError) -> [String] {
        try MicroVMError.attempt { () throws(SystemError) in
            try FileSystem.read(path).split(separator: "\n").map(String.init)
        }
    }

    /// Whether the kernel offers the module, in either way.
    func has(_ name: String) -> Bool {
        let name = ModuleOrder.canonical(name)
        return builtIn.contains(name) || file(of: name) != nil
    }

    /// A module's content, unpacked; nil when there is none of the name.
    func content(of name: String) throws(MicroVMError) -> [UInt8]? {
        guard let (path, tool) = file(of: name) else { return nil }
        guard let tool else {
            return try MicroVMError.attempt { () throws(SystemError) in
                try FileSystem.octets(of: path)
            }
        }
        return try Unpacker.unpack(path, with: tool)
    }

    /// The module's file, and the program that unpacks it. The list says `.ko` whatever
    /// installing has made of it.
    private func file(of name: String) -> (path: String, tool: BootImage.Compression?)? {
        guard let place = places[name] else { return nil }
        let slash = place.lastIndex(of: "/") ?? place.startIndex
        let stem = place[..<(place[slash...].firstIndex(of: ".") ?? place.endIndex)]
        let kinds: [(String, BootImage.Compression?)] = [
            ("", nil), (".xz", .xz), (".zst", .zstd), (".gz", .gzip),
        ]
        for (suffix, tool) in kinds {
            let file = "\(path)/\(stem).ko\(suffix)"
            if FileSystem.isReadable(file) { return (file, tool) }
        }
        return nil
    }
}
