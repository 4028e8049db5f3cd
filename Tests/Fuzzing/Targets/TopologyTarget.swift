// SPDX-License-Identifier: Apache-2.0

import Engine
import Plan
import Primitives
import Topology

extension FuzzTarget {
    static let topology = FuzzTarget(
        "topology", sizeMax: 16384, words: words(topologyWords), cost: 40, topology)

    private static let topologyWords = [
        "", "~", "0", "-1", "4294967295", "99999999999999999999", "true", "\"", "'", "[", "]", "{",
        "}", "[]", "{}", "&x", "*x", "<<: *x", "!t", "|", ">", "? ", "- ", ": ", "#", "%", "@",
        "\t",
        "\n", "::", "::1", "::/0", "0.0.0.0/0", "255.255.255.255/32", "10.0.0.0/31", "ffff::/127",
        "none", "discard", "pe", "p", "rr", "ce", "host", "1:1", "\u{e9}", "\u{0}", "1e9s", "0s",
        "nodes:", "links:", "lans:", "tests:", "policies:", "endpoints:", "vrfs:", "bgp:", "vlan:",
        "subnet:", "mtu:", "addressing:", "transports:", "ipsec:", "neighbors:", "loopback:",
        "\u{feff}", "\u{2028}", "\r", "---", "...", "&a [*a]", "{a: &a {b: *a}}",
    ]

    /// Any text is a topology or mistakes that have places, in the file's order. What is a topology
    /// can be planned, and its routers start.
    @Sendable private static func topology(_ input: [UInt8]) throws(Finding) {
        let topology: Topology
        do throws(TopologyErrors) {
            topology = try Topology.parse(input)
        } catch {
            return try check(error.diagnostics)
        }
        for configuration in LabPlan(topology).routers {
            var router = Router(configuration)
            _ = router.step(.start, at: Instant(nanoseconds: 0))
        }
    }

    private static func check(_ diagnostics: [Diagnostic]) throws(Finding) {
        try require(!diagnostics.isEmpty, "refused without a reason")
        let places = diagnostics.map(\.place)
        try require(places == places.sorted(), "mistakes out of order")
        for diagnostic in diagnostics {
            let (place, message) = (diagnostic.place, diagnostic.message)
            try require(place.line >= 1 && place.column >= 1, "no place: \(message)")
            try require(
                !message.isEmpty && !message.contains(where: \.isNewline), "no line: \(message)")
        }
    }
}
