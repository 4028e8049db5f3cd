// SPDX-License-Identifier: Apache-2.0

/// A transport as a Weft file says it.
enum TransportWay: String, CaseIterable {
    case mpls
    case gre
    case greIPsec = "gre+ipsec"
    case mgre
    case mgreIPsec = "mgre+ipsec"

    var isProtected: Bool { self == .greIPsec || self == .mgreIPsec }
    var isMultipoint: Bool { self == .mgre || self == .mgreIPsec }

    /// A topology of one VPN, without its name.
    var topology: String {
        let protection = isProtected ? ", ipsec: esp" : ""
        let encapsulation = isMultipoint ? "mgre" : "gre"
        let core =
            self == .mpls
            ? "core: {mode: static}"
            : """
            core: {mode: ip}
            ipsec: {esp: {keying: manual}}
            transports: {way: {encapsulation: \(encapsulation), key: 1234\(protection)}}
            """
        return """
            \(core)
            nodes:
              pe1: \(edge(1, neighbor: 2))
              p: {role: p, loopback: 10.0.0.10}
              pe2: \(edge(2, neighbor: 1))
              ce1: {role: ce, static: {0.0.0.0/0: pe1}}
              ce2: {role: ce, static: {0.0.0.0/0: pe2}}
            links:
              - {endpoints: [pe1, p]}
              - {endpoints: [pe2, p]}
              - {endpoints: [pe1, ce1], vrf: red, subnet: 10.1.1.0/30}
              - {endpoints: [pe2, ce2], vrf: red, subnet: 10.1.2.0/30}
            """
    }

    private func edge(_ number: Int, neighbor: Int) -> String {
        """
        {role: pe, loopback: 10.0.0.\(number), vrfs: {red: {rd: "1:\(number)", target: "1:1"}}, \
        bgp: {as: 1, neighbors: {pe\(neighbor): {families: [vpnv4]}}}}
        """
    }
}
