// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import Wire

@Suite("Packing routes into UPDATE messages")
struct UpdatePackerTests {
    let packer = UpdatePacker(context: BGPCodecContext(fourOctetAS: true, isInternal: true))

    func routes(_ count: Int, _ family: BGPFamily) -> [NLRI] {
        (0..<count).map { index in
            let width = family.family.bitWidth
            let address = IPAddress(
                family: family.family, bits: UInt128(index) << UInt128(width - 24))
            let prefix = IPPrefix(address, length: UInt8(24 - index % 9))
            return NLRI(
                rd: family.isVPN ? RouteDistinguisher(bits: 1) : nil,
                labels: family.hasLabels ? [Label(UInt32(16 + index))] : [], prefix: prefix)
        }
    }

    func decode(_ octets: [UInt8]) throws -> BGPUpdate {
        guard case .update(let update) = try BGPMessage(decoding: octets, in: packer.context) else {
            preconditionFailure("the packer writes UPDATEs")
        }
        #expect(update.faults.isEmpty)
        return update
    }

    @Test(arguments: BGPFamily.allCases, [1, 200, 5000])
    func everyRouteIsAnnouncedOnceInOrder(family: BGPFamily, count: Int) throws {
        let nextHop: IPAddress = value(family.family == .ipv4 ? "10.0.0.5" : "2001:db8::5")
        let attributes = PathAttributes(
            asPath: value("65500"), nextHop: nextHop, med: 10, localPreference: 150,
            extendedCommunities: [value("target:1:1")])
        let nlri = routes(count, family)
        let messages = try packer.announce(nlri, family, attributes)
        let updates = try messages.map(decode)
        #expect(updates.flatMap(\.announced).flatMap(\.nlri) == nlri)
        for update in updates {
            let announcement = try #require(update.announced.first)
            #expect(update.attributes(for: announcement) == attributes)
            #expect(update.withdrawn.isEmpty && update.announced.count == 1)
        }
        expectFull(messages, longestRoute: 28)
    }

    @Test(arguments: BGPFamily.allCases, [1, 200, 5000])
    func everyRouteIsWithdrawnOnceInOrder(family: BGPFamily, count: Int) throws {
        let nlri = routes(count, family)
        let messages = try packer.withdraw(nlri, family)
        let updates = try messages.map(decode)
        #expect(updates.flatMap(\.withdrawn).flatMap(\.nlri) == nlri.map(\.unlabelled))
        #expect(updates.allSatisfy { $0.announced.isEmpty })
        expectFull(messages, longestRoute: 28)
    }

    /// No message is too long, and none but the last has room for another route.
    func expectFull(_ messages: [[UInt8]], longestRoute: Int) {
        #expect(messages.allSatisfy { $0.count <= BGPMessage.octetsMax })
        #expect(
            messages.dropLast().allSatisfy { $0.count > BGPMessage.octetsMax - longestRoute })
    }

    @Test func noRoutesMakeNoMessage() throws {
        let attributes = PathAttributes(nextHop: value("10.0.0.5"))
        #expect(try packer.announce([], .vpnv4, attributes).isEmpty)
        #expect(try packer.withdraw([], .ipv4Unicast).isEmpty)
    }

    @Test(arguments: BGPFamily.allCases)
    func endOfRIBNamesItsFamily(family: BGPFamily) throws {
        #expect(try decode(packer.endOfRIB(family)) == BGPUpdate(endOfRIB: family))
    }

    @Test func attributesThatLeaveNoRoomAreAnError() {
        let attributes = PathAttributes(
            nextHop: value("10.0.0.5"),
            communities: (0..<1020).map { Community(bits: $0) })
        #expect(throws: WireError.self) {
            try packer.announce(routes(1, .vpnv4), .vpnv4, attributes)
        }
    }

    @Test func aRouteOfAnotherFamilyIsAnError() {
        let attributes = PathAttributes(nextHop: value("10.0.0.5"))
        for family in [BGPFamily.vpnv4, .ipv6Unicast] {
            #expect(throws: WireError.self) {
                try packer.announce(routes(1, .ipv4Unicast), family, attributes)
            }
        }
        #expect(throws: WireError.self) {
            try packer.announce(routes(1, .vpnv4), .vpnv4, PathAttributes())
        }
    }

    @Test func anInternalAttributeNeverReachesAnExternalPeer() throws {
        let external = UpdatePacker(
            context: BGPCodecContext(fourOctetAS: true, isInternal: false))
        let attributes = PathAttributes(
            asPath: value("1"), nextHop: value("10.0.0.5"), localPreference: 150,
            originatorID: value("10.0.0.5"), clusterList: [value("10.0.0.3")])
        let messages = try external.announce(routes(1, .ipv4Unicast), .ipv4Unicast, attributes)
        let octets = try #require(messages.first)
        let expected = BGPUpdate(
            announced: [
                .init(
                    family: .ipv4Unicast, nextHop: value("10.0.0.5"),
                    nlri: routes(1, .ipv4Unicast))
            ], attributes: PathAttributes(asPath: value("1")))
        #expect(try BGPMessage(decoding: octets, in: external.context) == .update(expected))
    }
}
