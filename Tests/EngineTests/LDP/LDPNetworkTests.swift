// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing
import Wire

@testable import Engine

@Suite("LDP: whole networks")
struct LDPNetworkTests {
    /// A square with a tail, and a diagonal that is dear.
    private static func square(
        configure: (inout LDPConfiguration) -> Void = { _ in }
    ) -> LDPNetwork {
        var network = LDPNetwork(
            ["a", "b", "c", "d", "e"],
            [
                ("a", "b", 10), ("b", "c", 10), ("c", "d", 10), ("d", "a", 10), ("d", "e", 10),
                ("a", "c", 50),
            ],
            configure: configure)
        network.start()
        network.pass(.seconds(3))
        return network
    }

    @Test func everyRouterReachesEveryLoopbackByAChainOfLabels() {
        let network = Self.square()
        network.expectFullMesh()
        // The last but one pops; labels are given lowest first.
        #expect(network.walk(from: "a", to: "b") == ["a - b"])
        #expect(network.walk(from: "e", to: "d") == ["e - d"])
        #expect(network.walk(from: "b", to: "d").count == 2, "two ways of equal cost")
        for node in network.nodes {
            #expect(node.paths.count == 4 && node.labels.count == 4)
            #expect(node.paths.values.allSatisfy { $0.metric == 1 })
            #expect(node.synchronised.values.allSatisfy { $0 })
        }
    }

    @Test func startingTakesNoLongerThanAFewMessages() {
        var network = LDPNetwork(["a", "b", "c"], [("a", "b", 1), ("b", "c", 1)])
        network.start()
        // Hello, hello, SYN, SYN-ACK, Initialization, Initialization and KeepAlive, KeepAlive,
        // labels; and one more hop of labels.
        network.pass(.milliseconds(12))
        network.expectFullMesh()
    }

    @Test func explicitNullLeavesALabelOnTheLastLink() {
        let network = Self.square { $0.isExplicitNull = true }
        network.expectFullMesh()
        #expect(network.walk(from: "a", to: "b") == ["a 0 b"])
        #expect(network.walk(from: "a", to: "e").first?.hasSuffix(" 0 e") == true)
    }

    @Test func aPathTracksTheMetricOfItsRoute() {
        let network = Self.square { $0.tracksIGPMetric = true }
        let metrics = network["a"].paths.sorted { $0.key < $1.key }.map(\.value.metric)
        #expect(metrics == [10, 20, 10, 20])
    }

    /// The fast reaction: interface down and the new route in one turn, and no message in between.
    @Test func anotherNextHopsLabelIsThereWhenTheRouteChanges() throws {
        var network = Self.square()
        let before = network.walk(from: "a", to: "e")
        #expect(before.count == 1)
        let labelOfA = network["a"].ldp.fecs[network["e"].loopback]?.label
        network.set("a", "d", isUp: false)
        network.converge()
        #expect(network["a"].paths[network["e"].loopback]?.nextHops.count == 1)
        // No time has passed: what a does with its label and packets is already right.
        let ways = network.walk(from: "a", to: "e")
        #expect(ways.count == 1 && ways[0].hasPrefix("a 1") && ways[0].hasSuffix(" e"), "\(ways)")
        #expect(ways[0].contains(" b ") && ways[0].contains(" c "))
        #expect(network["a"].ldp.fecs[network["e"].loopback]?.label == labelOfA)
        network.pass(.seconds(1))
        network.expectFullMesh()
        network.set("a", "d", isUp: true)
        network.pass(.seconds(2))
        network.converge()
        network.expectFullMesh()
        #expect(network.walk(from: "a", to: "e") == before, "quarantine gives nothing else away")
    }

    /// A repair that the interior protocol knows of before the labels have come: make before break.
    @Test func theWayBeforeIsKeptUntilTheNewOnesLabelComes() throws {
        var network = LDPNetwork(
            ["a", "b", "c", "d"], [("a", "b", 10), ("a", "c", 20), ("b", "d", 10), ("c", "d", 20)])
        network.start()
        network.pass(.seconds(3))
        let (a, d) = (network.position("a"), network["d"].loopback)
        func tell(_ body: LDPMessage.Body) throws -> [UInt8] {
            try LDPPDU(
                identifier: LDPIdentifier(LDPNetwork.loopback(network.position("c"))),
                messages: [LDPMessage(id: 900, body)]
            ).encoded()
        }
        let binding = LDPBinding([.prefix(d)], label: Label(777))
        network.inject(try tell(.labelWithdraw(LDPBinding([.prefix(d)]))), to: "a", from: "c")
        let way = network.walk(from: "a", to: "d")
        let gateway = IPAddress(LDPNetwork.address(link: 1, side: 1))
        let route = OfferedRoute(
            source: .isis, nextHops: [ForwardingNextHop(gateway: gateway, interface: "eth1")],
            metric: 40)
        func offer(_ route: OfferedRoute) {
            network.offer(d, route, to: "a")
        }
        offer(route)
        #expect(network.walk(from: "a", to: "d") == way, "by b, as before")
        network.pass(.milliseconds(500))
        network.inject(try tell(.labelMapping(binding)), to: "a", from: "c")
        #expect(network.nodes[a].paths[d]?.nextHops.map(\.labels) == [[Label(777)]])
        network.inject(try tell(.labelWithdraw(binding)), to: "a", from: "c")
        #expect(network.nodes[a].paths[d] == nil, "a label that is gone is not used")
        offer(try #require(network.nodes[a].routes[d]))
        #expect(network.walk(from: "a", to: "d") == way)
        offer(route)
        network.pass(.milliseconds(999))
        #expect(network.nodes[a].paths[d] != nil)
        network.pass(.milliseconds(2))
        #expect(network.nodes[a].paths[d] == nil, "not for ever")
    }

    /// A label that only changes its way on is not taken back from upstream in between.
    @Test func upstreamHearsNothingOfAChangeOfNextHop() {
        var network = Self.square()
        let received = network.session("e", with: "d")?.receivedCount
        network.set("c", "d", isUp: false)
        network.converge()
        network.pass(.milliseconds(100))
        network.expectFullMesh()
        #expect(network.session("e", with: "d")?.receivedCount == received)
    }

    @Test func whatCannotBeReachedHasNoLabels() {
        var network = Self.square()
        network.set("d", "e", isUp: false)
        network.converge()
        network.pass(.seconds(1))
        for name in ["a", "b", "c", "d"] {
            #expect(network.walk(from: name, to: "e") == ["\(name): no path"])
            #expect(network[name].labels.count == 3 && network[name].paths.count == 3)
        }
        #expect(network["e"].labels.isEmpty && network["e"].paths.isEmpty)
        #expect(network.session("d", with: "e") == nil)
        #expect(network["d"].ldp.peers.count == 2)
    }

    /// Ordered control: no label before the next hop's, so that no packet with a label meets a
    /// router that has none.
    @Test func aRouteWithoutANextHopsLabelBindsNone() {
        var network = LDPNetwork(["a", "b", "c"], [("a", "b", 1), ("b", "c", 1)]) {
            // c does not run LDP.
            if $0.routerID == LDPNetwork.loopback(2) { $0.interfaces = [] }
        }
        network.start()
        network.pass(.seconds(3))
        #expect(network.walk(from: "a", to: "b") == ["a - b"])
        #expect(network.walk(from: "a", to: "c") == ["a: no path"])
        #expect(network["b"].labels.values.count == 1)
        #expect(network["b"].synchronised == ["eth0": true, "eth1": false])
    }

    @Test func aKilledRouterComesBack() {
        var network = Self.square()
        network.kill("d")
        network.pass(.seconds(20))
        #expect(network["a"].ldp.peers.count == 2, "no hellos, no adjacency")
        network.restart("d")
        network.pass(.seconds(8))
        network.expectFullMesh()
    }

    /// A peer that lost its state connects anew, long before its silence could be noticed.
    @Test func aRestartBeforeTheHoldTimeEndsTheOldSession() {
        var network = Self.square()
        network.kill("d")
        network.pass(.seconds(1))
        network.restart("d")
        network.pass(.seconds(8))
        network.expectFullMesh()
    }

    @Test func aGoodbyeTakesAllLabelsBack() {
        var network = Self.square()
        network.shutDown("d")
        #expect(network["d"].labels.isEmpty && network["d"].paths.isEmpty)
        #expect(network["d"].synchronised.values.allSatisfy { !$0 })
        network.pass(.milliseconds(10))
        #expect(network.session("a", with: "d") == nil)
        #expect(network.walk(from: "a", to: "e") == ["a: no path"])
        let reason = network["a"].reports.last
        #expect(
            reason
                == .adjacency(
                    RoutingProtocolID(.ldp), interface: nil, neighbor: "10.0.0.4", state: "down",
                    reason: "shutdown, says the peer"))
    }

    /// Two links to one peer are one session, that lives as long as one of them.
    @Test func severalLinksToOnePeerAreOneSession() {
        var network = LDPNetwork(["a", "b"], [("a", "b", 10), ("a", "b", 10)])
        network.start()
        network.pass(.seconds(3))
        #expect(network["a"].ldp.adjacencies.count == 2 && network["a"].ldp.peers.count == 1)
        #expect(network.walk(from: "a", to: "b") == ["a - b", "a - b"])
        let connection = network.session("a", with: "b")?.connection
        network.set("a", "b", isUp: false)
        network.converge()
        #expect(network["a"].ldp.adjacencies.count == 1)
        #expect(network.session("a", with: "b")?.connection == connection)
        #expect(network.walk(from: "a", to: "b") == ["a - b"])
        #expect(network["a"].synchronised == ["eth0": false, "eth1": true])
    }

    /// Sessions to targets carry labels too, and outlive links (session protection).
    @Test func targetsAreFoundAcrossRouters() {
        var network = LDPNetwork(["a", "b", "c"], [("a", "b", 1), ("b", "c", 1)]) {
            let (a, c) = (LDPNetwork.loopback(0), LDPNetwork.loopback(2))
            if $0.routerID == a { $0.targets = [c] }
            if $0.routerID == c { $0.targets = [a] }
        }
        network.start()
        network.pass(.seconds(50))
        #expect(network.session("a", with: "c")?.isOperational == true)
        #expect(network.session("a", with: "c")?.bindings[network["c"].loopback] == .implicitNull)
        // c is not the next hop: its label is kept, and not used.
        #expect(network.walk(from: "a", to: "c").allSatisfy { $0.contains(" b ") })
        network.expectFullMesh()
    }

    @Test func theSameEventsGiveTheSameOctets() {
        func life() -> [String] {
            var network = Self.square()
            network.set("a", "d", isUp: false)
            network.converge()
            network.pass(.seconds(30))
            return network.nodes.map { $0.ldp.show(at: network.now).text }
        }
        #expect(life() == life())
    }

    @Test func everythingIsSeenInItsShow() {
        let network = Self.square()
        let show = network["a"].ldp.show(at: network.now)
        #expect(show["router-id"]?.string == "10.0.0.1")
        #expect(show["interfaces"]?.array.count == 3)
        #expect(show["neighbors"]?.array.count == 3)
        #expect(
            show["sessions"]?.array.compactMap { $0["state"]?.string }
                == ["operational", "operational", "operational"])
        #expect(show["databases"]?.array.count == 3)
        let output = show["databases"]?[0]?["output"]?.array ?? []
        #expect(output.count == 5)
        #expect(output.first?["label"]?.int == 3)
        #expect(show["paths"]?.array.count == 4)
    }

    /// What is given again to fresh tables is what stands.
    @Test func theContributionIsAllThatStands() {
        let network = Self.square()
        let contribution = network["a"].ldp.contribution
        let paths = contribution.compactMap { output -> LabelSwitchedPath? in
            if case .setPath(let path) = output { path } else { nil }
        }
        #expect(Set(paths) == Set(network["a"].paths.values))
        #expect(contribution.count == 3 + 4 + 4)
    }
}
