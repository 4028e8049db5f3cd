// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import Engine
@testable import Wire

@Suite("The life of a router with IS-IS and LDP, recorded")
struct ISISRecordingTests {
    /// Four routers in a line whose packets are signed; the last one has another password.
    private func line(hasLDP: Bool) -> RecordedRouters {
        var network = ISISNetwork()
        func key(_ word: String) -> Authentication {
            Authentication(method: .hmacSHA256, password: word)
        }
        for node in 0...3 {
            network.addNode {
                $0.authentication = [nil, key(node == 3 ? "other" : "word")]
            }
        }
        for node in 0...2 {
            network.join([node, node + 1]) { member, circuit in
                circuit.authentication = key(member == 3 ? "other" : "word")
                circuit.isLDPSynchronised = hasLDP
            }
        }
        return RecordedRouters(
            network.nodes.map { Self.configuration($0.configuration, hasLDP: hasLDP) },
            (0...2).map { .init(name: "s\($0)", ends: [$0, $0 + 1]) })
    }

    private static func configuration(
        _ isis: ISISConfiguration, hasLDP: Bool
    ) -> RouterConfiguration {
        let addresses = isis.circuits.flatMap(\.addresses).compactMap(\.address.v4)
        let ldp = LDPConfiguration(
            routerID: isis.routerID,
            interfaces: isis.circuits.filter { !$0.isPassive }.compactMap { circuit in
                circuit.addresses.lazy.compactMap(\.address.v4).first.map {
                    LDPInterfaceConfiguration(interface: circuit.interface, address: $0)
                }
            }, labelRange: Label(100_000)...Label(100_999), addresses: addresses)
        return RouterConfiguration(
            name: isis.hostname, routerID: isis.routerID,
            interfaces: isis.circuits.map {
                InterfaceConfiguration(
                    name: $0.interface, addresses: $0.addresses, isLoopback: $0.isPassive,
                    carriesMPLS: hasLDP && !$0.isPassive)
            }, protocols: [.isis(isis)] + (hasLDP ? [.ldp(ldp)] : []))
    }

    /// The routers start, a cable is lost for a second, and the first is killed and lives again.
    private func lived(hasLDP: Bool) -> RecordedRouters {
        var routers = line(hasLDP: hasLDP)
        routers.start()
        routers.run(for: .seconds(20))
        routers.set(1, isUp: false)
        routers.run(for: .seconds(1))
        routers.set(1, isUp: true)
        routers.run(for: .seconds(20))
        routers.kill(0)
        routers.run(for: .seconds(15))
        routers.start(0)
        routers.run(for: .seconds(30))
        return routers
    }

    @Test(arguments: [false, true])
    func replayedItDoesTheSame(hasLDP: Bool) throws {
        let routers = lived(hasLDP: hasLDP)
        #expect(routers.lives.map(\.count) == [2, 1, 1, 1])
        for life in routers.lives.joined() { #expect(life.lines.count > 30) }
        try routers.expectReplay()
    }

    /// What becomes of a router's routes to another's loopback: `set-route`, `remove-route`.
    private func changes(_ routers: RecordedRouters, of router: Int, to other: Int) -> [String] {
        let loopback = #""prefix":"\#(ISISNetwork.loopback(other))""#
        return routers.effects(router).filter { $0.contains(loopback) }.compactMap { line in
            ["set-route", "remove-route"].first { line.contains(#""effect":"\#($0)""#) }
        }
    }

    @Test func itIsARealLife() throws {
        let routers = lived(hasLDP: false)
        // By the lost cable, then by the killed router; after each it came back.
        #expect(
            changes(routers, of: 2, to: 0)
                == ["set-route", "remove-route", "set-route", "remove-route", "set-route"])
        for other in 0...2 { #expect(changes(routers, of: 3, to: other) == [], "other password") }
        // Others had packets of its first life: those of the second are above them.
        let shown = try #require(routers.routers[2]).show(.routing(.isis), at: routers.now)
        let packets = shown["instances"]?[0]?["database"]?[0]?["lsps"]?.array ?? []
        let own = packets.first { $0["id"]?.string == "\(ISISNetwork.system(0)).00-00" }
        #expect((own?["sequence"]?.int ?? 0) > 2)
    }

    @Test func labelsAreSignalledInEveryLife() throws {
        let routers = lived(hasLDP: true)
        for life in routers.lives[0] + routers.lives[1] + routers.lives[2] {
            #expect(life.effects.joined().contains { $0.contains(#""effect":"set-label""#) })
            #expect(life.lines.contains { $0.contains(#""event":"received""#) })
        }
        // Who is not heard is no label switching peer that anything could lead to.
        #expect(changes(routers, of: 3, to: 0) == [])
    }
}
