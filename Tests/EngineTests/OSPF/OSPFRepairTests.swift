// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import Engine

/// What gets better is taken up in an order in which no packet is led astray, on any network.
@Suite("OSPF: repairs")
struct OSPFRepairTests {
    /// A ring with ways across.
    private static func plan(_ seed: UInt64) -> OSPFNetwork.Plan {
        var dice = OSPFDice(seed: seed)
        var plan = OSPFNetwork.Plan()
        plan.throttle = SPFThrottle(maximumInterval: .milliseconds(200))
        let count = Int.random(in: 5...9, using: &dice)
        for router in 0..<count {
            plan.link(router, (router + 1) % count, cost: UInt16.random(in: 1...9, using: &dice))
        }
        for _ in 0..<count / 2 {
            let a = Int.random(in: 0..<count, using: &dice)
            let b = (a + Int.random(in: 1..<count, using: &dice)) % count
            let cost = UInt16.random(in: 1...9, using: &dice)
            if Bool.random(using: &dice) {
                plan.link(a, b, cost: cost)
            } else {
                plan.lan([a, b], cost: cost)
            }
        }
        return plan
    }

    /// The second of two links side by side has just come, and waits for its turn, when the first
    /// goes: then it is what is needed.
    @Test func aLinkBesideALostOneIsNotWaitedFor() {
        var plan = OSPFNetwork.Plan()
        plan.throttle = SPFThrottle(maximumInterval: .milliseconds(200))
        plan.link(0, 1, cost: 5)
        plan.link(0, 1, cost: 5)
        plan.link(1, 2, cost: 5)
        var network = OSPFNetwork(plan)
        network.start()
        network.set(1, isUp: false)
        network.run(for: .seconds(80))
        network.set(1, isUp: true)
        network.run(for: .milliseconds(300))
        #expect(network.neighborStates(0, 1)[1] == .full)
        network.set(0, isUp: false)
        network.run(for: .milliseconds(210))
        let route = network.route(0, to: 2)
        #expect(route?.nextHops.map(\.interface) == [plan.segments[1].name])
    }

    @Test(arguments: UInt64(1)...6)
    func whenALinkComesBackNoPacketGoesAstray(seed: UInt64) {
        let plan = Self.plan(seed)
        let expected = FloydWarshall(plan)
        var network = OSPFNetwork(plan)
        network.start()
        network.run(for: .seconds(80))
        for segment in plan.segments.indices {
            network.set(segment, isUp: false)
            network.run(for: .seconds(2))
            network.set(segment, isUp: true)
            let end = network.now + .seconds(70)
            var stray: String?
            var seen: [Instant] = []
            repeat {
                guard network.lastChange != seen else { continue }
                seen = network.lastChange
                stray = stray ?? network.stray
            } while network.step(before: end)
            #expect(stray == nil, "\(plan.segments[segment].name)")
            for a in 0..<plan.routerCount {
                for b in 0..<plan.routerCount where a != b {
                    #expect(network.nextRouters(a, to: b) == expected.nextRouters(a, to: b))
                }
            }
        }
    }
}

extension OSPFNetwork {
    /// A way by the routes as they are that does not get where it ought to; nil where all do.
    fileprivate var stray: String? {
        for to in 0..<plan.routerCount {
            // Who leads there, found from the destination backwards.
            var good: Set<Int> = [to]
            var isGrowing = true
            while isGrowing {
                isGrowing = false
                for from in 0..<plan.routerCount where !good.contains(from) {
                    let next = nextRouters(from, to: to)
                    guard !next.isEmpty, next.isSubset(of: good) else { continue }
                    good.insert(from)
                    isGrowing = true
                }
            }
            let bad = (0..<plan.routerCount).filter { !good.contains($0) }
            if !bad.isEmpty {
                let ways = bad.map { "\($0) by \(nextRouters($0, to: to).sorted())" }
                return "\(now): to \(to): \(ways)"
            }
        }
        return nil
    }
}
