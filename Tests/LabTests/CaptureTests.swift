// SPDX-License-Identifier: Apache-2.0

import Foundation
import Primitives
import Testing

/// Captures of a lab on this kernel, read by tshark and capinfos. Needs root.
@Suite(.serialized) struct CaptureTests {
    /// Runs a shell's line in which $WEFT and $LAB are what they say.
    static func shell(_ line: String, _ weft: WeftLab) throws -> (status: Int32, text: String) {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = ["-c", line]
        process.environment = ProcessInfo.processInfo.environment.merging([
            "WEFT": try WeftRun.path(), "LAB": weft.lab, "FILE": weft.file,
        ]) { $1 }
        process.standardOutput = output
        process.standardError = output
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    /// Starts a capture into a file, sends pings, ends it by Ctrl-C's signal.
    private static let captured = """
        rm -f $FILE.err
        $WEFT capture --lab $LAB WHERE > $FILE.out 2> $FILE.err &
        until grep -qs capturing $FILE.err; do kill -0 $! || exit 9; sleep 0.05; done
        $WEFT exec --lab $LAB a -- ping -q -c 3 -i 0.05 -s 1000 192.0.2.2 > /dev/null
        kill -INT $!; wait $!; echo status $?; tail -n1 $FILE.err
        """

    private func capture(_ place: String, _ weft: WeftLab) throws -> String {
        let line = Self.captured.replacingOccurrences(of: "WHERE", with: place)
        return try Self.shell(line, weft).text
    }

    @Test func `what is captured is what tshark reads, at both ends, by link and by device`() throws
    {
        let weft = try WeftLab("capture")
        try weft.up()
        let scratch = [".out", ".err", ".pcapng"].map { weft.file + $0 }
        defer {
            try? weft.down()
            for file in scratch { try? FileManager.default.removeItem(atPath: file) }
        }
        for (place, out) in [("a-b", 2), ("b:a-b", 1), ("b:eth1", 1)] {
            let said = try capture("\(place) --write $FILE.pcapng", weft)
            #expect(said.hasPrefix("status 0\n"), "\(said)")
            let packets = try #require(said.split(separator: "\n").last?.split(separator: " "))
            let info = try Self.shell("capinfos -T -r -c -E $FILE.pcapng", weft).text
            #expect(info.contains("\tether\t\(packets[0])"), "\(info) \(said)")
            let fields = "-T fields -e icmp.type -e frame.packet_flags_direction -e frame.len"
            let read = try Self.shell("tshark -r $FILE.pcapng -Y icmp \(fields) 2>&1", weft).text
            let lines = read.split(separator: "\n").filter { !$0.hasPrefix("Running as") }
            #expect(lines.count == 6, "\(read)")
            let requests = lines.filter { $0.hasPrefix("8\t") }
            #expect(requests.count == 3)
            #expect(requests.allSatisfy { Self.direction($0) == out }, "\(read)")
            #expect(lines.allSatisfy { $0.hasSuffix("\t1042") })
        }
        let text = try capture("a-b --text", weft)
        #expect(text.hasPrefix("status 0\n"))
        let lines = try String(contentsOfFile: weft.file + ".out", encoding: .utf8)
        #expect(
            lines.contains("  a > b  icmp  IPv4 192.0.2.1 > 192.0.2.2, ICMP echo request  (1042)"),
            "\(lines)")
        #expect(
            lines.contains("  b > a  icmp  IPv4 192.0.2.2 > 192.0.2.1, ICMP echo reply  (1042)"))
    }

    /// 1 is inbound, 2 outbound.
    private static func direction(_ line: Substring) -> Int? {
        let field = line.split(separator: "\t").dropFirst().first ?? ""
        return field.hasPrefix("0x") ? Int(field.dropFirst(2), radix: 16) : Int(field)
    }

    @Test func `a reader that stalls or goes holds up nobody`() throws {
        let weft = try WeftLab("stall")
        try weft.up()
        let scratch = [".out", ".err"].map { weft.file + $0 }
        defer {
            try? weft.down()
            for file in scratch { try? FileManager.default.removeItem(atPath: file) }
        }
        // 8 MB pass while nobody reads; the lab answers all the same, and the capture ends at once
        // when the reader goes.
        let stalled = try Self.shell(
            """
            mkfifo $FILE.out; exec 3<> $FILE.out
            $WEFT capture --lab $LAB a-b --write - > $FILE.out 2> $FILE.err 3<&- &
            until grep -qs capturing $FILE.err; do kill -0 $! || exit 9; sleep 0.05; done
            $WEFT exec --lab $LAB a -- ping -q -f -c 1000 -s 4000 192.0.2.2 | grep transmitted
            $WEFT show --lab $LAB a bgp > /dev/null && echo answered
            while kill -INT $! 2> /dev/null; do sleep 0.1; done; wait $!; echo status $?
            """, weft)
        #expect(stalled.text.contains("1000 packets transmitted, 1000 received"))
        #expect(stalled.text.contains("answered\nstatus 3\n"), "\(stalled.text)")
        let gone = try Self.shell(
            """
            rm $FILE.err
            $WEFT capture --lab $LAB a-b --text 2> $FILE.err | head -n 1 > /dev/null & capture=$!
            until grep -qs capturing $FILE.err; do sleep 0.05; done
            $WEFT exec --lab $LAB a -- ping -q -i 0.05 192.0.2.2 > /dev/null & ping=$!
            wait $capture; tail -n1 $FILE.err; kill -INT $ping; wait $ping
            """, weft)
        #expect(gone.text.contains("packet"), "\(gone.text)")
        let wrong = [
            ("c:eth1", "the lab has no node 'c'"), ("aa:eth1", "the lab has no node 'aa'; did"),
            ("a:eth2", "a has no link or device 'eth2'; did you mean 'eth1'?"),
            ("a-c", "the lab has no link 'a-c'; did you mean 'a-b'?"),
        ]
        for (place, message) in wrong {
            let outcome = try weft.run("capture", place, "--lab", weft.lab)
            #expect(outcome.status == 2)
            #expect(outcome.complaint.contains(message), "\(outcome.complaint)")
        }
    }
}
