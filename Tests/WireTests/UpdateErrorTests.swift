// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import Wire

/// Builds an UPDATE of attributes in hex, whose lengths are right unless the case spoils them.
struct UpdateCase: CustomStringConvertible, Sendable {
    enum Session: Sendable { case external, `internal` }

    /// What a receiver must do.
    enum Outcome: Equatable, Sendable {
        case accepted
        case attributeDiscarded(UInt8)
        case treatedAsWithdraw(BGPNotification.UpdateSubcode)
        case sessionReset(BGPNotification.UpdateSubcode)
    }

    let name: String
    let session: Session
    let attributes: String
    var withdrawn = ""
    var nlri = "08 0a"
    var fourOctetAS = true
    let outcome: Outcome

    var description: String { "\(name), \(session) session" }

    init(
        _ session: Session, _ name: String, _ attributes: String, withdrawn: String = "",
        nlri: String = "08 0a", fourOctetAS: Bool = true, _ outcome: Outcome
    ) {
        self.session = session
        self.name = name
        self.attributes = attributes
        self.withdrawn = withdrawn
        self.nlri = nlri
        self.fourOctetAS = fourOctetAS
        self.outcome = outcome
    }

    var context: BGPCodecContext {
        BGPCodecContext(fourOctetAS: fourOctetAS, isInternal: session == .internal)
    }

    var octets: [UInt8] {
        let withdrawn = hex(withdrawn)
        let attributes = hex(attributes)
        let body =
            length(withdrawn.count) + withdrawn + length(attributes.count) + attributes + hex(nlri)
        return hex(BGPFixture.marker) + length(19 + body.count) + [2] + body
    }

    private func length(_ count: Int) -> [UInt8] { [UInt8(count >> 8), UInt8(count & 0xff)] }
}

/// Attributes without a fault, to put the faulty ones beside.
private enum Good {
    static let origin = "40 01 01 00 "
    static let asPath = "40 02 06 02 01 0000ffdc "
    static let nextHop = "40 03 04 04000015 "
    static let localPreference = "40 05 04 00000064 "
    static let external = origin + asPath + nextHop
    static let `internal` = external + localPreference
    static let reach =
        "80 0e 21 0001 80 0c 0000000000000000 0a000005 00 "
        + "78 000101 0000000100000001 0a00000c "
    static let unreach = "80 0f 13 0001 80 78 800000 0000000100000001 0a00000c "
    /// A VPNv4 route from an internal peer.
    static let vpn = reach + origin + asPath + localPreference

    /// TUNNEL_ENCAPSULATION with one MPLS-in-GRE tunnel of these sub-TLVs.
    static func tunnel(_ subTLVs: String) -> String {
        let octets = hex(subTLVs)
        let count = UInt8(octets.count)
        return "c017" + text([count + 4, 0, 11, 0, count] + octets)
    }
}

@Suite("Faulty UPDATE messages, as RFC 7606 wants them handled")
struct UpdateErrorTests {
    static let wellKnown: [UpdateCase] = [
        .init(.external, "nothing wrong", Good.external, .accepted),
        .init(.internal, "nothing wrong", Good.internal, .accepted),
        .init(
            .external, "ORIGIN too long", "40 01 02 0000" + Good.asPath + Good.nextHop,
            .treatedAsWithdraw(.attributeLengthError)),
        .init(
            .external, "ORIGIN empty", "40 01 00" + Good.asPath + Good.nextHop,
            .treatedAsWithdraw(.attributeLengthError)),
        .init(
            .external, "ORIGIN undefined", "40 01 01 03" + Good.asPath + Good.nextHop,
            .treatedAsWithdraw(.invalidOriginAttribute)),
        .init(
            .external, "ORIGIN optional", "c0 01 01 00" + Good.asPath + Good.nextHop,
            .treatedAsWithdraw(.attributeFlagsError)),
        .init(
            .external, "ORIGIN not transitive", "00 01 01 00" + Good.asPath + Good.nextHop,
            .treatedAsWithdraw(.attributeFlagsError)),
        .init(
            .external, "ORIGIN with a long length", "50 01 0001 00" + Good.asPath + Good.nextHop,
            .accepted),
        .init(
            .external, "ORIGIN missing", Good.asPath + Good.nextHop,
            .treatedAsWithdraw(.missingWellKnownAttribute)),
        .init(.external, "ORIGIN twice", Good.external + "40 01 01 02", .attributeDiscarded(1)),
        .init(.external, "AS_PATH empty", Good.origin + "40 02 00" + Good.nextHop, .accepted),
        .init(
            .external, "AS_PATH of an unknown segment type",
            Good.origin + "40 02 06 05 01 00000001" + Good.nextHop,
            .treatedAsWithdraw(.malformedASPath)),
        .init(
            .external, "AS_PATH with a confederation segment",
            Good.origin + "40 02 06 03 01 00000001" + Good.nextHop,
            .treatedAsWithdraw(.malformedASPath)),
        .init(
            .external, "AS_PATH with an empty segment",
            Good.origin + "40 02 02 02 00" + Good.nextHop, .treatedAsWithdraw(.malformedASPath)),
        .init(
            .external, "AS_PATH segment overruns",
            Good.origin + "40 02 06 02 02 00000001" + Good.nextHop,
            .treatedAsWithdraw(.malformedASPath)),
        .init(
            .external, "AS_PATH segment underruns",
            Good.origin + "40 02 07 02 01 00000001 02" + Good.nextHop,
            .treatedAsWithdraw(.malformedASPath)),
        .init(
            .external, "AS_PATH with AS 0", Good.origin + "40 02 06 02 01 00000000" + Good.nextHop,
            .treatedAsWithdraw(.malformedASPath)),
        .init(
            .external, "AS_PATH of 2-octet numbers where 4 were agreed",
            Good.origin + "40 02 04 02 01 0001" + Good.nextHop, .treatedAsWithdraw(.malformedASPath)
        ),
        .init(
            .external, "AS_PATH with wrong flags",
            Good.origin + "80 02 06 02 01 0000ffdc" + Good.nextHop,
            .treatedAsWithdraw(.attributeFlagsError)),
        .init(
            .external, "AS_PATH missing", Good.origin + Good.nextHop,
            .treatedAsWithdraw(.missingWellKnownAttribute)),
        .init(.external, "AS_PATH twice", Good.external + Good.asPath, .attributeDiscarded(2)),
        .init(
            .external, "NEXT_HOP too short", Good.origin + Good.asPath + "40 03 03 040000",
            .treatedAsWithdraw(.attributeLengthError)),
        .init(
            .external, "NEXT_HOP too long", Good.origin + Good.asPath + "40 03 05 0400001500",
            .treatedAsWithdraw(.attributeLengthError)),
        .init(
            .external, "NEXT_HOP unspecified", Good.origin + Good.asPath + "40 03 04 00000000",
            .treatedAsWithdraw(.invalidNextHopAttribute)),
        .init(
            .external, "NEXT_HOP multicast", Good.origin + Good.asPath + "40 03 04 e0000001",
            .treatedAsWithdraw(.invalidNextHopAttribute)),
        .init(
            .external, "NEXT_HOP reserved", Good.origin + Good.asPath + "40 03 04 f0000001",
            .treatedAsWithdraw(.invalidNextHopAttribute)),
        .init(
            .external, "NEXT_HOP loopback", Good.origin + Good.asPath + "40 03 04 7f000001",
            .treatedAsWithdraw(.invalidNextHopAttribute)),
        .init(
            .external, "NEXT_HOP with wrong flags", Good.origin + Good.asPath + "c0 03 04 04000015",
            .treatedAsWithdraw(.attributeFlagsError)),
        .init(
            .external, "NEXT_HOP missing", Good.origin + Good.asPath,
            .treatedAsWithdraw(.missingWellKnownAttribute)),
        .init(
            .external, "MULTI_EXIT_DISC too short", Good.external + "80 04 03 000000",
            .treatedAsWithdraw(.attributeLengthError)),
        .init(
            .external, "MULTI_EXIT_DISC empty", Good.external + "80 04 00",
            .treatedAsWithdraw(.attributeLengthError)),
        .init(
            .external, "MULTI_EXIT_DISC with wrong flags", Good.external + "40 04 04 00000001",
            .treatedAsWithdraw(.attributeFlagsError)),
        .init(
            .external, "MULTI_EXIT_DISC twice",
            Good.external + "80 04 04 00000001 80 04 04 00000002", .attributeDiscarded(4)),
        .init(
            .external, "LOCAL_PREF", Good.external + Good.localPreference, .attributeDiscarded(5)),
        .init(
            .external, "LOCAL_PREF malformed", Good.external + "40 05 01 00", .attributeDiscarded(5)
        ),
        .init(
            .external, "LOCAL_PREF with wrong flags", Good.external + "c0 05 04 00000001",
            .attributeDiscarded(5)),
        .init(
            .internal, "LOCAL_PREF too short", Good.external + "40 05 03 000000",
            .treatedAsWithdraw(.attributeLengthError)),
        .init(
            .internal, "LOCAL_PREF with wrong flags", Good.external + "80 05 04 00000001",
            .treatedAsWithdraw(.attributeFlagsError)),
        .init(
            .internal, "LOCAL_PREF missing", Good.external,
            .treatedAsWithdraw(.missingWellKnownAttribute)),
        .init(.external, "ATOMIC_AGGREGATE", Good.external + "40 06 00", .accepted),
        .init(
            .external, "ATOMIC_AGGREGATE with a value", Good.external + "40 06 01 00",
            .attributeDiscarded(6)),
        .init(
            .external, "ATOMIC_AGGREGATE with wrong flags", Good.external + "80 06 00",
            .attributeDiscarded(6)),
    ]

    static let optional: [UpdateCase] = [
        .init(
            .external, "AGGREGATOR of 6 octets where 8 were agreed",
            Good.external + "c0 07 06 0001 01010101", .attributeDiscarded(7)),
        .init(
            .external, "AGGREGATOR of 8 octets where 6 were agreed",
            "40 01 01 00 40 02 00 40 03 04 04000015" + "c0 07 08 00000001 01010101",
            fourOctetAS: false, .attributeDiscarded(7)),
        .init(
            .external, "AGGREGATOR of AS 0", Good.external + "c0 07 08 00000000 01010101",
            .attributeDiscarded(7)),
        .init(
            .external, "AGGREGATOR with wrong flags", Good.external + "80 07 08 00000001 01010101",
            .attributeDiscarded(7)),
        .init(
            .external, "COMMUNITIES empty", Good.external + "c0 08 00",
            .treatedAsWithdraw(.attributeLengthError)),
        .init(
            .external, "COMMUNITIES of 5 octets", Good.external + "c0 08 05 0000000000",
            .treatedAsWithdraw(.attributeLengthError)),
        .init(
            .external, "COMMUNITIES with wrong flags", Good.external + "80 08 04 00010001",
            .treatedAsWithdraw(.attributeFlagsError)),
        .init(
            .external, "COMMUNITIES twice", Good.external + "c0 08 04 00010001 c0 08 04 00010002",
            .attributeDiscarded(8)),
        .init(
            .external, "ORIGINATOR_ID", Good.external + "80 09 04 01010101", .attributeDiscarded(9)),
        .init(
            .external, "ORIGINATOR_ID malformed", Good.external + "80 09 01 01",
            .attributeDiscarded(9)),
        .init(.internal, "ORIGINATOR_ID", Good.internal + "80 09 04 01010101", .accepted),
        .init(
            .internal, "ORIGINATOR_ID too long", Good.internal + "80 09 05 0101010101",
            .treatedAsWithdraw(.attributeLengthError)),
        .init(
            .internal, "ORIGINATOR_ID with wrong flags", Good.internal + "c0 09 04 01010101",
            .treatedAsWithdraw(.attributeFlagsError)),
        .init(
            .external, "CLUSTER_LIST", Good.external + "80 0a 04 01010101", .attributeDiscarded(10)),
        .init(
            .external, "CLUSTER_LIST malformed", Good.external + "80 0a 01 01",
            .attributeDiscarded(10)),
        .init(.internal, "CLUSTER_LIST", Good.internal + "80 0a 08 01010101 02020202", .accepted),
        .init(
            .internal, "CLUSTER_LIST empty", Good.internal + "80 0a 00",
            .treatedAsWithdraw(.attributeLengthError)),
        .init(
            .internal, "CLUSTER_LIST of 6 octets", Good.internal + "80 0a 06 010101010202",
            .treatedAsWithdraw(.attributeLengthError)),
        .init(
            .external, "EXTENDED COMMUNITIES empty", Good.external + "c0 10 00",
            .treatedAsWithdraw(.attributeLengthError)),
        .init(
            .external, "EXTENDED COMMUNITIES of 9 octets",
            Good.external + "c0 10 09 000200010000000100", .treatedAsWithdraw(.attributeLengthError)
        ),
        .init(
            .external, "LARGE_COMMUNITY empty", Good.external + "c0 20 00",
            .treatedAsWithdraw(.attributeLengthError)),
        .init(
            .external, "LARGE_COMMUNITY of 11 octets",
            Good.external + "c0 20 0b 0000000100000002000000",
            .treatedAsWithdraw(.attributeLengthError)),
        .init(
            .external, "AS4_PATH from a 4-octet speaker", Good.external + "c0 11 06 02 01 00000001",
            .attributeDiscarded(17)),
        .init(
            .external, "AS4_PATH malformed",
            "40 01 01 00 40 02 00 40 03 04 04000015 c0 11 05 02 01 000000", fourOctetAS: false,
            .attributeDiscarded(17)),
        .init(
            .external, "AS4_PATH empty", "40 01 01 00 40 02 00 40 03 04 04000015 c0 11 00",
            fourOctetAS: false, .attributeDiscarded(17)),
        .init(
            .external, "AS4_AGGREGATOR from a 4-octet speaker",
            Good.external + "c0 12 08 00000001 01010101", .attributeDiscarded(18)),
        .init(
            .external, "AS4_AGGREGATOR of 6 octets",
            "40 01 01 00 40 02 00 40 03 04 04000015 c0 12 06 0001 01010101", fourOctetAS: false,
            .attributeDiscarded(18)),
        .init(
            .external, "an unknown well-known attribute", Good.external + "40 63 01 00",
            .sessionReset(.unrecognizedWellKnownAttribute)),
        .init(
            .external, "an unknown optional transitive attribute twice",
            Good.external + "c0 63 00 c0 63 01 00", .attributeDiscarded(99)),
        .init(.external, "an unknown optional attribute", Good.external + "80 63 01 00", .accepted),
    ]

    static let lists: [UpdateCase] = [
        .init(
            .external, "an attribute that overruns the list", Good.external + "80 04 05 00000001",
            .treatedAsWithdraw(.malformedAttributeList)),
        .init(
            .external, "one octet left in the list", Good.external + "80",
            .treatedAsWithdraw(.malformedAttributeList)),
        .init(
            .external, "three octets left of a long attribute", Good.external + "90 04 00",
            .treatedAsWithdraw(.malformedAttributeList)),
        .init(
            .external, "two faults: the stronger one counts",
            Good.origin + Good.asPath + "40 03 03 040000 40 06 01 00",
            .treatedAsWithdraw(.attributeLengthError)),
        .init(
            .external, "withdrawn prefix of 33 bits", Good.external, withdrawn: "21 0a00000000",
            .sessionReset(.invalidNetworkField)),
        .init(
            .external, "withdrawn prefix that overruns", Good.external, withdrawn: "18 0a00",
            .sessionReset(.invalidNetworkField)),
        .init(
            .external, "prefix of 33 bits", Good.external, nlri: "21 0a00000000",
            .sessionReset(.invalidNetworkField)),
        .init(
            .external, "prefix that overruns", Good.external, nlri: "08 0a 18 0a00",
            .sessionReset(.invalidNetworkField)),
        .init(.external, "bits past the prefix length", Good.external, nlri: "04 af", .accepted),
        .init(
            .external, "a fault without routes", "40 01 01 03", nlri: "",
            .sessionReset(.invalidOriginAttribute)),
        .init(
            .external, "a fault with withdrawals only", "40 01 01 03", withdrawn: "08 0b", nlri: "",
            .sessionReset(.invalidOriginAttribute)),
        .init(
            .external, "a discarded attribute without routes", "40 06 01 00", nlri: "",
            .attributeDiscarded(6)),
        .init(
            .external, "a list cut short without routes", "80", nlri: "",
            .sessionReset(.malformedAttributeList)),
    ]

    static let multiprotocol: [UpdateCase] = [
        .init(.internal, "VPNv4", Good.vpn, nlri: "", .accepted),
        .init(
            .internal, "VPNv4 without LOCAL_PREF", Good.reach + Good.origin + Good.asPath, nlri: "",
            .treatedAsWithdraw(.missingWellKnownAttribute)),
        .init(
            .internal, "VPNv4 with a malformed attribute", Good.vpn + "80 04 01 00", nlri: "",
            .treatedAsWithdraw(.attributeLengthError)),
        .init(
            .internal, "MP_REACH_NLRI with wrong flags", "c0" + Good.vpn.dropFirst(2), nlri: "",
            .treatedAsWithdraw(.attributeFlagsError)),
        .init(
            .internal, "MP_REACH_NLRI twice", Good.vpn + Good.reach, nlri: "",
            .sessionReset(.malformedAttributeList)),
        .init(
            .internal, "MP_UNREACH_NLRI twice", Good.unreach + Good.unreach, nlri: "",
            .sessionReset(.malformedAttributeList)),
        .init(
            .internal, "MP_REACH_NLRI of 4 octets", "80 0e 04 0001 80 00", nlri: "",
            .sessionReset(.optionalAttributeError)),
        .init(
            .internal, "VPNv4 next hop of 4 octets",
            "80 0e 19 0001 80 04 0a000005 00 78 000101 0000000100000001 0a00000c", nlri: "",
            .sessionReset(.optionalAttributeError)),
        .init(
            .internal, "VPNv4 next hop that overruns", "80 0e 05 0001 80 0c 00", nlri: "",
            .sessionReset(.optionalAttributeError)),
        .init(
            .internal, "VPNv4 next hop unspecified",
            "80 0e 21 0001 80 0c 0000000000000000 00000000 00 78 000101 0000000100000001 0a00000c"
                + Good.origin + Good.asPath + Good.localPreference, nlri: "",
            .treatedAsWithdraw(.optionalAttributeError)),
        .init(
            .internal, "VPNv4 prefix of 33 bits",
            "80 0e 22 0001 80 0c 0000000000000000 0a000005 00 79 000101 0000000100000001 0a00000c00",
            nlri: "", .sessionReset(.optionalAttributeError)),
        .init(
            .internal, "VPNv4 without room for a label",
            "80 0e 12 0001 80 0c 0000000000000000 0a000005 00 00", nlri: "",
            .sessionReset(.optionalAttributeError)),
        .init(
            .internal, "VPNv4 prefix that overruns",
            "80 0e 20 0001 80 0c 0000000000000000 0a000005 00 78 000101 0000000100000001 0a0000",
            nlri: "", .sessionReset(.optionalAttributeError)),
        .init(
            .internal, "MP_REACH_NLRI that overruns the list", Good.origin + "80 0e 21 0001",
            nlri: "", .sessionReset(.malformedAttributeList)),
        .init(
            .internal, "MP_UNREACH_NLRI of 2 octets", "80 0f 02 0001", nlri: "",
            .sessionReset(.optionalAttributeError)),
        .init(
            .internal, "MP_UNREACH_NLRI with a prefix of 33 bits",
            "80 0f 14 0001 80 79 800000 0000000100000001 0a00000c00", nlri: "",
            .sessionReset(.optionalAttributeError)),
        .init(
            .internal, "an unknown family",
            "80 0e 06 0019 46 00 00 00" + Good.origin + Good.asPath + Good.localPreference,
            nlri: "", .attributeDiscarded(14)),
        .init(
            .internal, "withdrawals of an unknown family", "80 0f 04 0019 46 00", nlri: "",
            .attributeDiscarded(15)),
    ]

    /// RFC 9012 §11 and §13.
    static let tunnels: [UpdateCase] = [
        .init(
            .internal, "TUNNEL_ENCAPSULATION",
            Good.internal + Good.tunnel("06060000000000000104000004d2"),
            .accepted),
        .init(
            .external, "TUNNEL_ENCAPSULATION",
            Good.external + Good.tunnel("060600000000000001040000"), .attributeDiscarded(23)),
        .init(
            .internal, "TUNNEL_ENCAPSULATION empty", Good.internal + "c0 17 00",
            .treatedAsWithdraw(.optionalAttributeError)),
        .init(
            .internal, "TUNNEL_ENCAPSULATION with wrong flags",
            Good.internal + "80" + Good.tunnel("0606000000000000").dropFirst(2),
            .treatedAsWithdraw(.attributeFlagsError)),
        .init(
            .internal, "TUNNEL_ENCAPSULATION with a tunnel that overruns",
            Good.internal + "c0 17 05 000b 0002 06", .treatedAsWithdraw(.attributeLengthError)),
        .init(
            .internal, "TUNNEL_ENCAPSULATION with a sub-TLV that overruns",
            Good.internal + Good.tunnel("06060000000000000104000004"),
            .treatedAsWithdraw(.attributeLengthError)),
        .init(
            .internal, "TUNNEL_ENCAPSULATION with half a long length",
            Good.internal + Good.tunnel("060600000000000080 00"),
            .treatedAsWithdraw(.attributeLengthError)),
        .init(
            .internal, "TUNNEL_ENCAPSULATION without an egress endpoint",
            Good.internal + Good.tunnel("0104000004d2"), .treatedAsWithdraw(.optionalAttributeError)
        ),
        .init(
            .internal, "TUNNEL_ENCAPSULATION with two egress endpoints",
            Good.internal + Good.tunnel("06060000000000000606000000000000"),
            .treatedAsWithdraw(.optionalAttributeError)),
        .init(
            .internal, "TUNNEL_ENCAPSULATION of a tunnel type without a codec",
            Good.internal + "c0 17 04 ffff 0000", .accepted),
    ]

    @Test(arguments: wellKnown + optional + lists + multiprotocol + tunnels)
    func everyFaultHasItsRemedy(update: UpdateCase) {
        #expect(outcome(update) == update.outcome)
    }

    private func outcome(_ update: UpdateCase) -> UpdateCase.Outcome? {
        do throws(BGPNotification) {
            let message = try BGPMessage(decoding: update.octets, in: update.context)
            guard case .update(let decoded) = message else { return nil }
            let strongest = decoded.faults.map(\.treatment).max()
            guard let fault = decoded.faults.first(where: { $0.treatment == strongest }) else {
                #expect(!decoded.announced.isEmpty && decoded.attributes != nil)
                return .accepted
            }
            if fault.treatment == .attributeDiscard { return .attributeDiscarded(fault.code ?? 0) }
            #expect(decoded.announced.isEmpty && decoded.attributes == nil)
            #expect(!decoded.withdrawn.isEmpty, "routes became withdrawals")
            return .treatedAsWithdraw(fault.subcode)
        } catch {
            #expect(error.errorCode == .updateMessage)
            return .sessionReset(.init(rawValue: error.subcode) ?? .unspecific)
        }
    }

    @Test func everyAttributeOfTheTableHasACase() {
        let cases = Self.wellKnown + Self.optional + Self.multiprotocol + Self.tunnels
        for row in PathAttributeTable.rows {
            #expect(
                cases.contains { $0.name.hasPrefix(row.name) && $0.outcome != .accepted },
                "\(row.name)")
        }
    }

    @Test func treatedAsWithdrawNamesTheSameRoutesWithoutLabels() throws {
        let update = try decode(
            UpdateCase(.internal, "", Good.vpn + "80 04 01 00", withdrawn: "08 0b", .accepted))
        let vpn = NLRI(rd: value("1:1"), prefix: value("10.0.0.12/32"))
        #expect(
            update.withdrawn == [
                .init(family: .ipv4Unicast, nlri: BGPFixture.routes("11.0.0.0/8")),
                .init(family: .ipv4Unicast, nlri: BGPFixture.routes("10.0.0.0/8")),
                .init(family: .vpnv4, nlri: [vpn]),
            ])
    }

    @Test func theFirstOfADuplicateAttributeIsKept() throws {
        let update = try decode(
            UpdateCase(
                .external, "", Good.external + "80 04 04 00000001 80 04 04 00000002", .accepted))
        #expect(update.attributes?.med == 1)
    }

    @Test func discardedAttributesAreGone() throws {
        let update = try decode(
            UpdateCase(
                .external, "",
                Good.external + Good.localPreference + "80 09 04 01010101 80 0a 04 01010101"
                    + "40 06 01 00 c0 07 06 0001 01010101", .accepted))
        #expect(update.attributes == PathAttributes(asPath: value("65500")))
        #expect(update.faults.map(\.code) == [5, 9, 10, 6, 7])
        #expect(
            update.faults.first?.description
                == "LOCAL_PREF: from an external peer; attributeDiscard")
    }

    @Test func aSessionResetQuotesTheAttribute() {
        let attribute = "80 0e 04 0001 80 00"
        let update = UpdateCase(.internal, "", attribute, nlri: "", .accepted)
        #expect(
            throws: BGPNotification.updateMessage(.optionalAttributeError, data: hex(attribute))
        ) { try decode(update) }
        let unknown = UpdateCase(.external, "", Good.external + "40 63 01 07", .accepted)
        #expect(
            throws: BGPNotification.updateMessage(
                .unrecognizedWellKnownAttribute, data: hex("40 63 01 07"))
        ) { try decode(unknown) }
    }

    @Test(arguments: ["0005 0000", "0000 0005 00", "ffff 0000"])
    func lengthsBeyondTheMessageAreAMalformedList(body: String) {
        let octets = hex(body)
        let message = hex(BGPFixture.marker) + [0, UInt8(19 + octets.count), 2] + octets
        #expect(throws: BGPNotification.self) {
            try BGPMessage(
                decoding: message, in: BGPCodecContext(fourOctetAS: true, isInternal: true))
        }
    }

    @Test func aWithdrawalsLabelIsIgnored() throws {
        for label in ["800000", "000000", "000101"] {
            let update = try decode(
                UpdateCase(
                    .internal, "", "80 0f 13 0001 80 78 \(label) 0000000100000001 0a00000c",
                    nlri: "", .accepted))
            let route = NLRI(rd: value("1:1"), prefix: value("10.0.0.12/32"))
            #expect(update.withdrawn == [.init(family: .vpnv4, nlri: [route])])
        }
    }

    private func decode(_ update: UpdateCase) throws -> BGPUpdate {
        let message = try BGPMessage(decoding: update.octets, in: update.context)
        guard case .update(let decoded) = message else { throw NotAnUpdate() }
        return decoded
    }

    struct NotAnUpdate: Error {}
}
