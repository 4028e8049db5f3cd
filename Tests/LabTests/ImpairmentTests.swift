// SPDX-License-Identifier: Apache-2.0

import Foundation
import Primitives
import Testing

/// Impaired links on a kernel that has netem: that of a microVM. What was set is read by iproute2,
/// and what comes of it by the system's ping.
@Suite(.serialized) struct ImpairmentTests {
    static let tests = """
        tests:
          - name: a long way
            do: {impair: {link: a-b, node: a, delay: 30ms, jitter: 1ms, loss: 0.5%, rate: 10mbit}}
            checks: [{ping: {from: a, to: 10.0.0.2, count: 1}}]
        """

    @Test func `a link is impaired as asked, by the kernel's and by packets' own word`() throws {
        let weft = try WeftLab("netem", tests: Self.tests)
        defer { try? weft.down() }
        let up = try weft.run("test", weft.file, "--keep", "--substrate", "microvm")
        try #require(up.status == 0, "\(up.output)\(up.complaint)")
        try expectDiscipline(weft)
        try weft.run("set", "link-down", "a-b", "--lab", weft.lab)
        try weft.run("set", "link-up", "a-b", "--lab", weft.lab)
        try expectDiscipline(weft)
        #expect(try fastestPing(weft) >= 29)

        let lost = try weft.run("set", "impair", "a-b", "--loss", "100%", "--lab", weft.lab)
        #expect(lost.output == "link a-b is impaired: loss 100%\n")
        let list = try JSON(parsing: try weft.run("set", "--json", "--lab", weft.lab).output)
        #expect(list["impairments"]?.array.map { $0["node"] } == ["a", "b"])
        let silence = try exec(weft, "ping -q -c 5 -i 0.1 -W 1 192.0.2.2")
        #expect(silence.contains("5 packets transmitted, 0 received"), "\(silence)")
        #expect(
            try weft.run("set", "repair", "a-b", "--lab", weft.lab).output
                == "link a-b is repaired\n")
        #expect(!(try exec(weft, "tc qdisc show dev eth1")).contains("netem"))
        let answers = try exec(weft, "ping -q -c 5 -i 0.1 192.0.2.2")
        #expect(answers.contains("5 packets transmitted, 5 received"), "\(answers)")
        try expectCookedCapture(weft)
    }

    /// A device without a header that we know: a GRE tunnel, to the kernel that has one.
    private func expectCookedCapture(_ weft: WeftLab) throws {
        defer { try? FileManager.default.removeItem(atPath: weft.file + ".gre") }
        let read = try CaptureTests.shell(
            """
            $WEFT exec --lab $LAB a -- sh -c 'ip link add g1 type gre local 192.0.2.1 \
                remote 192.0.2.2 && ip address add 10.8.0.1/24 dev g1 && ip link set g1 up'
            $WEFT capture --lab $LAB a:g1 --write $FILE.gre 2> $FILE.err &
            until grep -qs capturing $FILE.err; do kill -0 $! || exit 9; sleep 0.05; done
            $WEFT exec --lab $LAB a -- ping -c 1 -W 1 10.8.0.2 > /dev/null
            kill -INT $!; wait $!; rm $FILE.err
            tshark -r $FILE.gre -T fields -e sll.pkttype -e ip.dst -e icmp.type 2> /dev/null
            """, weft)
        #expect(read.text.contains("4\t10.8.0.2\t8\n"), "\(read.text)")
    }

    private func exec(_ weft: WeftLab, _ command: String) throws -> String {
        try weft.run("exec", "--lab", weft.lab, "a", "--", "sh", "-c", command).output
    }

    private func expectDiscipline(_ weft: WeftLab) throws {
        let shown = try JSON(parsing: try exec(weft, "tc -j qdisc show dev eth1"))
        let netem = shown.array.first { $0["kind"] == "netem" }
        #expect(netem?["root"] == true, "\(shown)")
        let options = netem?["options"]
        #expect(options?["delay"]?["delay"]?.double == 0.03)
        #expect(options?["delay"]?["jitter"]?.double == 0.001)
        let loss = options?["loss-random"]?["loss"]?.double ?? 0
        #expect(abs(loss - 0.005) < 1e-8)
        #expect(options?["rate"]?["rate"] == 1_250_000)
    }

    /// Milliseconds.
    private func fastestPing(_ weft: WeftLab) throws -> Double {
        let text = try exec(weft, "ping -q -c 10 -i 0.1 192.0.2.2")
        let figures = text.split(separator: " ").last { $0.contains("/") } ?? ""
        return try #require(figures.split(separator: "/").first.flatMap { Double($0) }, "\(text)")
    }
}
