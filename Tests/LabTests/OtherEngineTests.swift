// SPDX-License-Identifier: Apache-2.0

import Testing

/// FRR takes a node's place, and a lab's own tests still hold.
@Suite(.serialized) struct OtherEngineTests {
    /// Three routers in a row, which every kernel carries; the one in the middle is FRR.
    private static let row = """
        core:
          igp: isis
          ldp: none
          isis: {hello-interval: 1s, authentication: {type: hmac-md5, password: isis-secret}}
          bfd: {interval: 300ms, multiplier: 3}
        nodes:
          a: {role: p, loopback: 10.0.0.3}
          b: {role: p, engine: frr, loopback: 10.0.0.1}
          c: {role: p, loopback: 10.0.0.2}
        links:
          - {endpoints: [a, b], name: wire, addresses: [10.2.0.2/30, 10.2.0.1/30]}
          - {endpoints: [b, c], name: far, addresses: [10.3.0.2/30, 10.3.0.1/30]}
        tests:
          - name: up
            checks:
              - ping: {from: a, source: 10.0.0.3, to: 10.0.0.2}
              - isis: {node: a, neighbor: b}
              - isis: {node: b, neighbor: a}
              - bfd: {node: b, neighbor: a}
              - route: {node: b, prefix: 10.0.0.3/32, protocol: isis, next-hop: 10.2.0.2}
              - traceroute: {from: a, source: 10.0.0.3, to: 10.0.0.2, hops: [10.2.0.1, 10.0.0.2]}
          - name: the node dies
            do: {kill: b}
            checks:
              - route: {node: a, prefix: 10.0.0.2/32, absent: true}
          - name: it starts again
            do: {start: b}
            checks:
              - ping: {from: a, source: 10.0.0.3, to: 10.0.0.2}
              - isis: {node: b, neighbor: c}
          - name: a link goes
            do: {link-down: far}
            checks:
              - route: {node: b, prefix: 10.0.0.2/32, absent: true}
          - name: it comes back
            do: {link-up: far}
            checks:
              - route: {node: b, prefix: 10.0.0.2/32, protocol: isis}
          - name: the node is stopped
            do: {stop: b}
            checks:
              - route: {node: a, prefix: 10.0.0.2/32, absent: true}
        """

    /// It dies, starts again, loses a link and gets it back, and is stopped, like any other node.
    @Test func `a node with FRR lives through a lab's events`() throws {
        let lab = try WeftLab("other-engine", text: Self.row)
        defer { try? lab.down() }
        let outcome = try lab.run("test", lab.file, "--substrate", "host")
        #expect(outcome.status == 0, "\(outcome.output)\n\(outcome.complaint)")
        #expect(outcome.output.contains("12 checks passed, 0 failed"), "\(outcome.output)")
    }

    /// Whatever is asked, and whatever FRR refuses, says no password.
    @Test func `a node with FRR keeps its passwords`() throws {
        let lab = try WeftLab("other-secrets", text: Self.row)
        defer { try? lab.down() }
        try lab.up()
        for topic in ["isis", "bfd", "route", "interfaces", "neighbors", "ldp", "mpls", "vrf"] {
            let answer = try lab.run("show", "b", topic, "--lab", lab.lab)
            #expect(!(answer.output + answer.complaint).contains("isis-secret"), "\(topic)")
        }
        let shell = "ps auxwwe; ls -l /run/frr; stat -c %a /run/frr /run/frr/*.conf"
        let seen = try lab.run("exec", "b", "--lab", lab.lab, "--", "sh", "-c", shell).output
        #expect(!seen.contains("isis-secret"))
        #expect(seen.hasSuffix("700\n600\n600\n600\n"), "\(seen)")
        #expect(!(try lab.run("logs", lab.lab).output).contains("isis-secret"))
    }
}
