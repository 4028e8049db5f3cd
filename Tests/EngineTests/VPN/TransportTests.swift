// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Testing
import Wire

/// Which transport carries a VPN route, and what the kernel hears of it. Prefixes of both families
/// take the same ways.
@Suite("VPN: transports")
struct TransportTests {
    static let prefixes = ["203.0.113.0/24", "2001:db8:113::/48"]
    private let first: IPAddress = value(TransportBench.first)

    private func endpoint(
        _ overlay: String, _ transport: String? = nil, on interface: String = "multi"
    ) -> TunnelEndpoint {
        TunnelEndpoint(
            interface: interface, overlay: value(overlay), transport: value(transport ?? overlay))
    }

    private func forwarding(_ bench: RouterBench) -> [ForwardingChange] {
        bench.outputs.compactMap { output in
            if case .forwarding(let change) = output { change } else { nil }
        }
    }

    // MARK: Multipoint

    @Test(arguments: prefixes)
    func theEndpointStandsBeforeItsFirstRouteAndGoesAfterItsLast(prefix: String) {
        var bench = TransportBench.make()
        bench.offer(prefix)
        let group = ForwardingGroup(
            id: ForwardingGroup.ID(1), family: prefix.contains(":") ? .ipv6 : .ipv4,
            nextHops: [
                ForwardingNextHop(gateway: first, interface: "multi", labels: [Label(30)])
            ])
        let route = ForwardingRoute(
            vrf: "red", prefix: value(prefix), group: group.id,
            source: value(prefix.contains(":") ? "2001:db8:77::1" : "10.77.0.1"))
        #expect(
            forwarding(bench) == [
                .setEndpoint(endpoint("10.255.0.1")), .setGroup(group), .setRoute(route),
            ])
        #expect(bench.path(prefix)?["transport"] == "multi")
        #expect(bench.path(prefix)?["metric"] == 11)
        bench.withdraw("n1", [prefix], rd: "7:7")
        #expect(
            forwarding(bench) == [
                .removeRoute(vrf: "red", prefix: value(prefix)), .removeGroup(group.id),
                .removeEndpoint(interface: "multi", overlay: first),
            ])
    }

    @Test func anEndpointStaysWhileAnyRouteOfAnyVRFUsesIt() {
        var bench = TransportBench.make()
        bench.offer("203.0.113.0/24", targets: ["1:1", "1:2"])
        bench.offer("2001:db8:113::/48")
        #expect(bench.kernel.endpoints == ["multi": [first: value("10.255.0.1")]])
        #expect(bench.transport("multi")?["endpoints"]?[0]?["routes"] == 3)
        bench.withdraw("n1", ["203.0.113.0/24"], rd: "7:7")
        #expect(bench.transport("multi")?["endpoints"]?[0]?["routes"] == 1)
        #expect(bench.kernel.endpoints == ["multi": [first: value("10.255.0.1")]])
        bench.withdraw("n1", ["2001:db8:113::/48"], rd: "7:7")
        #expect(bench.kernel.endpoints.isEmpty)
    }

    @Test func aRouteThatLosesHasNoEndpoint() {
        var bench = TransportBench.make()
        bench.offer("203.0.113.0/24")
        bench.announce("n3", ["203.0.113.0/24"]) { $0.asPath = value("65003") }
        #expect(bench.paths("203.0.113.0/24", "red.inet.0").texts("neighbor") == ["n1", "n3"])
        bench.offer("203.0.113.0/24", targets: ["9:9"])
        #expect(bench.kernel.route("203.0.113.0/24", vrf: "red")?.nextHops[0].interface == "eth3")
        #expect(bench.kernel.endpoints.isEmpty)
    }

    @Test func anInterfaceThatComesUpGetsItsEndpointsBackBeforeItsRoutes() {
        var bench = TransportBench.make()
        for prefix in Self.prefixes { bench.offer(prefix) }
        let before = bench.kernel
        bench.link("multi", isUp: true)
        #expect(forwarding(bench).first == .setEndpoint(endpoint("10.255.0.1")))
        #expect(forwarding(bench).count == 3)
        bench.link("multi", isUp: false)
        #expect(bench.kernel.endpoints.isEmpty)
        #expect(bench.kernel.route(Self.prefixes[0], vrf: "red") == nil)
        bench.link("multi", isUp: true)
        #expect(bench.kernel == before)
    }

    @Test func withoutACoreRouteTheNextHopIsOutOfReach() {
        var bench = TransportBench.make()
        bench.offer("203.0.113.0/24")
        bench.link("eth1", isUp: false)
        #expect(
            bench.path("203.0.113.0/24")?["reason"]
                == "no tunnel of transport 'multi' to next hop 10.255.0.1")
        #expect(bench.path("203.0.113.0/24")?["transport"] == "multi")
        #expect(bench.kernel.endpoints.isEmpty)
        bench.link("eth1", isUp: true)
        #expect(bench.kernel.endpoints["multi"]?.count == 1)
    }

    @Test func noTunnelLeadsToThisRouterItself() {
        var bench = TransportBench.make()
        bench.offer("203.0.113.0/24", by: "10.9.9.9")
        #expect(bench.path("203.0.113.0/24")?["reason"] == "next hop 10.9.9.9 is this router")
    }

    // MARK: The choice

    /// What was said where, and which transport that comes to.
    struct Choice: CustomStringConvertible, Sendable {
        var vrfPolicy: String?
        var neighborPolicy: String?
        var key: UInt32?
        var pair: String?
        let expected: String

        var description: String { "\(expected) carries it" }
    }

    @Test(
        arguments: [
            Choice(expected: "mpls"), Choice(pair: "p2p", expected: "p2p"),
            Choice(key: 1234, pair: "p2p", expected: "multi"),
            Choice(key: 99, pair: "p2p", expected: "p2p"),
            Choice(neighborPolicy: "other", key: 1234, pair: "p2p", expected: "other"),
            Choice(
                vrfPolicy: "mpls", neighborPolicy: "other", key: 1234, pair: "p2p",
                expected: "mpls"),
        ], prefixes)
    func theIngressDecidesInOrder(choice: Choice, prefix: String) {
        var bench = TransportBench.make(
            TransportChoice(
                pairs: choice.pair.map { [.init(endpoint: first, transport: $0)] } ?? []),
            policies: Set([choice.vrfPolicy, choice.neighborPolicy].compactMap { $0 })
                .map(TransportBench.policy),
            neighborPolicy: choice.neighborPolicy.map { ["by-" + $0] } ?? [],
            vrfPolicy: choice.vrfPolicy.map { ["by-" + $0] } ?? [])
        bench.offer(
            prefix,
            tunnels: choice.key.map { TransportBench.offer(TransportBench.first, key: $0) })
        let interfaces = ["mpls": "eth1", "p2p": "gre-1", "multi": "multi", "other": "other"]
        #expect(bench.path(prefix)?["transport"]?.string == choice.expected)
        let hop = bench.kernel.route(prefix, vrf: "red")?.nextHops.first
        #expect(hop?.interface == interfaces[choice.expected])
        #expect(hop?.labels == (choice.expected == "mpls" ? [Label(1001)] : []) + [Label(30)])
    }

    @Test func aChosenTransportWithoutAWayIsNeverReplacedByAnother() {
        for (transport, reason) in [
            ("p2p", "no tunnel of transport 'p2p' to next hop 10.255.0.2"),
            ("unheard-of", "no tunnel of transport 'unheard-of' to next hop 10.255.0.2"),
        ] {
            var bench = TransportBench.make(
                policies: [TransportBench.policy(transport)], neighborPolicy: ["by-" + transport])
            bench.offer("203.0.113.0/24", by: TransportBench.second)
            #expect(bench.path("203.0.113.0/24")?["reason"]?.string == reason)
            #expect(bench.kernel.route("203.0.113.0/24", vrf: "red") == nil)
        }
    }

    @Test func aPolicyThatChangesItsMindMovesTheRoute() {
        let policy = Policy(
            name: "in",
            terms: [
                Policy.Term(
                    conditions: [.community([value("65000:1")])], actions: [.transport("mpls")])
            ])
        var bench = TransportBench.make(policies: [policy], vrfPolicy: ["in"])
        bench.offer("203.0.113.0/24")
        #expect(bench.kernel.endpoints["multi"]?.count == 1)
        bench.announce("n1", ["203.0.113.0/24"], rd: "7:7", label: 30) { attributes in
            attributes.nextHop = value(TransportBench.first)
            attributes.communities = [value("65000:1")]
            attributes.extendedCommunities = [value("target:1:1")]
        }
        #expect(
            bench.kernel.route("203.0.113.0/24", vrf: "red")?.nextHops[0].interface == "eth1")
        #expect(bench.kernel.endpoints.isEmpty)
    }

    @Test func aPointToPointTunnelNeedsTheCoresRouteToItsEnd() {
        var bench = TransportBench.make(TransportChoice(provider: "p2p"))
        bench.offer("203.0.113.0/24")
        #expect(
            bench.kernel.route("203.0.113.0/24", vrf: "red")?.nextHops == [
                ForwardingNextHop(gateway: first, interface: "gre-1", labels: [Label(30)])
            ])
        #expect(bench.kernel.endpoints.isEmpty, "only multipoint tunnels need telling")
        bench.link("eth1", isUp: false)
        #expect(bench.kernel.route("203.0.113.0/24", vrf: "red") == nil)
        bench.link("eth1", isUp: true)
        bench.link("gre-1", isUp: false)
        #expect(bench.kernel.route("203.0.113.0/24", vrf: "red") == nil)
    }

    // MARK: Offers (RFC 9012)

    @Test(arguments: prefixes)
    func exportedRoutesOfferTheAdvertisedTransportsToOtherPEsAlone(prefix: String) {
        var bench = TransportBench.make(isAdvertised: true)
        bench.announce("n3", [prefix]) { attributes in
            attributes.nextHop = value(prefix.contains(":") ? "2001:db8:3::2" : "10.0.3.2")
            // A customer has no say in the provider's tunnels.
            attributes.tunnelEncapsulation = TransportBench.offer("192.0.2.1", key: 5)
        }
        let offered = TunnelEncapsulation([
            .init(mplsInGRETo: value("10.9.9.9"), key: nil),
            .init(mplsInGRETo: value("10.9.9.9"), key: 1234),
        ])
        #expect(bench.held("n1", "10.0.3.0/24", rd: "1:1")?.tunnelEncapsulation == offered)
        bench.offer("198.51.100.0/24", tunnels: offered)
        #expect(bench.held("n3", "198.51.100.0/24") != nil)
        #expect(bench.held("n3", "198.51.100.0/24")?.tunnelEncapsulation == nil)
        let silent = TransportBench.make()
        #expect(silent.held("n1", "10.0.3.0/24", rd: "1:1")?.tunnelEncapsulation == nil)
    }

    @Test func anOfferNamesTheEndOfAMultipointTunnel() {
        var bench = TransportBench.make(TransportChoice())
        bench.offer(
            "203.0.113.0/24",
            tunnels: TransportBench.offer(TransportBench.second, key: 1234))
        #expect(bench.path("203.0.113.0/24")?["transport"] == "multi")
        #expect(bench.path("203.0.113.0/24")?["metric"] == 12)
        #expect(bench.kernel.endpoints == ["multi": [first: value(TransportBench.second)]])
        // Where routes of one next hop disagree, the lowest is taken for all.
        bench.offer("198.51.100.0/24", tunnels: TransportBench.offer("10.255.0.1", key: 1234))
        #expect(bench.kernel.endpoints == ["multi": [first: value(TransportBench.first)]])
        bench.withdraw("n1", ["198.51.100.0/24"], rd: "7:7")
        #expect(bench.kernel.endpoints == ["multi": [first: value(TransportBench.second)]])
    }

    @Test func offersThatNoTransportFitsAreAsIfThereWereNone() {
        let unfit = [
            TransportBench.offer("192.0.2.1", key: 1234),
            TransportBench.offer(TransportBench.first, key: 7),
            TunnelEncapsulation([.init(type: 8, subTLVs: [])]),
        ]
        for tunnels in unfit {
            var bench = TransportBench.make(TransportChoice())
            bench.offer("203.0.113.0/24", tunnels: tunnels)
            #expect(bench.path("203.0.113.0/24")?["transport"] == "mpls")
        }
    }

    @Test func ofSeveralThatFitTheUsualOneIsTaken() {
        for (provider, expected) in [("mpls", "p2p"), ("other", "other")] {
            var bench = TransportBench.make(TransportChoice(provider: provider))
            bench.offer(
                "203.0.113.0/24", tunnels: TransportBench.offer(TransportBench.first, key: nil))
            #expect(bench.path("203.0.113.0/24")?["transport"]?.string == expected)
        }
    }

    // MARK: Shows

    @Test func transportsAreShownWithTheirHealthAndEndpoints() {
        var bench = TransportBench.make(TransportChoice(provider: "p2p"))
        bench.offer("203.0.113.0/24")
        bench.now = bench.now + .seconds(7)
        #expect(
            bench.transport("p2p") == [
                "name": "p2p", "encapsulation": "gre", "source": "10.9.9.9", "protected": false,
                "default": true, "healthy": true, "problems": [],
                "endpoints": [
                    [
                        "overlay": "10.255.0.1", "transport": "10.255.0.1", "interface": "gre-1",
                        "routes": 1, "age": 7,
                    ]
                ],
            ])
        #expect(
            bench.transport("multi") == [
                "name": "multi", "encapsulation": "mgre", "source": "10.9.9.9", "key": 1234,
                "protected": false, "interface": "multi", "default": false, "healthy": true,
                "problems": [], "endpoints": [],
            ])
        bench.link("gre-1", isUp: false)
        #expect(bench.transport("p2p")?["healthy"] == false)
        #expect(bench.transport("p2p")?["problems"] == ["interface gre-1 is down"])
        #expect(bench.transport("p2p")?["endpoints"] == [])
        let tunnels = bench.tables.show(.mpls, at: bench.now)["tunnels"]?.array ?? []
        #expect(tunnels.texts("transport") == ["mpls", "mpls"])
    }

    @Test func aSourceThatIsNotOursIsAProblem() {
        var configuration = TransportBench.make().configuration
        configuration.transports[1].source = value("192.0.2.1")
        var bench = RouterBench(configuration)
        bench.start()
        #expect(
            bench.transport("multi")?["problems"]
                == ["source 192.0.2.1 is not an address of this router"])
    }
}
