// SPDX-License-Identifier: Apache-2.0

import Kernel
import Testing

/// A file's probes in IPv6 and its limits on what passes on a link, on this kernel. Needs root.
@Suite struct WireLimitTests {
    private func test(_ name: String, _ tests: String) throws -> (WeftRun.Outcome, junit: String) {
        let lab = "wire-\(name)-\(ChildProcess.pid)"
        let text = """
            name: \(lab)
            nodes:
              a: {role: ce, loopback: ["2001:db8::1"], static: {"::/0": "fd01::2"}}
              m:
                role: ce
                static: {"2001:db8::1/128": "fd01::1", "2001:db8::2/128": "fd02::2"}
              b: {role: ce, loopback: ["2001:db8::2"], static: {"::/0": "fd02::1"}}
            links:
              - {endpoints: [a, m], addresses: ["fd01::1/64", "fd01::2/64"]}
              - {endpoints: [m, b], mtu: 1400, addresses: ["fd02::1/64", "fd02::2/64"]}
            tests:
              - name: step
                outage: {from: a, to: "2001:db8::2", below: 0s}
            \(tests)
            """
        let file = try TemporaryFile()
        let report = try TemporaryFile()
        try FileSystem.write(file.path, text)
        let outcome = try WeftRun.run(
            ["test", file.path, "--substrate", "host", "--junit", report.path])
        return (outcome, try FileSystem.read(report.path))
    }

    @Test func `probes of IPv6 hold, and only what they send passes`() throws {
        let (outcome, _) = try test(
            "holds",
            """
                wire: {link: m-b, only: [udp, icmp], some: [udp, icmp], never: 10.0.0.0/8}
                checks:
                  - ping: {from: a, to: "2001:db8::2", source: "2001:db8::1"}
                  - traceroute:
                      {from: a, to: "2001:db8::2", source: "2001:db8::1", hops: ["fd01::2", "2001:db8::2"]}
                  - path-mtu: {from: a, to: "2001:db8::2", mtu: 1400}
            """)
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.complaint)")
        #expect(outcome.output.contains("outage a to 2001:db8::2 is none: "))
        let wire = "wire m-b only udp, icmp; some udp, icmp; never 10.0.0.0/8: "
        #expect(outcome.output.contains(wire))
    }

    @Test func `a packet that must not pass fails the step, decoded in every report`() throws {
        let (outcome, junit) = try test(
            "fails",
            """
                wire: {link: m-b, only: [icmp]}
                checks: [ping: {from: a, to: "2001:db8::2", source: "2001:db8::1"}]
            """)
        #expect(outcome.status == 1, "\(outcome.output)\(outcome.complaint)")
        let words = "IPv6 fd01::1 > 2001:db8::2, UDP "
        // Wherever the lines are broken.
        let output = outcome.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        #expect(output.contains("offending, the first m to b: Ethernet "))
        #expect(output.contains(words))
        #expect(junit.contains("name=\"wire m-b only icmp\""))
        #expect(junit.contains("IPv6 fd01::1 &gt; 2001:db8::2, UDP "))
    }
}
