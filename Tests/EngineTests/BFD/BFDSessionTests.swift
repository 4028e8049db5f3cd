// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Testing
import Wire

@Suite("One end of a BFD session")
struct BFDSessionTests {
    /// The table of RFC 5880 §6.2 and §6.8.6: state, what is heard, next state.
    static let transitions: [(BFDPacket.State, BFDPacket.State, BFDPacket.State)] = [
        (.down, .adminDown, .down), (.down, .down, .initialize), (.down, .initialize, .up),
        (.down, .up, .down),
        (.initialize, .adminDown, .down), (.initialize, .down, .initialize),
        (.initialize, .initialize, .up), (.initialize, .up, .up),
        (.up, .adminDown, .down), (.up, .down, .down), (.up, .initialize, .up), (.up, .up, .up),
        (.adminDown, .adminDown, .adminDown), (.adminDown, .down, .adminDown),
        (.adminDown, .initialize, .adminDown), (.adminDown, .up, .adminDown),
    ]

    private func bench(in state: BFDPacket.State) -> BFDBench {
        var bench = BFDBench()
        switch state {
        case .down: break
        case .initialize: bench.hear(.down)
        case .up: bench.hear(.initialize)
        case .adminDown:
            bench.hear(.initialize)
            bench.unwatch()
        }
        return bench
    }

    @Test(arguments: transitions)
    func everyTransition(
        from state: BFDPacket.State, by heard: BFDPacket.State, to next: BFDPacket.State
    ) throws {
        var bench = bench(in: state)
        try #require(bench.state == state)
        bench.hear(heard)
        #expect(bench.state == next)
        // Another state is said at once.
        #expect(bench.packets.map(\.state) == (next == state ? [] : [next]))
    }

    @Test(arguments: transitions)
    func clientsAreToldWhatItMeansToThem(
        from state: BFDPacket.State, by heard: BFDPacket.State, to next: BFDPacket.State
    ) {
        var bench = bench(in: state)
        bench.hear(heard)
        if next == .up, state != .up {
            #expect(bench.told == [true])
        } else if state == .up, heard == .down {
            #expect(bench.told == [false])
            #expect(bench.session?.diagnostic == .neighborSignaledDown)
        } else {
            // By the will of an operator nothing is broken (RFC 5882 §3.2).
            #expect(bench.told == [])
        }
    }

    @Test(arguments: [BFDPacket.State.initialize, .up])
    func silenceEndsASessionAfterTheDetectionTime(state: BFDPacket.State) throws {
        var bench = bench(in: state)
        bench.wait(.milliseconds(899))
        #expect(bench.state == state)
        let sent = bench.wait(.milliseconds(1))
        #expect(bench.state == .down)
        #expect(bench.session?.diagnostic == .detectionTimeExpired)
        let last = try #require(sent.last?.packet)
        #expect(last.state == .down && last.diagnostic == .detectionTimeExpired)
        #expect(last.yourDiscriminator == 0, "who is silent is forgotten")
    }

    /// Remote multiplier × the slower of what we can hear and what it wants to send (§6.8.4).
    @Test(arguments: [
        (300, 300, 3, 900), (300, 100, 3, 900), (300, 1000, 3, 3000), (50, 10, 5, 250),
        (10, 50, 1, 50), (1000, 1000, 255, 255_000),
    ])
    func detectionTimeIsThatOfTheStandard(
        ours: Int64, theirs: UInt32, multiplier: UInt8, expected: Int64
    ) {
        var bench = BFDBench(
            BFDParameters(
                transmitInterval: .milliseconds(400), receiveInterval: .milliseconds(ours),
                multiplier: 7))
        bench.comeUp {
            $0.desiredMinTxInterval = theirs * 1000
            $0.detectMultiplier = multiplier
        }
        #expect(bench.session?.detectionTime == .milliseconds(expected))
        #expect(bench.armed("detect") == .milliseconds(expected))
        #expect(bench.member("detection-time") == .string(Duration.milliseconds(expected).text))
    }

    // MARK: Transmission

    @Test func aSessionThatIsNotUpSpeaksOnceASecondAtMost() {
        var bench = BFDBench(BFDParameters(transmitInterval: .milliseconds(10)))
        #expect(bench.packets.map(\.desiredMinTxInterval) == [1_000_000])
        #expect(bench.packets.map(\.requiredMinRxInterval) == [10_000])
        #expect(bench.packets.map(\.requiredMinEchoRxInterval) == [0], "echo is not offered")
        let sent = bench.wait(.seconds(60))
        #expect((60...80).contains(sent.count), "\(sent.count) in a minute")
    }

    /// The slower of what we want to send and what the other end can hear, and up to a quarter less
    /// (§6.8.7); a tenth to a quarter less when one missing packet is a loss.
    @Test(arguments: [(300, 100, 3, 300), (100, 300, 3, 300), (100, 300, 1, 300)])
    func intervalsAreNegotiatedAndJittered(
        ours: Int64, theirs: UInt32, multiplier: UInt8, expected: Int64
    ) throws {
        var bench = BFDBench(
            BFDParameters(transmitInterval: .milliseconds(ours), multiplier: multiplier))
        bench.comeUp {
            $0.requiredMinRxInterval = theirs * 1000
            $0.detectMultiplier = 255
        }
        let moments = bench.wait(.seconds(30)).map(\.at)
        let gaps = zip(moments, moments.dropFirst()).map { $1 - $0 }
        let longest = Duration.milliseconds(multiplier == 1 ? expected * 9 / 10 : expected)
        #expect(gaps.allSatisfy { $0 <= longest && $0 >= .milliseconds(expected * 3 / 4) })
        #expect(Set(gaps).count > gaps.count / 2, "no two routers fall into step")
        #expect(try #require(gaps.max()) - (try #require(gaps.min())) > .milliseconds(20))
    }

    @Test func sessionsOfOneRouterSendTogether() {
        var bench = BFDBench()
        bench.wait(.milliseconds(400))
        let second = BFDKey(
            interface: "eth1", local: address("10.0.0.1"), remote: address("10.0.0.3"))
        bench.step {
            $0.watch(
                second, BFDParameters(transmitInterval: .milliseconds(300)),
                for: BFDBench.client, &$1)
        }
        let sent = bench.wait(.seconds(30))
        let moments = Dictionary(grouping: sent, by: \.packet.myDiscriminator)
            .mapValues { $0.map(\.at) }
        #expect(moments.count == 2)
        for times in moments.values {
            let gaps = zip(times, times.dropFirst()).map { $1 - $0 }
            #expect(gaps.allSatisfy { $0 >= .milliseconds(750) && $0 <= .seconds(1) })
            #expect(Set(gaps).count > 10, "jitter is left")
        }
        #expect(moments[1]?.suffix(20) == moments[2]?.suffix(20))
    }

    @Test func whoCanHearNothingIsSentNothing() {
        var bench = BFDBench()
        bench.comeUp { $0.requiredMinRxInterval = 0 }
        #expect(bench.wait(.milliseconds(800)).isEmpty)
        bench.hear(.up) { $0.isPoll = true }
        #expect(bench.packets.map(\.isFinal) == [true], "a Poll is answered nevertheless")
        #expect(!bench.wait(.milliseconds(800)).isEmpty, "it can hear again")
    }

    // MARK: Polls

    @Test func aPollIsAnsweredAtOnceByAFinalThatDoesNotAsk() throws {
        var bench = BFDBench()
        bench.hear(.initialize)
        #expect(bench.packets.map(\.isPoll) == [true], "the interval changed with the state")
        bench.hear(.up) { $0.isPoll = true }
        let answer = try #require(bench.packets.first)
        #expect(bench.packets.count == 1 && answer.isFinal && !answer.isPoll)
        bench.hear(.up) { $0.isFinal = true }
        #expect(bench.packets.isEmpty)
        #expect(bench.wait(.milliseconds(500)).allSatisfy { !$0.packet.isPoll })
    }

    @Test func slowerSendingWaitsForTheAnswer() {
        var bench = BFDBench()
        bench.comeUp()
        bench.watch(
            BFDParameters(transmitInterval: .seconds(2), receiveInterval: .milliseconds(300)))
        #expect(bench.packets.isEmpty, "a Poll is no packet of its own")
        #expect(bench.session?.transmitInterval == .milliseconds(300))
        let asking = bench.wait(.milliseconds(600))
        #expect(asking.count >= 2 && asking.allSatisfy { $0.packet.isPoll })
        #expect(asking.allSatisfy { $0.packet.desiredMinTxInterval == 2_000_000 })
        bench.hear(.up) { $0.isFinal = true }
        #expect(bench.session?.transmitInterval == .seconds(2))
    }

    @Test func fasterSendingDoesNotWait() throws {
        var bench = BFDBench(BFDParameters(transmitInterval: .seconds(2)))
        bench.comeUp()
        bench.watch(
            BFDParameters(transmitInterval: .milliseconds(300), receiveInterval: .seconds(2)))
        #expect(bench.session?.transmitInterval == .milliseconds(300))
        #expect(try #require(bench.armed("transmit")) <= .milliseconds(300))
        #expect(bench.wait(.milliseconds(300)).map(\.packet.isPoll) == [true])
    }

    @Test func soonerDetectionWaitsForTheAnswer() {
        var bench = BFDBench()
        bench.comeUp { $0.desiredMinTxInterval = 1000 }
        bench.watch(
            BFDParameters(
                transmitInterval: .milliseconds(300), receiveInterval: .milliseconds(50)))
        bench.hear(.up) { $0.desiredMinTxInterval = 1000 }
        #expect(bench.session?.detectionTime == .milliseconds(900))
        bench.hear(.up) {
            $0.desiredMinTxInterval = 1000
            $0.isFinal = true
        }
        #expect(bench.session?.detectionTime == .milliseconds(150))
    }

    @Test func laterDetectionDoesNotWait() {
        var bench = BFDBench()
        bench.comeUp()
        bench.watch(
            BFDParameters(transmitInterval: .milliseconds(300), receiveInterval: .seconds(1)))
        #expect(bench.session?.detectionTime == .seconds(3))
    }

    @Test func anAnswerToAnEarlierPollEndsNoLaterOne() {
        var bench = BFDBench()
        bench.comeUp()
        bench.watch(BFDParameters(transmitInterval: .seconds(1)))
        bench.watch(BFDParameters(transmitInterval: .seconds(2)))
        bench.hear(.up) { $0.isFinal = true }
        #expect(bench.session?.transmitInterval == .milliseconds(300))
        #expect(bench.wait(.milliseconds(300)).last?.packet.isPoll == true)
        bench.hear(.up) { $0.isFinal = true }
        #expect(bench.session?.transmitInterval == .seconds(2))
    }

    // MARK: Demand mode

    private func demandBench() -> BFDBench {
        var bench = BFDBench(
            BFDParameters(transmitInterval: .milliseconds(300), multiplier: 4, isDemand: true))
        bench.comeUp()
        return bench
    }

    @Test func inDemandModeSilenceIsNoLoss() {
        var bench = demandBench()
        let sent = bench.wait(.milliseconds(9900))
        #expect(bench.state == .up)
        #expect(sent.allSatisfy { $0.packet.isDemand && !$0.packet.isPoll })
    }

    @Test func inDemandModeAnUnansweredPollIsALoss() throws {
        var bench = demandBench()
        let start = bench.now
        let sent = bench.wait(.seconds(12))
        let first = try #require(sent.first { $0.packet.isPoll })
        let lost = try #require(sent.first { $0.packet.state == .down })
        #expect(first.at - start >= .seconds(10) && first.at - start <= .milliseconds(10_300))
        // Our own multiplier and interval count (§6.8.4), from the start of the sequence.
        #expect(lost.at - start == .milliseconds(11_200))
        #expect(lost.packet.diagnostic == .detectionTimeExpired)
    }

    @Test func inDemandModeAnAnsweredPollIsNone() {
        var bench = demandBench()
        for _ in 0..<5 {
            bench.wait(.milliseconds(10_100))
            bench.hear(.up) { $0.isFinal = true }
        }
        bench.wait(.milliseconds(2000))
        #expect(bench.state == .up)
    }

    @Test func whoIsInDemandModeIsSentNothingButPolls() {
        var bench = BFDBench()
        bench.comeUp { $0.isDemand = true }
        bench.wait(.milliseconds(100))
        #expect(bench.wait(.milliseconds(600)).isEmpty)
        bench.watch(BFDParameters(transmitInterval: .milliseconds(200)))
        let asking = bench.wait(.milliseconds(100))
        #expect(asking.map(\.packet.isPoll) == [true])
        bench.hear(.up) { ($0.isDemand, $0.isFinal) = (true, true) }
        #expect(bench.wait(.milliseconds(500)).isEmpty)
        bench.hear(.down) { $0.isDemand = true }
        #expect(bench.state == .down)
        #expect(!bench.wait(.seconds(1)).isEmpty, "demand mode ends with the session")
    }

    // MARK: Which packets

    @Test func aPacketFromBeyondTheLinkIsDropped() throws {
        var bench = BFDBench()
        let payload = try bench.packet(.down).encoded()
        bench.hear(payload) { $0.hopLimit = 254 }
        #expect(bench.state == .down)
        bench.hear(payload) { $0.interface = "eth2" }
        #expect(bench.state == .down)
        bench.hear(payload) { $0.source = .ip(address("10.0.0.3")) }
        #expect(bench.state == .down)
        bench.hear(payload) { $0.destination = .ip(address("10.0.0.9")) }
        #expect(bench.state == .down)
        bench.hear(payload) { $0.vrf = "red" }
        #expect(bench.state == .down)
        bench.hear(payload) { $0.channel = .bfdMultihop }
        #expect(bench.state == .down)
        bench.hear(Array(payload.dropLast()))
        #expect(bench.state == .down)
        bench.hear(.down) { $0.yourDiscriminator = 99 }
        #expect(bench.state == .down)
        bench.hear(payload) { $0.interface = nil }
        #expect(bench.state == .initialize)
    }

    @Test func severalHopsHaveAPortOfTheirOwnAndAnyTTL() throws {
        let key = BFDKey(
            vrf: "red", interface: nil, local: address("10.0.0.1"), remote: address("10.0.0.9"))
        var bench = BFDBench(BFDParameters(transmitInterval: .milliseconds(300)), key: key)
        let sent = bench.outputs.compactMap { output -> RoutingPacket? in
            if case .send(let packet) = output { packet } else { nil }
        }
        #expect(sent.map(\.channel) == [.bfdMultihop])
        #expect(sent.map(\.hopLimit) == [255] && sent.map(\.vrf) == ["red"])
        let payload = try bench.packet(.down).encoded()
        bench.hear(payload) { $0.channel = .bfd }
        #expect(bench.state == .down)
        bench.hear(payload) {
            $0.hopLimit = 3
            $0.interface = "eth7"
        }
        #expect(bench.state == .initialize)
    }

    // MARK: Clients

    @Test func ofSeveralClientsTheFastestCounts() {
        var bench = BFDBench(BFDParameters(transmitInterval: .seconds(1), multiplier: 5))
        bench.comeUp()
        let other = BFDClient.routing(RoutingProtocolID(.isis))
        bench.watch(
            BFDParameters(
                transmitInterval: .milliseconds(300), receiveInterval: .seconds(2), multiplier: 3),
            for: other)
        #expect(bench.told == [true], "who joins later hears how things are")
        #expect(
            bench.session?.parameters
                == BFDParameters(
                    transmitInterval: .milliseconds(300), receiveInterval: .seconds(1),
                    multiplier: 3))
        #expect(bench.member("clients") == ["isis", "bgp 10.0.0.2"])
        bench.unwatch(other)
        #expect(bench.session?.parameters.multiplier == 5)
        #expect(bench.state == .up)
    }

    @Test func theLastClientsLeavingIsAFarewell() {
        var bench = BFDBench()
        bench.comeUp()
        bench.unwatch()
        #expect(bench.packets.map(\.state) == [.adminDown])
        #expect(bench.packets.map(\.diagnostic) == [.administrativelyDown])
        let more = bench.wait(.milliseconds(2900))
        #expect(!more.isEmpty && more.allSatisfy { $0.packet.state == .adminDown })
        bench.wait(.milliseconds(100))
        #expect(bench.session == nil)
        #expect(bench.wait(.seconds(10)).isEmpty)
    }

    @Test func whoWatchesAgainDuringAFarewellHasTheSessionBack() {
        var bench = BFDBench()
        bench.comeUp()
        bench.unwatch()
        bench.watch(BFDParameters(transmitInterval: .milliseconds(300)))
        #expect(bench.packets.map(\.state) == [.down])
        bench.wait(.seconds(5))
        #expect(bench.state == .down)
        bench.comeUp()
        #expect(bench.state == .up)
    }

    @Test func aSessionThatIsNotUpIsLeftWithoutAWord() {
        var bench = BFDBench()
        bench.unwatch()
        #expect(bench.session == nil && bench.packets.isEmpty && bench.timers.isEmpty)
    }

    @Test func aRouterThatStopsSaysSoOnce() {
        var bench = BFDBench()
        bench.comeUp()
        bench.step { $0.shutDown(&$1) }
        #expect(bench.packets.map(\.state) == [.adminDown])
        #expect(bench.told == [])
    }

    @Test func theSessionGoesWithItsLink() {
        var bench = BFDBench()
        bench.comeUp()
        bench.step { $0.interface("eth1", isUp: false, &$1) }
        #expect(bench.state == .down && bench.told == [false])
        #expect(bench.session?.diagnostic == .pathDown)
        #expect(bench.packets.isEmpty && bench.timers.isEmpty)
        bench.hear(.down)
        #expect(bench.state == .down, "nothing comes by a link that is down")
        bench.step { $0.interface("eth1", isUp: true, &$1) }
        #expect(bench.packets.map(\.state) == [.down])
        bench.comeUp()
        #expect(bench.state == .up)
    }

    @Test func aFarewellEndsWithItsLink() {
        var bench = BFDBench()
        bench.comeUp()
        bench.unwatch()
        bench.step { $0.interface("eth1", isUp: false, &$1) }
        #expect(bench.session == nil && bench.timers.isEmpty)
    }

    /// What happens first does not wait for what clients make of it.
    @Test func theOtherEndHearsOfALossBeforeClientsDo() throws {
        var bench = BFDBench()
        bench.comeUp()
        bench.hear(.down)
        let places = bench.outputs.indices
        let send = places.first { if case .send = bench.outputs[$0] { true } else { false } }
        let told = places.first { if case .changed = bench.outputs[$0] { true } else { false } }
        #expect(try #require(send) < (try #require(told)))
    }
}
