// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import Engine

@Suite("The life of a router with RIP, recorded")
struct RIPRecordingTests {
    private static let families: [AddressFamily] = [.ipv4, .ipv6]

    /// A router of two on one cable, with a network of its own.
    private static func configuration(
        _ family: AddressFamily, _ router: Int
    ) -> RouterConfiguration {
        let rip = RIPConfiguration(
            family: family,
            interfaces: [
                RIPInterfaceConfiguration(
                    interface: "lan", addresses: [RIPNetwork.lan(family, router)], isPassive: true),
                RIPInterfaceConfiguration(
                    interface: "eth0",
                    addresses: RIPNetwork.addresses(family, link: 0, side: router == 1)),
            ])
        return RouterConfiguration(
            name: "r\(router)", routerID: IPv4Address(bits: UInt32(router + 1)),
            interfaces: rip.interfaces.map {
                InterfaceConfiguration(
                    name: $0.interface, addresses: $0.addresses, isLoopback: $0.isPassive)
            }, protocols: [.rip(rip)])
    }

    /// The cable is lost for a second, then the first router is killed and lives again.
    private func lived(_ family: AddressFamily) -> RecordedRouters {
        var pair = RecordedRouters(
            (0...1).map { Self.configuration(family, $0) }, [.init(name: "eth0", ends: [0, 1])])
        pair.start()
        pair.run(for: .seconds(60))
        pair.set(0, isUp: false)
        pair.run(for: .seconds(1))
        pair.set(0, isUp: true)
        pair.run(for: .seconds(60))
        pair.kill(0)
        pair.run(for: .seconds(400))
        pair.start(0)
        pair.run(for: .seconds(60))
        return pair
    }

    @Test(arguments: families)
    func replayedItDoesTheSame(family: AddressFamily) throws {
        let pair = lived(family)
        #expect(pair.lives.map(\.count) == [2, 1])
        for life in pair.lives.joined() { #expect(life.lines.count > 5) }
        try pair.expectReplay()
    }

    /// The other's network is lost with the cable, and when its router was silent for too long.
    @Test(arguments: families)
    func itIsARealLife(family: AddressFamily) {
        let network = #""prefix":"\#(RIPNetwork.network(family, 0))""#
        let changes = lived(family).effects(1).filter { $0.contains(network) }.compactMap { line in
            ["set-route", "remove-route"].first { line.contains(#""effect":"\#($0)""#) }
        }
        #expect(
            changes == ["set-route", "remove-route", "set-route", "remove-route", "set-route"])
    }
}
