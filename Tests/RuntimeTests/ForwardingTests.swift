// SPDX-License-Identifier: Apache-2.0

import Engine
import KernelObjects
import Primitives
import Testing

@testable import Runtime

@Suite("Forwarding")
struct ForwardingTests {
    private let translation: ForwardingTranslation
    private let prefix: IPPrefix
    private let gateway: IPAddress

    init() throws {
        let target = try #require(ExtendedCommunity("target:1:1"))
        let vrf = VRFConfiguration(
            name: "red", table: 10, device: "vrf-red", popDevice: "dec-red",
            routeDistinguisher: try #require(RouteDistinguisher("1:1")),
            importTargets: [target], exportTargets: [target])
        translation = ForwardingTranslation(
            RouterConfiguration(
                name: "pe", routerID: IPv4Address(bits: 1),
                interfaces: [
                    InterfaceConfiguration(name: "core0", addresses: [], carriesMPLS: true),
                    InterfaceConfiguration(name: "edge0", vrf: "red", addresses: []),
                ], vrfs: [vrf]))
        prefix = try #require(IPPrefix("10.0.0.3/32"))
        gateway = try #require(IPAddress("4.0.0.49"))
    }

    private func set(_ labels: [Label] = []) -> ForwardingChange {
        let hop = ForwardingNextHop(gateway: gateway, interface: "core0", labels: labels)
        return .setRoute(
            ForwardingRoute(vrf: "red", prefix: prefix, nextHops: [hop], source: gateway))
    }

    private func pairs(_ changes: ForwardingChange...) -> [ForwardingPair] {
        var translation = translation
        return changes.flatMap { translation.translate($0) }
    }

    private func entry(_ change: ForwardingChange) throws -> ForwardingEntry {
        try #require(pairs(change).last?.entry)
    }

    @Test("translates a VPN route into its VRF's table with its labels")
    func vpnRoute() throws {
        let labels = [Label(100), Label(16)]
        let hop = RouteNextHop(via: gateway, link: "core0", labels: labels, isOnLink: true)
        let key = Route.Key(table: 10, prefix: prefix, metric: 20)
        let route = Route(key: key, action: .forward([hop]), preferredSource: gateway)
        #expect(try entry(set(labels)) == .route(route))
    }

    @Test("gives a VPN route of IPv6 no preferred source, which the kernel would refuse")
    func vpnRouteOfIPv6() throws {
        let prefix = try #require(IPPrefix("2001:db8::/32"))
        let hop = ForwardingNextHop(gateway: gateway, interface: "core0", labels: [Label(16)])
        let route = ForwardingRoute(
            vrf: "red", prefix: prefix, nextHops: [hop], source: IPAddress("2001:db8:1::1"))
        guard case .route(let written) = try entry(.setRoute(route)) else {
            Issue.record("not a route")
            return
        }
        #expect(written.preferredSource == nil)
        #expect(written.key == Route.Key(table: 10, prefix: prefix, metric: 1024))
    }

    @Test("discards where a route has no next hop")
    func discard() throws {
        let route = ForwardingRoute(vrf: nil, prefix: prefix, nextHops: [])
        let key = Route.Key(table: RoutingTable.main, prefix: prefix, metric: 20)
        #expect(try entry(.setRoute(route)) == .route(Route(key: key, action: .blackhole)))
    }

    @Test("decapsulates a VRF's label by way of its pop device, on the links that carry labels")
    func vrfLabel() throws {
        let action = LabelRoute.Action.decapsulate(
            vrf: "vrf-red", popDevice: "dec-red", links: ["core0"], family: .ipv4)
        #expect(
            try entry(.setLabel(Label(16), .lookUp(vrf: "red", family: .ipv4)))
                == .label(LabelRoute(label: Label(16), action: action)))
    }

    @Test("has nothing to write for a VRF that is not configured")
    func unknownVRF() {
        #expect(pairs(.removeRoute(vrf: "blue", prefix: prefix)).isEmpty)
        #expect(pairs(.setLabel(Label(16), .lookUp(vrf: "blue", family: .ipv4))).isEmpty)
    }

    @Test("sets before a step's messages and removes after them; the last change of a key counts")
    func step() throws {
        var step = ForwardingStep()
        for change in [
            set(), .removeLabel(Label(16)), .removeRoute(vrf: "red", prefix: prefix),
            set([Label(9)]), .setLabel(Label(17), .lookUp(vrf: "red", family: .ipv4)),
            .removeLabel(Label(17)),
        ] {
            for (key, entry) in pairs(change) { step.add(key, entry) }
        }
        #expect(step.before == ForwardingChanges(set: [try entry(set([Label(9)]))]))
        #expect(step.after == ForwardingChanges(remove: [.label(Label(16)), .label(Label(17))]))
    }

    @Test("sets an endpoint before the routes that need it, and removes it after them")
    func endpoints() throws {
        let endpoint = TunnelEndpoint(
            interface: "mgre", overlay: gateway, transport: try #require(IPv4Address("10.0.0.7")))
        func step(_ changes: [ForwardingChange]) -> ForwardingStep {
            var step = ForwardingStep()
            for (key, entry) in changes.flatMap({ pairs($0) }) { step.add(key, entry) }
            return step
        }
        let neighbour = Neighbour(
            link: "mgre", address: gateway, linkLayerAddress: [10, 0, 0, 7])
        let key = ForwardingKey.endpoint(interface: "mgre", overlay: gateway)
        let route = try entry(set())
        #expect(
            step([set(), .setEndpoint(endpoint)]).before
                == ForwardingChanges(set: [.endpoint(neighbour), route]))
        #expect(
            step([
                .removeEndpoint(interface: "mgre", overlay: gateway),
                .removeRoute(vrf: "red", prefix: prefix),
            ]).after == ForwardingChanges(remove: [route.key, key]))
        // What a router finds that was killed.
        #expect(
            DesiredForwarding().difference(from: [.endpoint(neighbour), route])
                == ForwardingChanges(remove: [route.key, key]))
    }

    @Test("decapsulates also on tunnels, of which no interface is configured")
    func tunnels() throws {
        let path = LabelledNextHop(gateway: gateway, interface: "gre-peer", labels: [])
        let destination = try #require(IPPrefix("10.0.0.7/32"))
        let source = try #require(IPv4Address("10.0.0.5"))
        let configuration = RouterConfiguration(
            name: "pe", routerID: IPv4Address(bits: 1),
            tunnels: [
                TunnelConfiguration(
                    transport: "plain", destination: destination, nextHop: path, metric: 1)
            ],
            transports: [
                TransportConfiguration(name: "plain", encapsulation: .gre, source: source),
                TransportConfiguration(
                    name: "many", encapsulation: .mgre(interface: "mgre"), source: source),
            ])
        #expect(ForwardingTranslation(configuration).labelLinks == ["gre-peer", "mgre"])
    }

    @Test("writes what a kernel lacks or has differently, and removes what is not wanted")
    func difference() throws {
        var table = DesiredForwarding()
        let wanted = try entry(set([Label(9)]))
        let label = ForwardingEntry.label(LabelRoute(label: Label(20), action: .forward([])))
        table.want(wanted, for: wanted.key)
        #expect(table.difference(from: [wanted]).isEmpty)
        #expect(table.difference(from: []) == ForwardingChanges(set: [wanted]))
        #expect(
            table.difference(from: [label, try entry(set())])
                == ForwardingChanges(set: [wanted], remove: [label.key]))
    }

    @Test("tries a failed entry again until it is wanted no more")
    func retries() throws {
        var table = DesiredForwarding()
        let wanted = try entry(set())
        table.want(wanted, for: wanted.key)
        table.note(failures: [wanted.key, .label(Label(99))])
        #expect(table.retries() == ForwardingChanges(set: [wanted]))
        table.want(nil, for: wanted.key)
        #expect(table.retries().isEmpty)
        table.note(failures: [wanted.key])
        #expect(table.retries().isEmpty)
    }
}
