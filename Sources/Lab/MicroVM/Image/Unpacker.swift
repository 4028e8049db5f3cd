// SPDX-License-Identifier: Apache-2.0

import Kernel

/// Unpacks by the tool of each format, which Debian has in a package of its own.
enum Unpacker {
    /// A whole file's content.
    static func unpack(
        _ path: String, with tool: BootImage.Compression
    ) throws(MicroVMError) -> [UInt8] {
        try require(tool)
        let result = try MicroVMError.attempt { () throws(SystemError) in
            try Subprocess.run(
                [tool.program] + tool.options, input: try FileDescriptor.open(path))
        }
        guard result.isSuccess else {
            throw MicroVMError("cannot unpack \(path): \(result.complaint.firstLine)")
        }
        return result.output
    }

    static func require(_ tool: BootImage.Compression) throws(MicroVMError) {
        guard Subprocess.exists(tool.program) else {
            throw MicroVMError(
                "the program \(tool.program) is missing; install the package \(tool.package)")
        }
    }
}

extension BootImage.Compression {
    var program: String { rawValue }
    /// From standard input to standard output.
    var options: [String] { ["-d", "-c"] }

    /// The Debian package that has the program.
    var package: String {
        switch self {
        case .gzip: "gzip"
        case .xz: "xz-utils"
        case .lz4: "lz4"
        case .zstd: "zstd"
        }
    }
}

extension String {
    /// What a tool said first: its complaint, as a rule.
    var firstLine: String { String(split(separator: "\n").first ?? "it did not say why") }
}
