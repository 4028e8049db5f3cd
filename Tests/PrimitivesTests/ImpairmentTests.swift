// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@Suite struct ImpairmentTests {
    @Test(
        arguments: [
            ("1%", 10_000), ("0.5%", 5000), ("100%", 1_000_000), ("0%", 0), ("0.0001%", 1),
            ("33.3333%", 333_333),
        ] as [(String, UInt32)])
    func `a share of packets is read exactly and written back`(text: String, millionths: UInt32) {
        #expect(PacketShare(text)?.millionths == millionths)
        #expect(PacketShare(text)?.description == text)
    }

    @Test(arguments: ["1", "101%", "-1%", "0.00001%", "1.%", ".5%", "%", "01%", "1 %", "1e1%"])
    func `what is no share is refused`(text: String) { #expect(PacketShare(text) == nil) }

    @Test(
        arguments: [
            ("10mbit", 10_000_000), ("1.5gbit", 1_500_000_000), ("64kbit", 64_000), ("800bit", 800),
            ("100gbit", 100_000_000_000), ("0.064mbit", 64_000),
        ] as [(String, UInt64)])
    func `a rate is read exactly`(text: String, bits: UInt64) {
        #expect(BitRate(text)?.bitsPerSecond == bits)
        #expect(BitRate(BitRate(text)?.description ?? "")?.bitsPerSecond == bits)
    }

    @Test(arguments: [
        "10", "10mbps", "0mbit", "1bit", "0.0001kbit", "99999999999999999999bit", "1.5.5mbit",
        "18446744073709551615gbit",
    ])
    func `what is no rate is refused`(text: String) { #expect(BitRate(text) == nil) }

    @Test func `an impairment goes through a message and makes sense`() throws {
        let whole = Impairment(
            delay: .milliseconds(20), jitter: .milliseconds(5),
            loss: try #require(PacketShare("1%")), rate: BitRate("10mbit"))
        #expect(whole.text == "delay 20ms, jitter 5ms, loss 1%, rate 10mbit")
        #expect(try Impairment(.object(whole.members)) == whole)
        #expect(Impairment().problem == "it needs a delay, a loss or a rate")
        #expect(Impairment(jitter: .milliseconds(1)).problem == "the jitter is at most the delay")
        #expect(Impairment(delay: .seconds(61)).problem == "a delay is at most 1m")
        #expect(throws: Impairment.Mistake(text: "'20' is not a time such as 20ms")) {
            try Impairment(["delay": "20"])
        }
    }
}
