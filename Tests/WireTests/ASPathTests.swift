// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import Wire

@Suite("AS paths")
struct ASPathTests {
    @Test(arguments: [
        "", "65500", "65500 1 1", "{2 3}", "65500 {2 3} 4", "{2} {3}", "4200000000 1",
    ])
    func readBackAsWritten(text: String) {
        #expect(ASPath(text)?.description == text)
    }

    @Test(arguments: ["x", "1 {2", "2} 1", "{{1}}", "1,2", "{1 {2}}", "-1"])
    func rejectsWhatIsNoPath(text: String) {
        #expect(ASPath(text) == nil)
    }

    @Test func aSetCountsAsOne() {
        #expect(value("1 2 {3 4 5} 6", as: ASPath.self).length == 4)
        #expect(ASPath().length == 0)
    }

    @Test func prependingJoinsTheFirstSequence() {
        let path = value("1 2", as: ASPath.self)
        #expect(path.prepending(ASNumber(9), times: 2).description == "9 9 1 2")
        #expect(path.prepending(ASNumber(9), times: 2).segments.count == 1)
        #expect(path.prepending(ASNumber(9), times: 0) == path)
        #expect(value("{1 2}", as: ASPath.self).prepending(ASNumber(9)).description == "9 {1 2}")
        #expect(ASPath().prepending(ASNumber(9)).description == "9")
    }

    @Test func endsAndOccurrencesAreFound() {
        let path = value("7 1 7 {7 8} 9", as: ASPath.self)
        #expect(path.count(of: ASNumber(7)) == 3)
        #expect(path.neighborAS == ASNumber(7))
        #expect(path.originAS == ASNumber(9))
        #expect(value("{1}", as: ASPath.self).neighborAS == nil)
        #expect(path.replacing(ASNumber(7), with: ASNumber(1)).description == "1 1 1 {1 8} 9")
    }

    @Test(arguments: [
        // AS_PATH as a 2-octet speaker sends it, AS4_PATH, what they mean together.
        ("65500 23456", "65500 4200000000", "65500 4200000000"),
        ("5 65500 23456", "65500 4200000000", "5 65500 4200000000"),
        ("5 6 23456 23456", "4200000000 4200000001", "5 6 4200000000 4200000001"),
        ("{5 6} 23456", "4200000000", "{5 6} 4200000000"),
        ("23456", "5 4200000000", "23456"),
        ("5 23456 {23456 7}", "4200000000 {4200000001 7}", "5 4200000000 {4200000001 7}"),
    ])
    func theShadowPathRestoresLargeNumbers(path: String, shadow: String, merged: String) {
        var received = ReceivedAttributes()
        received.attributes.asPath = value(path)
        received.as4Path = value(shadow)
        received.mergeFourOctetNumbers()
        #expect(received.attributes.asPath.description == merged)
    }

    @Test func anAggregatorThatKnewNo4OctetNumbersMakesBothShadowsStale() {
        var received = ReceivedAttributes()
        received.attributes.asPath = value("5 23456")
        received.as4Path = value("4200000000")
        received.attributes.aggregator = .init(asNumber: ASNumber(5), address: value("1.1.1.1"))
        received.as4Aggregator = .init(
            asNumber: ASNumber(4_200_000_000), address: value("2.2.2.2"))
        received.mergeFourOctetNumbers()
        #expect(received.attributes.asPath.description == "5 23456")
        #expect(received.attributes.aggregator?.asNumber == ASNumber(5))
    }

    /// RFC 6793 §4.2.3 speaks of both shadows: an aggregator whose number fits has but one.
    @Test func anAggregatorWithoutAShadowLeavesThePathsItsOwn() {
        var received = ReceivedAttributes()
        received.attributes.asPath = value("5 23456")
        received.as4Path = value("5 4200000000")
        received.attributes.aggregator = .init(asNumber: ASNumber(5), address: value("1.1.1.1"))
        received.mergeFourOctetNumbers()
        #expect(received.attributes.asPath.description == "5 4200000000")
        #expect(received.attributes.aggregator?.asNumber == ASNumber(5))
    }

    @Test func longSequencesAreWrittenAsSeveralSegments() throws {
        let numbers = (1...600).map { ASNumber(UInt32($0)) }
        let update = BGPUpdate(
            announced: [
                .init(
                    family: .ipv4Unicast, nextHop: value("1.1.1.1"),
                    nlri: BGPFixture.routes("10.0.0.0/8"))
            ], attributes: PathAttributes(asPath: ASPath(numbers)))
        let context = BGPCodecContext(fourOctetAS: true, isInternal: false)
        let octets = try BGPMessage.update(update).encoded(in: context)
        let decoded = try BGPMessage(decoding: octets, in: context)
        guard case .update(let update) = decoded else {
            Issue.record("not an UPDATE")
            return
        }
        #expect(update.attributes?.asPath.segments.map(\.asNumbers.count) == [255, 255, 90])
        #expect(update.attributes?.asPath.asNumbers == numbers)
    }
}
