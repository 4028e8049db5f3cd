// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Testing
import Wire

@Suite("Two ends of a BFD session")
struct BFDLinkTests {
    private let fast = BFDParameters(transmitInterval: .milliseconds(300))

    @Test func twoThatStartTogetherAreUpAtOnce() {
        var link = BFDLink(fast)
        link.wait(.milliseconds(10))
        #expect(link.areUp)
        #expect(link.told.map(\.isUp) == [true, true])
    }

    @Test func intervalsThatDifferAreNegotiatedBothWays() throws {
        var link = BFDLink(
            BFDParameters(
                transmitInterval: .milliseconds(50), receiveInterval: .milliseconds(200),
                multiplier: 4),
            BFDParameters(transmitInterval: .milliseconds(100), multiplier: 2))
        link.wait(.seconds(5))
        let (a, b) = (try #require(link.ends[0].sessions.first), link.ends[1].sessions[0])
        #expect(a.transmitInterval == .milliseconds(100))
        #expect(b.transmitInterval == .milliseconds(200))
        #expect(a.detectionTime == .milliseconds(400))
        #expect(b.detectionTime == .milliseconds(400))
        #expect(link.areUp && link.told.count == 2)
    }

    @Test func aCutBothWaysIsNoticedWithinTheDetectionTime() {
        var link = BFDLink(fast)
        link.wait(.seconds(10))
        let cut = link.now
        link.carries = { _ in false }
        link.wait(.seconds(5))
        let losses = link.told.filter { !$0.isUp }
        #expect(losses.count == 2)
        for loss in losses {
            let time = loss.at - cut
            #expect(time > .milliseconds(600) && time <= .milliseconds(901), "\(time.text)")
        }
        link.carries = { _ in true }
        link.wait(.seconds(3))
        #expect(link.areUp)
    }

    @Test func aCutOneWayIsToldTheOtherWay() throws {
        var link = BFDLink(fast)
        link.wait(.seconds(10))
        link.carries = { $0 == 1 }
        link.wait(.seconds(5))
        let losses = link.told.filter { !$0.isUp }
        try #require(losses.count == 2)
        #expect(losses.map(\.end) == [1, 0])
        #expect(losses[1].at - losses[0].at == link.delay, "by the packet that says so")
        #expect(link.ends[0].sessions.first?.diagnostic == .neighborSignaledDown)
        #expect(link.state(1) != .up)
    }

    @Test func twoLostPacketsOfThreeAreNoLoss() {
        var link = BFDLink(fast)
        link.wait(.seconds(10))
        for _ in 0..<20 {
            link.carries = { _ in false }
            link.wait(.milliseconds(450))
            link.carries = { _ in true }
            link.wait(.milliseconds(400))
        }
        #expect(link.areUp && link.told.count == 2)
    }

    @Test func aLinkThatFlapsEndsAsItIsLeft() {
        var link = BFDLink(fast)
        for round in 1...25 {
            link.carries = { _ in true }
            link.wait(.milliseconds(Int64(700 + 131 * round)))
            link.carries = { _ in false }
            link.wait(.milliseconds(Int64(300 + 97 * round)))
        }
        #expect(link.told.count > 40)
        for end in 0...1 {
            let news = link.told.filter { $0.end == end }.map(\.isUp)
            #expect(zip(news, news.dropFirst()).allSatisfy { $0 != $1 }, "each change once")
        }
        link.carries = { _ in true }
        link.wait(.seconds(3))
        #expect(link.areUp)
        link.wait(.seconds(30))
        let count = link.told.count
        link.wait(.seconds(600))
        #expect(link.areUp && link.told.count == count)
    }

    @Test func oneThatBeginsAnewIsFoundAgain() {
        var link = BFDLink(fast)
        link.wait(.seconds(5))
        link.step(0) { sessions, step in
            sessions = BFDSessions()
            sessions.interface("eth1", isUp: true, &step)
            sessions.watch(BFDLink.keys[0], self.fast, for: BFDBench.client, &step)
        }
        link.wait(.seconds(5))
        #expect(link.areUp)
        #expect(link.told.filter { $0.end == 1 }.map(\.isUp) == [true, false, true])
    }

    @Test func aFarewellIsNoLoss() {
        var link = BFDLink(fast)
        link.wait(.seconds(5))
        link.step(0) { $0.unwatch(BFDLink.keys[0], for: BFDBench.client, &$1) }
        link.wait(.seconds(10))
        #expect(link.ends[0].sessions.isEmpty)
        #expect(link.state(1) == .down)
        #expect(link.told.map(\.isUp) == [true, true], "nobody was told of a loss")
        link.watch(0, fast)
        link.wait(.seconds(3))
        #expect(link.areUp)
    }

    @Test func parametersThatChangeInServiceCostNothing() throws {
        var link = BFDLink(fast)
        link.wait(.seconds(5))
        for interval in [2000, 50, 700, 10, 1000] as [Int64] {
            link.watch(0, BFDParameters(transmitInterval: .milliseconds(interval)))
            link.wait(.seconds(9))
            let used = max(Duration.milliseconds(interval), .milliseconds(300))
            #expect(link.ends[0].sessions.first?.transmitInterval == used)
            #expect(link.ends[1].sessions.first?.detectionTime == used * 3)
            #expect(link.ends[0].sessions.first?.detectionTime == used * 3)
        }
        #expect(link.areUp && link.told.count == 2)
    }

    @Test func demandModeOfBothQuietensBoth() {
        let demand = BFDParameters(transmitInterval: .milliseconds(300), isDemand: true)
        var link = BFDLink(demand)
        link.wait(.seconds(30))
        #expect(link.areUp)
        let before = link.record.count { $0.contains("send") }
        link.wait(.seconds(100))
        let sent = link.record.count { $0.contains("send") } - before
        #expect((20...80).contains(sent), "\(sent) packets in 100 s: Polls and their answers")
        link.carries = { _ in false }
        link.wait(.seconds(12))
        #expect(link.told.filter { !$0.isUp }.count == 2)
    }

    @Test func theSameEventsGiveTheSameOutputs() {
        func life() -> [String] {
            var link = BFDLink(fast, BFDParameters(transmitInterval: .milliseconds(70)))
            link.wait(.seconds(20))
            link.carries = { $0 == 0 }
            link.wait(.seconds(3))
            link.carries = { _ in true }
            link.wait(.seconds(20))
            return link.record
        }
        #expect(life() == life())
    }
}
