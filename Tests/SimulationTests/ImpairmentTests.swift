// SPDX-License-Identifier: Apache-2.0

import Plan
import Primitives
import Simulation
import Testing
import Topology
import Verify

@Suite struct ImpairmentTests {
    static let text = """
        name: long-way
        bgp-groups: {peer: {import: accept, export: accept, hold-time: 9}}
        nodes:
          a: {role: ce, loopback: 10.0.0.1, bgp: {as: 65001, neighbors: {b: peer}}}
          b: {role: ce, loopback: 10.0.0.2, bgp: {as: 65002, neighbors: {a: peer}}}
        links: [{endpoints: [a, b], subnet: 192.0.2.0/30}]
        tests:
          - name: near
            checks: [{ping: {from: a, to: 10.0.0.2}}]
          - name: far
            do: {impair: {link: a-b, node: a, delay: 20ms}}
            checks: [{ping: {from: a, to: 10.0.0.2}}]
          - name: nothing passes, and the session notices by its hold time
            do: {impair: {link: a-b, loss: 100%}}
            checks:
              - unreachable: {from: a, to: 192.0.2.2}
              - bgp: {node: a, neighbor: b, state: active, within: 60s}
          - name: all is as before
            do: {repair: a-b}
            checks: [{ping: {from: a, to: 10.0.0.2, within: 2m}}]
        """

    func network() throws -> (Topology, VirtualNetwork) {
        let topology = try Topology.parse(Array(Self.text.utf8))
        var network = VirtualNetwork(LabPlan(topology))
        network.startAll()
        return (topology, network)
    }

    @Test func `delay and loss of all are modelled, and a file's tests pass`() throws {
        let (topology, network) = try network()
        var runner = TestRunner(VirtualLab(network)) { _ in }
        let report = try runner.run(topology)
        #expect(report.passed, "\(report.tests.map(\.checks))")
        #expect(report.passedCount == 5)
    }

    @Test func `a delay of one end is on the way out only`() throws {
        var (_, network) = try network()
        network.run(for: .seconds(30))
        let to = try #require(IPAddress("10.0.0.2"))
        guard case .answered(let near) = network.echo(from: "a", to: to) else {
            Issue.record("no answer")
            return
        }
        let isModelled = network.impair("a-b", node: "b", Impairment(delay: .milliseconds(20)))
        #expect(isModelled)
        #expect(network.echo(from: "a", to: to) == .answered(roundTrip: near + .milliseconds(20)))
    }

    @Test func `what is not modelled is refused`() throws {
        var (_, network) = try network()
        for impairment in [
            Impairment(loss: PacketShare("1%") ?? .none), Impairment(rate: BitRate("1mbit")),
            Impairment(delay: .seconds(1), jitter: .seconds(1)),
        ] {
            let isModelled = network.impair("a-b", impairment)
            #expect(!isModelled, "\(impairment.text)")
        }
    }
}
