// SPDX-License-Identifier: Apache-2.0

/// The version of this program.
let weftVersion = "0.1.0"

let versionCommand = Command(
    name: "version", summary: "Print the version of weft", description: "Prints one line.",
    examples: [.init(line: "weft version", says: "weft \(weftVersion)")]
) { _ in
    Terminal.write("weft \(weftVersion)\n")
    return .passed
}
