// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

/// Texts as users see them stand in Tests/CommandTests/Golden. After a change on purpose, run the
/// tests with WEFT_RECORD=1 in the environment and look at the difference.
func expectGolden(_ name: String, _ text: String) throws {
    let path = String(#filePath.dropLast("Golden.swift".count)) + "Golden/\(name).txt"
    if getenv("WEFT_RECORD") != nil {
        let file = try #require(fopen(path, "w"))
        fputs(text, file)
        fclose(file)
    }
    let file = try #require(fopen(path, "r"), "no golden text \(name)")
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = fread(&bytes, 1, bytes.count, file)
    #expect(text == String(decoding: bytes[..<count], as: UTF8.self))
}
