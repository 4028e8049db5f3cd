// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Testing
import Wire

/// The transitions of RFC 4271 §8.2.2 on a single connection.
@Suite struct SessionStateTests {
    @Test func `a session connects at once when it starts`() {
        var bench = SessionBench()
        bench.start()
        #expect(bench.state == "connect")
        #expect(bench.outputs.contains(.effect(.connect(bench.outgoing, .bgp(bench.key)))))
        #expect(bench.armed(.connectRetry(bench.key)) == .seconds(3))
    }

    @Test func `a passive session waits to be connected to`() {
        var bench = SessionBench { $0.isPassive = true }
        bench.start()
        #expect(bench.state == "active")
        #expect(
            bench.outputs == [
                .effect(.report(.session(bench.key, state: "active", reason: nil)))
            ])
        bench.event(bench.incoming(), .accepted(.bgp(bench.key)))
        #expect(bench.state == "opensent")
    }

    @Test func `a deactivated session neither connects nor accepts`() {
        var bench = SessionBench { $0.isDeactivated = true }
        bench.start()
        #expect(bench.state == "idle")
        #expect(bench.outputs.isEmpty)
        bench.event(bench.incoming(), .accepted(.bgp(bench.key)))
        #expect(bench.notification(on: bench.incoming()) == "Cease/Connection Rejected")
        #expect(bench.closes(bench.incoming()))
        #expect(bench.state == "idle")
    }

    @Test func `a connection brings our OPEN and the large hold time`() {
        var bench = SessionBench { $0.families = [.vpnv4, .ipv4Unicast] }
        let id = bench.connect()
        #expect(bench.state == "opensent")
        #expect(bench.cancels(.connectRetry(bench.key)))
        #expect(bench.armed(.hold(bench.key)) == .seconds(240))
        guard case .open(let open)? = bench.sent(on: id).first else {
            Issue.record("no OPEN")
            return
        }
        #expect(open.version == 4)
        #expect(open.asNumber == ASNumber(65001))
        #expect(open.identifier == SessionBench.local)
        #expect(open.families == [.vpnv4, .ipv4Unicast])
        #expect(open.hasRouteRefresh && open.hasFourOctetAS)
    }

    @Test func `a good OPEN is confirmed by KEEPALIVE with the smaller hold time`() {
        var bench = SessionBench { $0.holdTime = 30 }
        let id = bench.connect()
        bench.receive([bench.open(holdTime: 90)], on: id)
        #expect(bench.state == "openconfirm")
        #expect(bench.sent(on: id) == [.keepalive])
        #expect(bench.armed(.hold(bench.key)) == .seconds(30))
        #expect(bench.armed(.keepalive(bench.key)) == .seconds(10))
        #expect(bench.up == nil)
    }

    @Test func `a KEEPALIVE establishes the session with what both announced`() {
        var bench = SessionBench { $0.families = [.vpnv4, .ipv6Unicast, .ipv4Unicast] }
        let id = bench.connect()
        bench.receive([bench.open(families: [.ipv4Unicast, .vpnv4]), .keepalive], on: id)
        #expect(bench.state == "established")
        #expect(bench.up?.families == [.vpnv4, .ipv4Unicast])
        #expect(bench.up?.routerID == SessionBench.higher)
        #expect(bench.up?.canRefresh == true)
        #expect(bench.up?.isFourOctetAS == true)
    }

    @Test func `octets may come in any pieces`() {
        var bench = SessionBench()
        let id = bench.connect()
        for octet in octets(bench.open()) + octets(.keepalive) {
            bench.event(id, .received([octet]))
        }
        #expect(bench.state == "established")
    }

    @Test func `a neighbor without multiprotocol capability speaks IPv4 unicast`() {
        var bench = SessionBench { $0.families = [.vpnv4, .ipv4Unicast] }
        let id = bench.connect()
        let open = BGPOpen(
            myAS: 65002, holdTime: 90, identifier: SessionBench.higher, capabilities: [])
        bench.receive([.open(open), .keepalive], on: id)
        #expect(bench.up?.families == [.ipv4Unicast])
        #expect(bench.up?.isFourOctetAS == false)
        #expect(bench.up?.canRefresh == false)
    }

    @Test func `unknown capabilities are ignored`() {
        var bench = SessionBench()
        let id = bench.connect()
        let open = BGPOpen(
            myAS: 65002, holdTime: 90, identifier: SessionBench.higher,
            capabilities: [
                .other(code: 200, value: [1, 2, 3]), .gracefulRestart([0, 120]),
                .multiprotocol(.ipv4Unicast), .multiprotocol(.ipv4Unicast),
            ])
        bench.receive([.open(open), .keepalive], on: id)
        #expect(bench.state == "established")
        #expect(bench.up?.families == [.ipv4Unicast])
    }

    @Test func `hold time 0 on either side means no keepalives and no hold timer`() {
        for (ours, theirs) in [(UInt16(0), UInt16(90)), (90, 0), (0, 0)] {
            var bench = SessionBench { $0.holdTime = ours }
            let id = bench.connect()
            bench.receive([bench.open(holdTime: theirs)], on: id)
            #expect(bench.state == "openconfirm")
            #expect(bench.cancels(.hold(bench.key)), "the large one of OpenSent")
            #expect(bench.armed(.hold(bench.key)) == nil)
            #expect(bench.armed(.keepalive(bench.key)) == nil)
            bench.receive([.keepalive], on: id)
            #expect(bench.state == "established")
            bench.wait(.seconds(100_000))
            bench.timer(.hold(bench.key))
            #expect(bench.state == "established")
            #expect(bench.outputs.isEmpty)
        }
    }

    @Test func `keepalives go out every third of the hold time`() {
        var bench = SessionBench()
        let id = bench.establish(holdTime: 12)
        bench.wait(.seconds(4))
        bench.timer(.keepalive(bench.key))
        #expect(bench.sent(on: id) == [.keepalive])
        #expect(bench.armed(.keepalive(bench.key)) == .seconds(4))
    }

    @Test func `whatever is heard defers the hold timer`() {
        var bench = SessionBench()
        let id = bench.establish(holdTime: 9)
        bench.wait(.seconds(6))
        bench.receive([.keepalive], on: id)
        bench.wait(.seconds(3))
        bench.timer(.hold(bench.key))
        #expect(bench.state == "established")
        #expect(bench.armed(.hold(bench.key)) == .seconds(6))
    }

    @Test func `a failed connect is tried ten times every 100 ms, then ever later up to 2 s`() {
        var bench = SessionBench()
        bench.start()
        var delays: [Duration] = []
        for _ in 0..<17 {
            bench.event(bench.outgoing, .failed(reason: "refused"))
            #expect(bench.state == "active")
            let delay = bench.armed(.connectRetry(bench.key)) ?? .zero
            delays.append(delay)
            bench.wait(delay)
            bench.timer(.connectRetry(bench.key))
            #expect(bench.state == "connect")
        }
        let expected = [Int](repeating: 100, count: 10) + [200, 400, 800, 1600, 2000, 2000, 2000]
        #expect(delays == expected.map { .milliseconds($0) })
        #expect(bench.session.lastError == "refused")
    }

    @Test func `an interface that comes up makes a waiting session try at once`() {
        var bench = SessionBench()
        bench.start()
        for _ in 0..<15 {
            bench.event(bench.outgoing, .failed(reason: "refused"))
            bench.timer(.connectRetry(bench.key))
        }
        bench.event(bench.outgoing, .failed(reason: "refused"))
        #expect(bench.armed(.connectRetry(bench.key)) == .seconds(2))
        bench.start()
        #expect(bench.state == "connect")
        bench.event(bench.outgoing, .failed(reason: "refused"))
        #expect(bench.armed(.connectRetry(bench.key)) == .milliseconds(100))
    }

    @Test func `an interface that comes up during a connect shortens its time`() {
        var bench = SessionBench()
        bench.start()
        let first = bench.outgoing
        bench.start()
        #expect(bench.armed(.connectRetry(bench.key)) == .milliseconds(100))
        bench.timer(.connectRetry(bench.key))
        #expect(bench.closes(first))
        #expect(bench.outgoing != first)
        #expect(bench.state == "connect")
    }

    @Test func `a passive session never connects by itself`() {
        var bench = SessionBench { $0.isPassive = true }
        bench.start()
        bench.event(bench.incoming(), .accepted(.bgp(bench.key)))
        bench.event(bench.incoming(), .closed(reason: "reset"))
        #expect(bench.state == "active")
        #expect(bench.armed(.connectRetry(bench.key)) == nil)
        bench.timer(.connectRetry(bench.key))
        #expect(bench.state == "active")
        #expect(bench.outputs.isEmpty)
    }

    @Test func `a neighbor may come in while we wait to try again`() {
        var bench = SessionBench()
        bench.start()
        bench.event(bench.outgoing, .failed(reason: "refused"))
        bench.event(bench.incoming(), .accepted(.bgp(bench.key)))
        #expect(bench.cancels(.connectRetry(bench.key)))
        bench.receive([bench.open(), .keepalive], on: bench.incoming())
        #expect(bench.state == "established")
    }

    @Test func `deactivation says administrative shutdown and stays down`() {
        var bench = SessionBench()
        let id = bench.establish()
        bench.step { $0.deactivate(.administrativeShutdown, &$1) }
        #expect(bench.notification(on: id) == "Cease/Administrative Shutdown")
        #expect(bench.closes(id))
        #expect(bench.isDown)
        #expect(bench.cancels(.hold(bench.key)) && bench.cancels(.keepalive(bench.key)))
        bench.start()
        #expect(bench.state == "idle")
        bench.step { $0.activate(&$1) }
        #expect(bench.state == "connect")
    }

    @Test func `other Cease subcodes are passed on`() {
        let subcodes: [BGPNotification.CeaseSubcode] = [
            .peerDeconfigured, .otherConfigurationChange, .administrativeReset,
        ]
        for subcode in subcodes {
            var bench = SessionBench()
            let id = bench.establish()
            bench.step { $0.deactivate(subcode, &$1) }
            #expect(bench.notification(on: id) == BGPNotification.cease(subcode).description)
        }
    }

    @Test func `an activated session starts with the shortest delay again`() {
        var bench = SessionBench()
        bench.start()
        for _ in 0..<16 {
            bench.event(bench.outgoing, .failed(reason: "refused"))
            bench.timer(.connectRetry(bench.key))
        }
        bench.step { $0.deactivate(.administrativeShutdown, &$1) }
        bench.step { $0.activate(&$1) }
        bench.event(bench.outgoing, .failed(reason: "refused"))
        #expect(bench.armed(.connectRetry(bench.key)) == .milliseconds(100))
    }

    @Test func `a lost interface ends the session without a word and its return starts it`() {
        var bench = SessionBench()
        let id = bench.establish()
        bench.step { $0.reachable(false, &$1) }
        #expect(bench.state == "idle")
        #expect(bench.isDown)
        #expect(bench.sent(on: id).isEmpty)
        #expect(bench.closes(id))
        bench.step { $0.reachable(true, &$1) }
        #expect(bench.state == "connect")
    }

    @Test func `a closed connection ends an established session, which tries again soon`() {
        var bench = SessionBench()
        let id = bench.establish()
        bench.wait(.seconds(60))
        bench.event(id, .closed(reason: "reset by peer"))
        #expect(bench.isDown)
        #expect(!bench.closes(id), "it is gone already")
        #expect(bench.state == "active")
        #expect(bench.armed(.connectRetry(bench.key)) == .milliseconds(100))
    }

    @Test func `a session that keeps failing after it is established waits longer`() {
        var bench = SessionBench()
        var id = bench.establish()
        var delays: [Duration] = []
        for _ in 0..<3 {
            bench.wait(.seconds(1))
            bench.event(id, .closed(reason: "reset by peer"))
            delays.append(bench.armed(.connectRetry(bench.key)) ?? .zero)
            bench.timer(.connectRetry(bench.key))
            id = bench.outgoing
            bench.event(id, .connected)
            bench.receive([bench.open(), .keepalive], on: id)
        }
        #expect(delays == [.milliseconds(200), .milliseconds(400), .milliseconds(800)])
    }
}

extension SessionStateTests {
    @Test func severalPathsAreAgreedOnByFamilyAndDirection() {
        var bench = SessionBench {
            $0.families = [.ipv4Unicast, .vpnv4]
            $0.addPath = AddPath(receives: true, sendCount: 2)
        }
        let id = bench.connect()
        guard case .open(let ours)? = bench.sent(on: id).first else {
            Issue.record("no OPEN")
            return
        }
        #expect(ours.addPaths.values.allSatisfy { $0.receives && $0.sends })
        let theirs = BGPOpen(
            asNumber: ASNumber(65002), holdTime: 90, identifier: SessionBench.higher,
            families: [.ipv4Unicast, .vpnv4],
            addPaths: [
                AddPathOffer(.ipv4Unicast, receives: true, sends: false),
                AddPathOffer(.vpnv4, receives: false, sends: true),
            ])
        bench.receive([.open(theirs), .keepalive], on: id)
        #expect(bench.up?.sendsPathIDs == [.ipv4Unicast])
        #expect(bench.up?.receivesPathIDs == [.vpnv4])
    }
}
