// SPDX-License-Identifier: Apache-2.0

import Primitives

/// A ring of provider routers with IS-IS, each with a cable to the next and a loopback.
enum RingNetwork {
    static let count = 50
    /// The cable that breaks: from this router to the next.
    static let brokenCable = 10

    static func name(_ node: Int) -> String { "r\(node)" }

    static func loopback(_ node: Int) -> IPAddress {
        IPAddress(family: .ipv4, bits: 0x0a00_0001 + UInt128(node))
    }

    /// Of an end of the cable from a router to the next.
    static func address(cable: Int, atNext: Bool) -> IPAddress {
        IPAddress(family: .ipv4, bits: 0x0a01_0001 + UInt128(cable << 8) + (atNext ? 1 : 0))
    }

    private static func next(_ node: Int) -> Int { (node + 1) % count }

    /// The text of a topology file.
    static var topology: String {
        var text = """
            name: bench-ring
            core: {igp: isis, isis: {level: 2}, ldp: none, bfd: none}
            nodes:

            """
        for node in 0..<count {
            text += "  \(name(node)): {role: p, loopback: \(loopback(node))}\n"
        }
        text += "links:\n"
        for cable in 0..<count {
            let ends = [false, true].map { "\(address(cable: cable, atNext: $0))/30" }
            text += "  - {endpoints: [\(name(cable)), \(name(next(cable)))], "
            text += "addresses: [\(ends.joined(separator: ", "))]}\n"
        }
        return text
    }

    /// By router and loopback: the gateways of its shortest paths, of which there are two to the
    /// other side of the whole ring.
    static func gateways(isBroken: Bool) -> [Gateways] {
        (0..<count).map { from in
            var table: Gateways = [:]
            for to in 0..<count where to != from {
                table[loopback(to)] = gateways(from: from, to: to, isBroken: isBroken)
            }
            return table
        }
    }

    private static func gateways(from: Int, to: Int, isBroken: Bool) -> Set<IPAddress> {
        let onwards = (to - from + count) % count
        let untilBreak = (brokenCable - from + count) % count
        // A way leads over the broken cable if it is long enough to come there.
        let passesOnwards = untilBreak < onwards
        let ways = [
            (onwards, passesOnwards, address(cable: from, atNext: true)),
            (
                count - onwards, !passesOnwards,
                address(cable: (from + count - 1) % count, atNext: false)
            ),
        ].filter { !(isBroken && $0.1) }
        let least = ways.map(\.0).min()
        return Set(ways.filter { $0.0 == least }.map(\.2))
    }
}
