// SPDX-License-Identifier: Apache-2.0

@testable import Wire

/// What a receiver does about a fault, as RFC 7606 §2 names it. AFI/SAFI disable is not used here:
/// where it may be, the RFC lets a session be reset as well.
enum Verdict: String, Comparable {
    case accept
    case attributeDiscard
    case treatAsWithdraw
    case sessionReset

    private var strength: Int {
        switch self {
        case .accept: 0
        case .attributeDiscard: 1
        case .treatAsWithdraw: 2
        case .sessionReset: 3
        }
    }

    static func < (a: Self, b: Self) -> Bool { a.strength < b.strength }
}

/// What the RFCs say of one attribute, read from them and not from our table.
struct AttributeRule: CustomStringConvertible, Sendable {
    /// A value that the attribute must not have, and where that is said.
    struct Fault: Sendable {
        var name: String
        /// In hex; of sessions with 4-octet AS numbers and of those with 2-octet ones.
        var value: String
        var short: String
        var section: String

        init(_ name: String, _ value: String, short: String? = nil, _ section: String) {
            self.name = name
            self.value = value
            self.short = short ?? value
            self.section = section
        }
    }

    let code: UInt8
    let name: String
    /// Optional 0x80 and Transitive 0x40.
    let flags: UInt8
    /// A right value in hex, on sessions with 4-octet and with 2-octet AS numbers.
    let value: String
    let short: String
    /// The remedy where it is malformed.
    let malformed: Verdict
    let section: String
    /// What happens to it, even where it is right: from an external peer, and from a peer that
    /// sends 4-octet AS numbers.
    var external = Verdict.accept
    var fourOctet = Verdict.accept
    /// Where it is missing beside routes, on an external and on an internal session.
    var missing: (external: Verdict, internal: Verdict) = (.accept, .accept)
    var faults: [Fault]

    var description: String { "\(name) (\(code))" }

    init(
        _ code: UInt8, _ name: String, _ flags: UInt8, _ value: String, short: String? = nil,
        malformed: Verdict, _ section: String, external: Verdict = .accept,
        fourOctet: Verdict = .accept,
        missing: (external: Verdict, internal: Verdict) = (.accept, .accept), _ faults: [Fault]
    ) {
        self.code = code
        self.name = name
        self.flags = flags
        self.value = value
        self.short = short ?? value
        self.malformed = malformed
        self.section = section
        self.external = external
        self.fourOctet = fourOctet
        self.missing = missing
        self.faults = faults
    }

    static let all = wellKnown + optional + carriers

    private static let wellKnown: [AttributeRule] = [
        AttributeRule(
            1, "ORIGIN", 0x40, "00", malformed: .treatAsWithdraw, "RFC 7606 §7.1",
            missing: (.treatAsWithdraw, .treatAsWithdraw),
            [
                .init("of length 0", "", "RFC 7606 §7.1"),
                .init("of length 2", "0000", "RFC 7606 §7.1"),
                .init("3", "03", "RFC 4271 §6.3"), .init("255", "ff", "RFC 4271 §6.3"),
            ]),
        AttributeRule(
            2, "AS_PATH", 0x40, "0201 0000ffdc", short: "0201 ffdc", malformed: .treatAsWithdraw,
            "RFC 7606 §7.2", missing: (.treatAsWithdraw, .treatAsWithdraw),
            [
                .init("of an unknown segment", "0501 00000001", short: "0501 0001", "§7.2"),
                .init("of segment 0", "0001 00000001", short: "0001 0001", "§7.2"),
                .init("in a confederation", "0301 00000001", short: "0301 0001", "RFC 5065 §5"),
                .init("of a confederation set", "0401 00000001", short: "0401 0001", "RFC 5065 §5"),
                .init("that overruns", "0202 00000001", short: "0202 0001", "§7.2"),
                .init("that underruns", "0201 00000001 02", short: "0201 0001 02", "§7.2"),
                .init("with an empty segment", "0200", "§7.2"),
                .init("with AS 0", "0201 00000000", short: "0201 0000", "RFC 7607 §2"),
            ]),
        AttributeRule(
            3, "NEXT_HOP", 0x40, "04000015", malformed: .treatAsWithdraw, "RFC 7606 §7.3",
            missing: (.treatAsWithdraw, .treatAsWithdraw),
            [
                .init("of length 0", "", "§7.3"), .init("of length 3", "040000", "§7.3"),
                .init("of length 16", "20010db8000000000000000000000001", "§7.3"),
                .init("unspecified", "00000000", "RFC 4271 §6.3"),
                .init("loopback", "7f000001", "RFC 4271 §6.3"),
                .init("multicast", "e0000001", "RFC 4271 §6.3"),
                .init("broadcast", "ffffffff", "RFC 4271 §6.3"),
            ]),
        AttributeRule(
            4, "MULTI_EXIT_DISC", 0x80, "00000001", malformed: .treatAsWithdraw, "RFC 7606 §7.4",
            [
                .init("of length 0", "", "§7.4"), .init("of length 3", "000000", "§7.4"),
                .init("of length 5", "0000000000", "§7.4"),
            ]),
        AttributeRule(
            5, "LOCAL_PREF", 0x40, "00000064", malformed: .treatAsWithdraw, "RFC 7606 §7.5",
            external: .attributeDiscard, missing: (.accept, .treatAsWithdraw),
            [
                .init("of length 0", "", "§7.5"), .init("of length 3", "000000", "§7.5"),
                .init("of length 8", "0000000000000064", "§7.5"),
            ]),
        AttributeRule(
            6, "ATOMIC_AGGREGATE", 0x40, "", malformed: .attributeDiscard, "RFC 7606 §7.6, §3 f",
            [.init("of length 1", "00", "§7.6"), .init("of length 4", "00000000", "§7.6")]),
    ]

    private static let optional: [AttributeRule] = [
        AttributeRule(
            7, "AGGREGATOR", 0xc0, "00000001 01010101", short: "0001 01010101",
            malformed: .attributeDiscard, "RFC 7606 §7.7, §3 f",
            [
                .init("of length 0", "", "§7.7"),
                .init(
                    "of the other length", "0001 01010101", short: "00000001 01010101", "§7.7"),
                .init("of AS 0", "00000000 01010101", short: "0000 01010101", "RFC 7607 §2"),
            ]),
        AttributeRule(
            8, "COMMUNITIES", 0xc0, "00010001 00010002", malformed: .treatAsWithdraw,
            "RFC 7606 §7.8", [.init("of length 0", "", "§7.8"), .init("of 3", "000100", "§7.8")]),
        AttributeRule(
            9, "ORIGINATOR_ID", 0x80, "01010101", malformed: .treatAsWithdraw, "RFC 7606 §7.9",
            external: .attributeDiscard,
            [.init("of length 0", "", "§7.9"), .init("of length 5", "0101010101", "§7.9")]),
        AttributeRule(
            10, "CLUSTER_LIST", 0x80, "01010101 02020202", malformed: .treatAsWithdraw,
            "RFC 7606 §7.10", external: .attributeDiscard,
            [.init("of length 0", "", "§7.10"), .init("of length 6", "010101010202", "§7.10")]),
        AttributeRule(
            16, "EXTENDED COMMUNITIES", 0xc0, "0002000100000001", malformed: .treatAsWithdraw,
            "RFC 7606 §7.14",
            [.init("of length 0", "", "§7.14"), .init("of 9", "000200010000000100", "§7.14")]),
        AttributeRule(
            17, "AS4_PATH", 0xc0, "0201 0000ffdc", malformed: .attributeDiscard, "RFC 6793 §6",
            fourOctet: .attributeDiscard,
            [
                .init("of length 0", "", "RFC 6793 §6"), .init("of 5", "0201000000", "RFC 6793 §6"),
                .init("of an unknown segment", "050100000001", "RFC 6793 §6"),
                .init("with an empty segment", "0200", "RFC 6793 §6"),
                .init("that overruns", "0202 00000001", "RFC 6793 §6"),
            ]),
        AttributeRule(
            18, "AS4_AGGREGATOR", 0xc0, "00000001 01010101", malformed: .attributeDiscard,
            "RFC 6793 §6", fourOctet: .attributeDiscard,
            [
                .init("of length 0", "", "RFC 6793 §6"),
                .init("of length 6", "000101010101", "RFC 6793 §6"),
            ]),
        AttributeRule(
            23, "TUNNEL_ENCAPSULATION", 0xc0, "000b000e 0606000000000000 0104000004d2",
            malformed: .treatAsWithdraw, "RFC 9012 §13", external: .attributeDiscard,
            [
                .init("of length 0", "", "RFC 9012 §13"),
                .init("with a tunnel that overruns", "000b0002 06", "RFC 9012 §13"),
                .init("with a sub-TLV that overruns", "000b0002 0606", "RFC 9012 §13"),
                .init("without an endpoint", "000b0006 0104000004d2", "RFC 9012 §13"),
            ]),
        AttributeRule(
            32, "LARGE_COMMUNITY", 0xc0, "000000010000000200000003", malformed: .treatAsWithdraw,
            "RFC 8092 §6",
            [
                .init("of length 0", "", "RFC 8092 §6"),
                .init("of length 11", "0000000100000002000000", "RFC 8092 §6"),
            ]),
    ]

    private static let vpnv4 = "0001 80 0c 0000000000000000 0a000005 00"
    private static let vpnRoute = "78 000101 0000000100000001 0a00000c"

    /// The two that carry routes: what is wrong in them may hide a route.
    private static let carriers: [AttributeRule] = [
        AttributeRule(
            14, "MP_REACH_NLRI", 0x80, vpnv4 + vpnRoute, malformed: .sessionReset,
            "RFC 7606 §7.11, §5.3",
            [
                .init("of length 0", "", "§7.11"), .init("of length 4", "00018000", "§7.11"),
                .init(
                    "with a next hop of another length", "0001 80 04 0a000005 00" + vpnRoute,
                    "§7.11"),
                .init("with a next hop that overruns", "0001 80 0c 00", "§7.11"),
                .init(
                    "with a prefix of 33 bits", vpnv4 + "79 000101 0000000100000001 0a00000c00",
                    "§5.3"),
                .init("with a prefix that overruns", vpnv4 + "78 000101 00000001", "§5.3"),
                .init("without room for a label", vpnv4 + "08 00", "§5.3"),
            ]),
        AttributeRule(
            15, "MP_UNREACH_NLRI", 0x80, "0001 80 78 800000 0000000100000001 0a00000c",
            malformed: .sessionReset, "RFC 7606 §7.12, §5.3",
            [
                .init("of length 0", "", "§7.12"), .init("of length 2", "0001", "§7.12"),
                .init(
                    "with a prefix of 33 bits", "0001 80 79 800000 0000000100000001 0a00000c00",
                    "§5.3"),
                .init("with a prefix that overruns", "0001 80 78 8000", "§5.3"),
            ]),
    ]
}
