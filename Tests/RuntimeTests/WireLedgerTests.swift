// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing
import Wire

@testable import Runtime

@Suite("The accounts of a captured link")
struct WireLedgerTests {
    private let customer: IPAddress
    private let core: IPAddress

    init() throws {
        customer = try #require(IPAddress("10.0.0.1"))
        core = try #require(IPAddress("172.16.0.1"))
    }

    /// An IPv4 packet in a frame, from and to one address.
    private func frame(_ address: IPAddress, _ number: UInt8, _ payload: [UInt8]) throws -> [UInt8]
    {
        let end = try #require(address.v4)
        var writer = WireWriter()
        writer.write([UInt8](repeating: 2, count: 12) + [8, 0])
        IPv4Header(
            source: end, destination: end, ipProtocol: number, timeToLive: 64,
            payloadLength: UInt16(payload.count)
        ).encode(to: &writer)
        writer.write(payload)
        return writer.octets
    }

    private func esp() throws -> [UInt8] { try frame(core, 50, [0, 0, 1, 0, 0, 0, 0, 1]) }
    private func bgp() throws -> [UInt8] { try frame(core, 6, [0, 179, 0, 179]) }
    private func ping(_ address: IPAddress) throws -> [UInt8] {
        try frame(address, 1, [8, 0, 0, 0, 0, 0, 0, 0])
    }
    private func labelled(_ label: UInt8) throws -> [UInt8] {
        let mpls: [UInt8] = [0, 0, 0x88, 0x47, 0, label >> 4, label << 4 | 1, 64]
        return try frame(core, 47, mpls)
    }
    private var arp: [UInt8] { [UInt8](repeating: 2, count: 12) + [8, 6] }

    private func ledger(_ judge: WireJudge, _ frames: [[UInt8]]) -> WireLedger {
        var ledger = WireLedger(judge)
        for (number, frame) in frames.enumerated() {
            ledger.add(frame, at: Instant(nanoseconds: Int64(number)), direction: "a to b")
        }
        return ledger
    }

    @Test("count every kind, and find nothing wrong with what is allowed")
    func allowed() throws {
        let judge = WireJudge(only: [.esp, .bgp], some: [.esp])
        let ledger = ledger(judge, [try esp(), try bgp(), arp, try esp()])
        #expect(
            ledger.result.text
                == #"{"packets":4,"kinds":[{"kind":"discovery","packets":1},"#
                + #"{"kind":"esp","packets":2},{"kind":"bgp","packets":1}],"#
                + #""missing":[],"offending":0,"lost":0}"#)
    }

    @Test("keep the first packet that should not have passed")
    func offending() throws {
        let judge = WireJudge(only: [.esp], some: [.esp, .ike])
        let ledger = ledger(judge, [try esp(), try ping(customer), try bgp()])
        let result = ledger.result
        #expect(result["offending"] == 2)
        #expect(result["missing"]?.text == #"["ike"]"#)
        #expect(result["first"]?["at"] == 1)
        #expect(result["first"]?["direction"] == "a to b")
        #expect(
            result["first"]?["text"]?.string?.hasSuffix(
                "IPv4 10.0.0.1 > 10.0.0.1, ICMP echo request") == true)
        #expect(result["first"]?["octets"]?.string?.hasPrefix("0202") == true)
        #expect(result["first"]?["octets"]?.string?.count == 2 * (try ping(customer)).count)
    }

    @Test("judge labels and addresses")
    func labelsAndAddresses() throws {
        let labels = ledger(WireJudge(labels: [Label(16)]), [try labelled(16), try labelled(17)])
        #expect(labels.result["offending"] == 1)
        #expect(labels.result["first"]?["at"] == 1)
        let none = ledger(WireJudge(labels: []), [try labelled(16), try esp()])
        #expect(none.result["offending"] == 1)
        let never = WireJudge(never: [try #require(IPPrefix("10.0.0.0/8"))])
        let ledger = ledger(never, [try ping(core), arp, try ping(customer)])
        #expect(ledger.result["offending"] == 1)
        #expect(ledger.result["first"]?["at"] == 2)
    }
}

@Suite("What a path MTU probe says")
struct PathMTUTests {
    @Test("is the fate of both packets")
    func result() {
        #expect(
            PathMTUProbe.result(1400, .answered, .refused(by: "10.1.0.2", mtu: 1400)).text
                == #"{"passed":true,"refused-mtu":1400,"refused-by":"10.1.0.2","#
                + #""text":"1400 passes, 1401 is refused by 10.1.0.2 with 1400"}"#)
        #expect(
            PathMTUProbe.result(1400, .answered, .answered).text
                == #"{"passed":true,"text":"1400 passes, 1401 passes"}"#)
        #expect(
            PathMTUProbe.result(1400, .answered, .lost).text
                == #"{"passed":true,"text":"1400 passes, 1401 is not answered"}"#)
        #expect(
            PathMTUProbe.result(1400, .refused(by: "ce1", mtu: 1300), nil).text
                == #"{"passed":false,"text":"1400 is refused by ce1 with 1300"}"#)
    }
}
