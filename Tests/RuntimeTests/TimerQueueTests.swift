// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Testing

@testable import Runtime

@Suite("Timers")
struct TimerQueueTests {
    private func timer(_ number: UInt8) -> TimerID {
        let address = IPAddress(IPv4Address(bits: UInt32(number)))
        return .hold(NeighborKey(vrf: nil, address: address))
    }

    private func drain(_ queue: inout TimerQueue, until end: Int64) -> [TimerID] {
        var popped: [TimerID] = []
        while let id = queue.popDue(at: Instant(nanoseconds: end)) { popped.append(id) }
        return popped
    }

    @Test("run out in the order of their moments, and at one moment in the order of their names")
    func order() {
        var queue = TimerQueue()
        for (group, at) in [(3, 20), (1, 30), (2, 20), (9, 10), (4, 20)] {
            queue.arm(timer(UInt8(group)), at: Instant(nanoseconds: Int64(at)))
        }
        #expect(drain(&queue, until: 20) == [timer(9), timer(2), timer(3), timer(4)])
        #expect(queue.next == Instant(nanoseconds: 30))
        #expect(drain(&queue, until: 29).isEmpty)
    }

    @Test("armed anew replace themselves, whether sooner or later")
    func replacement() {
        var queue = TimerQueue()
        for group in 1...5 {
            queue.arm(timer(UInt8(group)), at: Instant(nanoseconds: Int64(group) * 10))
        }
        queue.arm(timer(1), at: Instant(nanoseconds: 45))
        queue.arm(timer(5), at: Instant(nanoseconds: 5))
        #expect(queue.count == 5)
        #expect(
            drain(&queue, until: 100) == [timer(5), timer(2), timer(3), timer(4), timer(1)])
    }

    @Test("agree with a plain list over a long mixture of arming, cancelling and running out")
    func model() {
        var queue = TimerQueue()
        var model: [TimerID: Int64] = [:]
        var state: UInt64 = 42
        func random(_ bound: UInt64) -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return (state >> 33) % bound
        }
        for step in 0..<5000 {
            let id = timer(UInt8(random(40)))
            switch random(4) {
            case 0:
                queue.cancel(id)
                model[id] = nil
            case 1:
                let now = Int64(random(1000))
                let first = model.min { ($0.value, $0.key) < ($1.value, $1.key) }
                let due = first.flatMap { $0.value <= now ? $0.key : nil }
                let popped = queue.popDue(at: Instant(nanoseconds: now))
                #expect(popped == due, "step \(step)")
                if let due { model[due] = nil }
            default:
                let at = Int64(random(1000))
                queue.arm(id, at: Instant(nanoseconds: at))
                model[id] = at
            }
            #expect(queue.count == model.count)
            #expect(queue.next?.nanoseconds == model.values.min())
        }
    }
}
