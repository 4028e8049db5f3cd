// SPDX-License-Identifier: Apache-2.0

import Testing

/// A version of VRRP and a family of addresses, with what comes of them on one LAN of three routers
/// in group 7.
struct VRRPVariant: CustomTestStringConvertible {
    let version: Int
    /// The time between adverts; version 2 knows whole seconds only.
    let interval: String
    let keepalivedInterval: String
    let isIPv6: Bool

    static let all = [
        VRRPVariant(version: 2, interval: "1s", keepalivedInterval: "1", isIPv6: false),
        VRRPVariant(version: 3, interval: "200ms", keepalivedInterval: "0.2", isIPv6: false),
        VRRPVariant(version: 3, interval: "200ms", keepalivedInterval: "0.2", isIPv6: true),
    ]

    var testDescription: String { "version \(version), \(isIPv6 ? "IPv6" : "IPv4")" }

    /// What hosts send to.
    var virtualAddress: String { address(1) }
    var virtualMAC: String { "00:00:5e:00:0\(isIPv6 ? 2 : 1):07" }
    /// As keepalived is told. In IPv6 the link-local one comes first, which weft adds by itself.
    var keepalivedAddresses: String {
        isIPv6 ? "fe80::5e00:207/64\n        2001:db8::1/64" : "192.0.2.1/24"
    }

    func address(_ host: Int) -> String { isIPv6 ? "2001:db8::\(host)" : "192.0.2.\(host)" }
    func subnetAddress(_ host: Int) -> String { address(host) + (isIPv6 ? "/64" : "/24") }

    /// Where the adverts of a router come from.
    /// - Parameter number: the node's, in the file's order from 0.
    func source(host: Int, number: Int) -> String {
        isIPv6 ? "fe80::ff:fe0\(number):0" : address(host)
    }

    /// What tcpdump calls the packets.
    var captureFilter: String { isIPv6 ? "ip6 proto 112 or icmp6" : "ip proto 112" }
    /// tshark's names of source and hop limit.
    var fields: [String] { isIPv6 ? ["ipv6.src", "ipv6.hlim"] : ["ip.src", "ip.ttl"] }
    /// The option of ip(8).
    var family: String { isIPv6 ? "-6" : "-4" }
}
