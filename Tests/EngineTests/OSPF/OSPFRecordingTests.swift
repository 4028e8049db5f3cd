// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing
import Wire

@testable import Engine

@Suite("The life of a router with OSPF, recorded")
struct OSPFRecordingTests {
    /// The plan of OSPFNetwork with one link, with the rest of a router around it; the first router
    /// also tells of a static route.
    private static func configuration(
        _ family: AddressFamily, _ router: Int
    ) -> RouterConfiguration {
        var plan = OSPFNetwork.Plan()
        plan.version = .init(family)
        plan.link(0, 1)
        var ospf = OSPFNetwork.configuration(plan, router)
        ospf.exportPolicy = ["accept"]
        return RouterConfiguration(
            name: "r\(router)", routerID: OSPFNetwork.routerID(router),
            interfaces: ospf.interfaces.map {
                InterfaceConfiguration(
                    name: $0.interface, addresses: $0.addresses, isLoopback: $0.isPassive)
            },
            staticRoutes: router == 0
                ? [StaticRouteConfiguration(prefix: far(family), gateway: nil)] : [],
            protocols: [.ospf(ospf)])
    }

    private static func far(_ family: AddressFamily) -> IPPrefix {
        prefix(family == .ipv4 ? "198.51.100.0/24" : "2001:db8:5::/48")
    }

    /// Two routers whose link is lost for a second.
    private func lived(_ family: AddressFamily) -> RecordedRouters {
        var pair = RecordedRouters(
            (0...1).map { Self.configuration(family, $0) }, [.init(name: "0-1-0", ends: [0, 1])])
        pair.start()
        pair.run(for: .seconds(10))
        pair.set(0, isUp: false)
        pair.run(for: .seconds(1))
        pair.set(0, isUp: true)
        pair.run(for: .seconds(9))
        return pair
    }

    @Test(arguments: [AddressFamily.ipv4, .ipv6])
    func replayedItDoesTheSame(family: AddressFamily) throws {
        let pair = lived(family)
        for router in 0...1 { #expect((pair.lives[router].first?.lines.count ?? 0) > 40) }
        try pair.expectReplay()
    }

    @Test(arguments: [AddressFamily.ipv4, .ipv6])
    func aTableHasOSPFsRoutesAndOSPFTheTables(family: AddressFamily) throws {
        let pair = lived(family)
        let shown = try #require(pair.routers[1]).show(
            .routes(vrf: nil, prefix: nil, source: .ospf), at: .zero + .seconds(20))
        let tables = shown["tables"]?.array ?? []
        let prefixes = tables.flatMap { $0["entries"]?.array ?? [] }
            .compactMap { $0["prefix"]?.string }
        let far = Self.far(family).description
        let loopback = OSPFNetwork.loopback(.init(family), 0).description
        #expect(Set(prefixes) == [far, loopback])
        // The lost link took them out, and they came back: set, removed, set.
        let changes = pair.effects(1).filter { $0.contains(far) }
        let kinds = ["\"set-route\"", "\"remove-route\""]
        let seen = changes.compactMap { change in kinds.first(where: change.contains) }
        #expect(seen == [kinds[0], kinds[1], kinds[0]])
    }
}
