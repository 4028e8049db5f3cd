// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Testing
import Wire

/// Two connections between the same two speakers (RFC 4271 §6.8).
@Suite struct SessionCollisionTests {
    /// Both connects crossed: our connection is open and so is theirs, and both OPENs are out.
    func crossed() -> (bench: SessionBench, ours: ConnectionID, theirs: ConnectionID) {
        var bench = SessionBench()
        let ours = bench.connect()
        let theirs = bench.incoming()
        bench.event(theirs, .accepted(.bgp(bench.key)))
        #expect(bench.sent(on: theirs).count == 1)
        #expect(bench.armed(.openDelay(theirs)) == .seconds(240))
        return (bench, ours, theirs)
    }

    @Test func `with the higher identifier there, their connection stays`() {
        for oursFirst in [true, false] {
            var (bench, ours, theirs) = crossed()
            let open = bench.open(SessionBench.higher)
            bench.receive([open], on: oursFirst ? ours : theirs)
            #expect(bench.state == "openconfirm")
            if oursFirst { bench.receive([open], on: theirs) }
            let cease = "Cease/Connection Collision Resolution"
            #expect(bench.notification(on: ours) == cease)
            #expect(bench.closes(ours) && !bench.closes(theirs))
            bench.receive([.keepalive], on: theirs)
            #expect(bench.state == "established")
        }
    }

    @Test func `with the higher identifier here, our connection stays`() {
        for oursFirst in [true, false] {
            var (bench, ours, theirs) = crossed()
            let open = bench.open(SessionBench.lower)
            bench.receive([open], on: oursFirst ? ours : theirs)
            if !oursFirst { bench.receive([open], on: ours) }
            #expect(
                bench.notification(on: theirs) == "Cease/Connection Collision Resolution")
            #expect(bench.closes(theirs) && !bench.closes(ours))
            bench.receive([.keepalive], on: ours)
            #expect(bench.state == "established")
        }
    }

    @Test func `equal identifiers are settled by AS number`() {
        var (bench, ours, theirs) = crossed()
        bench.receive([bench.open(SessionBench.local)], on: theirs)
        #expect(bench.closes(ours), "65002 is higher than 65001")
    }

    @Test func `the worse connection serves until the better one has shown itself`() {
        var (bench, ours, theirs) = crossed()
        bench.receive([bench.open(SessionBench.higher), .keepalive], on: ours)
        #expect(bench.state == "established")
        #expect(!bench.closes(theirs))
        // Its OPEN was on the way: the neighbor will give up ours when it gets ours there.
        bench.receive([bench.open(SessionBench.higher)], on: theirs)
        #expect(bench.isDown && bench.closes(ours))
        #expect(bench.state == "openconfirm")
        bench.receive([.keepalive], on: theirs)
        #expect(bench.state == "established")
    }

    @Test func `a rival that closes leaves the session alone`() {
        var (bench, ours, theirs) = crossed()
        bench.event(theirs, .closed(reason: "reset"))
        #expect(bench.state == "opensent")
        #expect(bench.cancels(.openDelay(theirs)))
        bench.receive([bench.open(), .keepalive], on: ours)
        #expect(bench.state == "established")
    }

    @Test func `when the first connection is lost the rival goes on`() {
        var (bench, ours, theirs) = crossed()
        bench.event(ours, .closed(reason: "reset"))
        #expect(bench.state == "opensent")
        #expect(bench.armed(.hold(bench.key)) == .seconds(240))
        bench.receive([bench.open(), .keepalive], on: theirs)
        #expect(bench.state == "established")
    }

    @Test func `a rival with a bad OPEN is refused and the session goes on`() {
        var (bench, ours, theirs) = crossed()
        bench.receive([bench.open(asNumber: 7)], on: theirs)
        #expect(bench.notification(on: theirs) == "OPEN Message Error/Bad Peer AS")
        #expect(bench.state == "opensent")
        bench.receive([bench.open(), .keepalive], on: ours)
        #expect(bench.state == "established")
    }

    @Test func `a rival that says nothing is given up after the large hold time`() {
        var (bench, ours, theirs) = crossed()
        bench.receive([bench.open(SessionBench.higher), .keepalive], on: ours)
        bench.wait(.seconds(240))
        bench.timer(.openDelay(theirs))
        #expect(bench.notification(on: theirs) == "Hold Timer Expired")
        #expect(bench.closes(theirs))
        #expect(bench.state == "established")
    }

    @Test func `a neighbor that comes in during our connect is heard on both`() {
        var bench = SessionBench()
        bench.start()
        let ours = bench.outgoing
        let theirs = bench.incoming()
        bench.event(theirs, .accepted(.bgp(bench.key)))
        #expect(bench.state == "opensent")
        bench.receive([bench.open(), .keepalive], on: theirs)
        #expect(bench.state == "established")
        #expect(!bench.closes(theirs))
        bench.event(ours, .connected)
        #expect(bench.sent(on: ours).isEmpty, "a connect that was given up is not heard of again")
    }

    @Test func `a connect that succeeds beside an accepted connection is a rival`() {
        var bench = SessionBench()
        bench.start()
        let ours = bench.outgoing
        bench.event(bench.incoming(), .accepted(.bgp(bench.key)))
        bench.event(ours, .connected)
        #expect(bench.sent(on: ours).count == 1, "our OPEN")
        bench.receive([bench.open(SessionBench.lower), .keepalive], on: ours)
        #expect(bench.closes(bench.incoming()))
        #expect(bench.state == "established")
    }

    @Test func `a connect that fails beside an accepted connection does no harm`() {
        var bench = SessionBench()
        bench.start()
        let ours = bench.outgoing
        bench.event(bench.incoming(), .accepted(.bgp(bench.key)))
        bench.event(ours, .failed(reason: "refused"))
        #expect(bench.state == "opensent")
        bench.event(bench.incoming(), .closed(reason: "reset"))
        #expect(bench.state == "active")
    }

    @Test func `our connect goes on when the accepted connection is lost`() {
        var bench = SessionBench()
        bench.start()
        let ours = bench.outgoing
        bench.event(bench.incoming(), .accepted(.bgp(bench.key)))
        bench.event(bench.incoming(), .closed(reason: "reset"))
        #expect(bench.state == "connect")
        bench.event(ours, .connected)
        bench.receive([bench.open(), .keepalive], on: ours)
        #expect(bench.state == "established")
    }

    @Test func `a second connection in Established is refused and the first one probed`() {
        for holdTime in [UInt16(90), 0] {
            var bench = SessionBench()
            let id = bench.establish(holdTime: holdTime)
            bench.event(bench.incoming(), .accepted(.bgp(bench.key)))
            #expect(
                bench.notification(on: bench.incoming())
                    == "Cease/Connection Collision Resolution")
            #expect(bench.closes(bench.incoming()))
            #expect(bench.sent(on: id) == [.keepalive])
            #expect(bench.state == "established")
            // A neighbor that lost its state answers the probe with a reset.
            bench.event(id, .closed(reason: "reset by peer"))
            #expect(bench.isDown)
            bench.event(bench.incoming(2), .accepted(.bgp(bench.key)))
            bench.receive([bench.open(), .keepalive], on: bench.incoming(2))
            #expect(bench.state == "established")
        }
    }

    @Test func `a newer connection from the neighbor replaces an older one without OPEN`() {
        var bench = SessionBench { $0.isPassive = true }
        bench.start()
        bench.event(bench.incoming(1), .accepted(.bgp(bench.key)))
        bench.event(bench.incoming(2), .accepted(.bgp(bench.key)))
        #expect(bench.closes(bench.incoming(1)))
        bench.receive([bench.open(), .keepalive], on: bench.incoming(2))
        #expect(bench.state == "established")
    }

    @Test func `deactivation ends both connections`() {
        var (bench, ours, theirs) = crossed()
        bench.step { $0.deactivate(.administrativeShutdown, &$1) }
        for id in [ours, theirs] {
            #expect(bench.notification(on: id) == "Cease/Administrative Shutdown")
            #expect(bench.closes(id))
        }
        #expect(bench.state == "idle")
    }
}
