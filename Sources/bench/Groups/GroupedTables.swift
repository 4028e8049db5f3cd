// SPDX-License-Identifier: Apache-2.0

import Engine
import Kernel
import Primitives
import Wire

/// The tables of a provider edge that has 100,000 routes of one VRF from two others.
struct GroupedTables {
    private var tables: RoutingTables
    private static let asNumber = ASNumber(65000)
    private static let distinguisher = RouteDistinguisher(bits: 65000 << 32 | 1)
    private static let target = ExtendedCommunity(bits: 0x0002_0000_0000_0000 | 65000 << 32 | 1)

    init() {
        tables = RoutingTables(Self.configuration)
        let now = MonotonicClock.now
        _ = tables.start(at: now)
        for number in 1...2 { _ = tables.interface("core\(number)", isUp: true, at: now) }
        for number in 1...2 { announce(by: number, at: now) }
    }

    /// 10.0.0.1 is this router, 10.0.0.11 and .12 are the others.
    private static func address(_ last: UInt128) -> IPAddress {
        IPAddress(family: .ipv4, bits: 0x0a00_0000 + last)
    }

    private static var configuration: RouterConfiguration {
        let vrf = VRFConfiguration(
            name: "red", table: 1001, device: "red", popDevice: "red-pop",
            routeDistinguisher: distinguisher, importTargets: [target], exportTargets: [target])
        let links = (1...2).map { number in
            InterfaceConfiguration(
                name: "core\(number)",
                addresses: [InterfaceAddress(address(UInt128(number) << 16 | 1), length: 24)])
        }
        return RouterConfiguration(
            name: "pe", routerID: IPv4Address(bits: 0x0a00_0001), autonomousSystem: asNumber,
            interfaces: [
                InterfaceConfiguration(
                    name: "lo", addresses: [InterfaceAddress(address(1), length: 32)],
                    isLoopback: true)
            ] + links, vrfs: [vrf], tunnels: (1...2).map(tunnel),
            neighbors: (1...2).map { number in
                NeighborConfiguration(
                    name: "pe\(number)", address: address(UInt128(10 + number)),
                    localAddress: address(1), remoteAS: asNumber, localAS: asNumber,
                    families: [.vpnv4])
            })
    }

    private static func tunnel(_ number: Int) -> TunnelConfiguration {
        TunnelConfiguration(
            destination: IPPrefix(address(UInt128(10 + number)), length: 32),
            nextHop: LabelledNextHop(
                gateway: address(UInt128(number) << 16 | 2), interface: "core\(number)",
                labels: [Label(100)]), metric: 10)
    }

    private mutating func announce(by number: Int, at now: Instant) {
        let key = NeighborKey(vrf: nil, address: Self.address(UInt128(10 + number)))
        let session = NegotiatedSession(
            families: [.vpnv4], isFourOctetAS: true, canRefresh: true,
            routerID: IPv4Address(bits: 0x0a00_000a + UInt32(number)))
        _ = tables.sessionUp(key, session, at: now)
        let nlri = (0..<GroupBench.prefixCount).map { index in
            NLRI(
                rd: Self.distinguisher, labels: [Label(16)],
                prefix: IPPrefix(
                    IPAddress(family: .ipv4, bits: 0x1400_0000 + UInt128(index) << 8),
                    length: 24))
        }
        var attributes = PathAttributes(localPreference: number == 1 ? 200 : 100)
        attributes.extendedCommunities = [Self.target]
        let update = BGPUpdate(
            announced: [
                BGPUpdate.Announcement(family: .vpnv4, nextHop: key.address, nlri: nlri)
            ], attributes: attributes)
        _ = tables.received(update, from: key, at: now)
    }

    /// Loses the link to the better next hop, and gets it back.
    /// - Returns: how long it took until the group's change was made, and then until every route
    ///   had followed.
    mutating func loseLink() throws -> (moved: Duration, followed: Duration) {
        let start = MonotonicClock.now
        let first = tables.interface("core1", isUp: false, at: start)
        let moved = MonotonicClock.now
        guard case .forwarding(.setGroup) = first.first else {
            throw Failure("no group has moved")
        }
        let rest = tables.timer(.resolution, at: moved)
        let end = MonotonicClock.now
        guard rest.count >= GroupBench.prefixCount else { throw Failure("no route has followed") }
        _ = tables.interface("core1", isUp: true, at: end)
        _ = tables.timer(.resolution, at: end)
        return (moved - start, end - moved)
    }
}
