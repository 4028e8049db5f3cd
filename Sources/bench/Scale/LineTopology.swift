// SPDX-License-Identifier: Apache-2.0

/// A line of customer routers as a topology file, without its name.
enum LineTopology {
    /// - Parameter hasBGP: each has an AS of its own and speaks with the next one.
    static func text(_ count: Int, hasBGP: Bool) -> String {
        var text = "nodes:\n"
        for number in 0..<count {
            text += "  n\(number): {role: ce, loopback: 10.255.\(number >> 8).\(number & 255)"
            if hasBGP { text += ", bgp: {as: \(4_200_000_000 + number), neighbors: {" }
            if hasBGP { text += neighbors(number, of: count) + "}}" }
            text += "}\n"
        }
        text += "links:\n"
        for number in 1..<count { text += "  - {endpoints: [n\(number - 1), n\(number)]}\n" }
        return text
    }

    private static func neighbors(_ number: Int, of count: Int) -> String {
        [number - 1, number + 1].filter { (0..<count).contains($0) }
            .map { "n\($0): {import: accept, export: accept}" }.joined(separator: ", ")
    }
}
