// SPDX-License-Identifier: Apache-2.0

import Foundation

/// A configuration file of another daemon under Templates/, with values for its %placeholders%.
enum Template {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Templates")

    /// - Throws: when the template needs a value that is not given, or does not know one that is.
    static func fill(_ name: String, _ values: [String: String]) throws -> String {
        let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
        let placeholders = Set(text.matches(of: /%([a-z0-9-]+)%/).map { String($0.1) })
        let difference = placeholders.symmetricDifference(values.keys).sorted()
        guard difference.isEmpty else {
            throw Failure("Templates/\(name): missing or needless: \(difference)")
        }
        return text.replacing(/%([a-z0-9-]+)%/) { values[String($0.1)] ?? "" }
    }
}
