// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Simulation
import Testing

/// L3VPNs over GRE in virtual time.
@Suite struct TransportTests {
    @Test func `three PEs find each other's endpoints and carry both families`() throws {
        let network = try TransportLab.make(count: 3).converged()
        #expect(network.endpoints("pe1", "multi") == ["10.0.0.2", "10.0.0.3"])
        #expect(network.endpoints("pe1", "p2p") == [])
        for (n, other) in [(1, 2), (1, 3), (2, 3)] {
            #expect(network.reach(n, other) == [true, true])
        }
        let path = network.path(from: "pe1", vrf: "red", to: value("2001:db8:2::1"))
        #expect(path.nodes == ["pe1", "p", "pe2"])
        let trace = network.traceroute(from: "pe1", vrf: "red", to: value("10.9.3.1"))
        #expect(trace.hops == [value("10.9.3.1")], "the core is one hop")
    }

    @Test func `a PE that is killed vanishes from the others, whose traffic goes on`() throws {
        var network = try TransportLab.make(count: 3).converged()
        network.kill("pe3")
        for _ in 0..<200 {
            network.run(for: .milliseconds(5))
            #expect(network.reach(1, 2) == [true, true])
        }
        for name in ["pe1", "pe2"] {
            #expect(network.endpoints(name, "multi").count == 1)
            #expect(network.way(name, "10.9.3.1/32") == nil)
        }
        network.start("pe3")
        _ = try settled(&network)
        #expect(network.endpoints("pe1", "multi") == ["10.0.0.2", "10.0.0.3"])
        #expect(network.reach(3, 1) == [true, true])
    }

    @Test func `the endpoint of a PE that falls silent stays until the hold time is over`() throws {
        var network = try TransportLab.make(count: 3).converged()
        network.setLink("pe3-p", node: "p", isUp: false)
        network.run(for: .seconds(5))
        #expect(network.endpoints("pe1", "multi") == ["10.0.0.2", "10.0.0.3"])
        #expect(network.reach(1, 3) == [false, false])
        network.run(for: .seconds(5))
        #expect(network.endpoints("pe1", "multi") == ["10.0.0.2"])
    }

    @Test func `without its core link a PE has no endpoints, and with it they return`() throws {
        var network = try TransportLab.make(count: 3).converged()
        network.setLink("pe1-p", isUp: false)
        network.run(for: .milliseconds(1))
        #expect(network.endpoints("pe1", "multi") == [])
        #expect(
            network.show("pe1", .routes(vrf: "red", prefix: value("10.9.2.1/32"), source: nil))[
                "tables"]?[0]?["entries"]?[0]?["paths"]?[0]?["reason"]
                == "no tunnel of transport 'multi' to next hop 10.0.0.2")
        network.setLink("pe1-p", isUp: true)
        _ = try settled(&network)
        #expect(network.endpoints("pe1", "multi") == ["10.0.0.2", "10.0.0.3"])
        #expect(network.reach(1, 2) == [true, true])
    }

    @Test func `a policy moves one prefix to label switched paths`() throws {
        let policy = Policy(
            name: "tunnel",
            terms: [
                Policy.Term(
                    conditions: [
                        .prefix([PrefixMatch(prefix: value("10.9.2.1/32"), range: .exact)])
                    ],
                    actions: [.transport(TransportConfiguration.mpls)])
            ])
        let network = try TransportLab.make(count: 3) { n, configuration in
            guard n == 1 else { return }
            configuration.policies = [policy]
            configuration.vrfs[0].importPolicy = [policy.name]
        }.converged()
        #expect(network.way("pe1", "10.9.2.1/32") == "core")
        #expect(network.way("pe1", "2001:db8:2::1/128") == "multi")
        #expect(network.way("pe2", "10.9.1.1/32") == "multi", "each ingress decides for itself")
        #expect(network.reach(1, 2) == [true, true])
    }

    @Test func `a pair of PEs has tunnels of its own`() throws {
        let network = try TransportLab.make(count: 3) { n, configuration in
            let others = [1: "10.0.0.2", 2: "10.0.0.1"]
            configuration.transportChoice.pairs =
                others[n].map {
                    [.init(endpoint: value($0), transport: "p2p")]
                } ?? []
        }.converged()
        #expect(network.way("pe1", "10.9.2.1/32") == "gre-pe2")
        #expect(network.endpoints("pe1", "p2p") == ["10.0.0.2"])
        #expect(network.endpoints("pe1", "multi") == ["10.0.0.3"])
        for (n, other) in [(1, 2), (1, 3), (2, 3)] {
            #expect(network.reach(n, other) == [true, true])
        }
    }

    @Test func `the egress PE's offer is honoured by those whose transport fits`() throws {
        let network = try TransportLab.make(count: 3) { n, configuration in
            configuration.transportChoice = TransportChoice()
            if n == 2 { configuration.transports[1].isAdvertised = true }
        }.converged()
        #expect(network.way("pe1", "10.9.2.1/32") == "multi")
        #expect(network.way("pe1", "10.9.3.1/32") == "core")
        #expect(network.way("pe2", "10.9.1.1/32") == "core")
        #expect(network.reach(1, 2) == [true, true])
    }

    @Test func `ends whose keys differ do not hear each other`() throws {
        let network = try TransportLab.make(count: 2) { n, configuration in
            if n == 2 { configuration.transports[1].key = 99 }
        }.converged()
        #expect(network.endpoints("pe1", "multi") == ["10.0.0.2"])
        #expect(network.reach(1, 2) == [false, false])
    }
}
