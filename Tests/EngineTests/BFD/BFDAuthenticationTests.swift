// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Testing
import Wire

@Suite("Authentication of a BFD session")
struct BFDAuthenticationTests {
    static let kinds: [Authentication.Method] = [
        .clear, .md5, .meticulousMD5, .sha1, .meticulousSHA1,
    ]

    private func parameters(_ kind: Authentication.Method, _ key: String = "s3cret")
        -> BFDParameters
    {
        BFDParameters(
            transmitInterval: .milliseconds(300),
            authentication: Authentication(method: kind, keyID: 1, password: key))
    }

    private func wireKey(_ kind: BFDAuthentication.Kind?) throws -> BFDAuthenticationKey {
        try #require(
            BFDAuthenticationKey(keyID: 1, kind: kind, secret: Array("s3cret".utf8)))
    }

    /// A packet of the other end, signed.
    private func hear(
        _ bench: inout BFDBench, _ state: BFDPacket.State, _ kind: BFDAuthentication.Kind,
        sequence: UInt32
    ) throws {
        bench.hear(
            try bench.packet(state).encoded(signedBy: try wireKey(kind), sequence: sequence))
    }

    @Test(arguments: kinds)
    func twoThatShareAKeyComeUp(kind: Authentication.Method) {
        var link = BFDLink(parameters(kind))
        link.wait(.seconds(3))
        #expect(link.areUp)
        link.wait(.seconds(60))
        #expect(link.areUp && link.told.count == 2, "and stay so")
    }

    @Test(arguments: kinds, kinds)
    func twoThatShareNoneDoNot(one: Authentication.Method, other: Authentication.Method) {
        var link = BFDLink(parameters(one), parameters(other, one == other ? "other" : "s3cret"))
        link.wait(.seconds(10))
        #expect(link.state(0) == .down && link.state(1) == .down)
        #expect(link.ends[0].show(at: link.now)["sessions"]?[0]?["last-error"] != nil)
    }

    @Test func oneThatHasNoneDoesNotSpeakToOneThatHas() {
        var link = BFDLink(parameters(.sha1), BFDParameters(transmitInterval: .milliseconds(300)))
        link.wait(.seconds(10))
        #expect(link.state(0) == .down && link.state(1) == .down)
    }

    @Test func aKeyThatDoesNotFitItsUseSendsNothing() {
        var bench = BFDBench(parameters(.md5, "seventeen octets!"))
        #expect(bench.packets.isEmpty)
        #expect(bench.wait(.seconds(5)).isEmpty)
        bench.hear(.down)
        #expect(bench.state == .down)
        bench.watch(parameters(.sha1, "seventeen octets!"))
        #expect(!bench.wait(.seconds(2)).isEmpty)
    }

    /// Sequence number after 100, whether a meticulous session takes it, and another (§6.7.3).
    @Test(arguments: [
        (UInt32(99), false, false), (100, false, true), (101, true, true), (109, true, true),
        (110, false, false), (0, false, false), (0x8000_0000, false, false),
    ])
    func aSequenceNumberMustBeNewAndNotFarAhead(
        sequence: UInt32, meticulous: Bool, other: Bool
    ) throws {
        for (kind, wire, isTaken) in [
            (
                Authentication.Method.meticulousSHA1, BFDAuthentication.Kind.meticulousKeyedSHA1,
                meticulous
            ),
            (.sha1, .keyedSHA1, other), (.meticulousMD5, .meticulousKeyedMD5, meticulous),
            (.md5, .keyedMD5, other),
        ] {
            var bench = BFDBench(parameters(kind))
            try hear(&bench, .initialize, wire, sequence: 100)
            try #require(bench.state == .up)
            try hear(&bench, .down, wire, sequence: sequence)
            #expect((bench.state == .down) == isTaken, "\(kind)")
        }
    }

    @Test func theWindowGoesRoundZero() throws {
        var bench = BFDBench(parameters(.meticulousSHA1))
        try hear(&bench, .initialize, .meticulousKeyedSHA1, sequence: .max)
        try hear(&bench, .down, .meticulousKeyedSHA1, sequence: 0)
        #expect(bench.state == .down)
    }

    @Test func whatWasRecordedIsNotTakenAgain() throws {
        var bench = BFDBench(parameters(.meticulousMD5))
        let key = try wireKey(.meticulousKeyedMD5)
        let recorded = try bench.packet(.down).encoded(signedBy: key, sequence: 7)
        bench.hear(recorded)
        #expect(bench.state == .initialize)
        bench.hear(try bench.packet(.up).encoded(signedBy: key, sequence: 8))
        #expect(bench.state == .up)
        bench.hear(recorded)
        #expect(bench.state == .up)
        #expect(bench.member("last-error") == "sequence number 7 after 8")
    }

    /// bfd.AuthSeqKnown (§6.8.1): the other end may have begun anew.
    @Test func anyNumberCountsAfterTwiceTheDetectionTime() throws {
        var bench = BFDBench(parameters(.meticulousSHA1))
        try hear(&bench, .initialize, .meticulousKeyedSHA1, sequence: 1000)
        bench.wait(.milliseconds(1700))
        try hear(&bench, .down, .meticulousKeyedSHA1, sequence: 3)
        #expect(
            bench.state == .down && bench.member("last-error") == "sequence number 3 after 1000")
        bench.wait(.milliseconds(100))
        try hear(&bench, .down, .meticulousKeyedSHA1, sequence: 3)
        #expect(bench.state == .initialize)
    }

    @Test(arguments: [Authentication.Method.md5, .meticulousMD5])
    func everyMeticulousPacketHasANumberOfItsOwn(kind: Authentication.Method) throws {
        var bench = BFDBench(parameters(kind))
        let numbers = bench.wait(.seconds(10)).compactMap { _, packet -> UInt32? in
            guard case .digest(_, let sequence, _) = packet.authentication?.proof else {
                return nil
            }
            return sequence
        }
        #expect(numbers.count > 8)
        let steps = zip(numbers, numbers.dropFirst()).map { $1 &- $0 }
        #expect(Set(steps) == (kind == .md5 ? [0] : [1]))
    }
}
