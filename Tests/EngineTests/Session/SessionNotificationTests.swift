// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Testing
import Wire

/// Which NOTIFICATION each error brings (RFC 4271 §6, RFC 6608, RFC 7606).
@Suite struct SessionNotificationTests {
    /// Sends one OPEN and says what came back.
    func answer(
        to message: BGPMessage, _ change: (inout NeighborConfiguration) -> Void = { _ in }
    ) -> String? {
        var bench = SessionBench(change)
        let id = bench.connect()
        bench.receive([message], on: id)
        guard bench.closes(id), bench.state == "active" else { return nil }
        return bench.notification(on: id)
    }

    @Test func `an OPEN of another version is refused with ours`() {
        var bench = SessionBench()
        let id = bench.connect()
        var open = octets(bench.open())
        open[19] = 3
        bench.event(id, .received(open))
        #expect(
            bench.sent(on: id) == [
                .notification(.openMessage(.unsupportedVersionNumber, data: [0, 4]))
            ])
        #expect(bench.closes(id))
    }

    @Test func `an OPEN from another AS is refused`() {
        let open = SessionBench().open(asNumber: 65003)
        #expect(answer(to: open) == "OPEN Message Error/Bad Peer AS")
    }

    @Test func `an internal neighbor must not have our identifier`() {
        let bench = SessionBench()
        let open = bench.open(SessionBench.local, asNumber: 65001)
        let answer = answer(to: open) { $0.remoteAS = $0.localAS }
        #expect(answer == "OPEN Message Error/Bad BGP Identifier")
    }

    @Test func `an external neighbor may have our identifier`() {
        var bench = SessionBench()
        let id = bench.connect()
        bench.receive([bench.open(SessionBench.local)], on: id)
        #expect(bench.state == "openconfirm")
    }

    @Test func `identifier zero is refused`() {
        let open = SessionBench().open(IPv4Address(bits: 0))
        #expect(answer(to: open) == "OPEN Message Error/Bad BGP Identifier")
    }

    @Test func `hold times of one and two seconds are refused`() {
        for holdTime in [UInt16(1), 2] {
            let open = SessionBench().open(holdTime: holdTime)
            #expect(answer(to: open) == "OPEN Message Error/Unacceptable Hold Time")
        }
    }

    @Test func `without a common family the missing capabilities are named`() {
        var bench = SessionBench { $0.families = [.vpnv4] }
        let id = bench.connect()
        bench.receive([bench.open(families: [.ipv4Unicast])], on: id)
        #expect(
            bench.sent(on: id) == [
                .notification(.openMessage(.unsupportedCapability, data: [1, 4, 0, 1, 0, 128]))
            ])
    }

    @Test func `a stream out of step is refused`() {
        var bench = SessionBench()
        let id = bench.establish()
        bench.event(id, .received([UInt8](repeating: 0, count: 19)))
        #expect(
            bench.notification(on: id) == "Message Header Error/Connection Not Synchronized")
        #expect(bench.isDown && bench.closes(id))
    }

    @Test func `messages that do not belong to the state are state machine errors`() {
        var openSent = SessionBench()
        var id = openSent.connect()
        openSent.receive([.keepalive], on: id)
        #expect(
            openSent.sent(on: id) == [
                .notification(.finiteStateMachine(.unexpectedMessageInOpenSent))
            ])

        var openConfirm = SessionBench()
        id = openConfirm.connect()
        openConfirm.receive([openConfirm.open()], on: id)
        openConfirm.receive([.update(BGPUpdate(endOfRIB: .ipv4Unicast))], on: id)
        #expect(
            openConfirm.sent(on: id) == [
                .notification(.finiteStateMachine(.unexpectedMessageInOpenConfirm))
            ])

        var established = SessionBench()
        id = established.establish()
        established.receive([established.open()], on: id)
        #expect(
            established.sent(on: id) == [
                .notification(.finiteStateMachine(.unexpectedMessageInEstablished))
            ])
        #expect(established.isDown)
    }

    @Test func `silence in every state ends in Hold Timer Expired`() {
        var openSent = SessionBench()
        var id = openSent.connect()
        openSent.wait(.seconds(240))
        openSent.timer(.hold(openSent.key))
        #expect(openSent.notification(on: id) == "Hold Timer Expired")

        var openConfirm = SessionBench()
        id = openConfirm.connect()
        openConfirm.receive([openConfirm.open()], on: id)
        openConfirm.wait(.seconds(90))
        openConfirm.timer(.hold(openConfirm.key))
        #expect(openConfirm.notification(on: id) == "Hold Timer Expired")

        var stalled = SessionBench()
        id = stalled.establish(holdTime: 9)
        stalled.wait(.seconds(9))
        stalled.timer(.hold(stalled.key))
        #expect(stalled.notification(on: id) == "Hold Timer Expired")
        #expect(stalled.isDown && stalled.closes(id))
        #expect(stalled.session.lastError == "sent Hold Timer Expired")
    }

    @Test func `a NOTIFICATION received is remembered and not answered`() {
        for stage in 0..<3 {
            var bench = SessionBench()
            let id = bench.connect()
            if stage > 0 { bench.receive([bench.open()], on: id) }
            if stage > 1 { bench.receive([.keepalive], on: id) }
            bench.receive([.notification(.cease(.administrativeShutdown))], on: id)
            #expect(bench.sent(on: id).isEmpty)
            #expect(bench.closes(id))
            #expect(bench.isDown == (stage == 2))
            #expect(bench.state == "active")
            #expect(bench.session.lastError == "received Cease/Administrative Shutdown")
        }
    }

    @Test func `what the neighbor's operator says of a shutdown is shown`() {
        var bench = SessionBench()
        let id = bench.establish()
        let text = Array("back at noon".utf8)
        let farewell = BGPNotification.cease(
            .administrativeShutdown, data: [UInt8(text.count)] + text)
        bench.receive([.notification(farewell)], on: id)
        #expect(
            bench.session.lastError == "received Cease/Administrative Shutdown: back at noon")
    }

    @Test func `nothing is taken after the message that ended the session`() {
        var bench = SessionBench()
        let id = bench.establish()
        bench.receive(
            [
                .notification(.cease(.administrativeReset)),
                .update(BGPUpdate(endOfRIB: .ipv4Unicast)), .keepalive,
            ], on: id)
        #expect(bench.outputs.filter { if case .update = $0 { true } else { false } }.isEmpty)
        #expect(bench.state == "active")
    }

    // MARK: UPDATE and ROUTE-REFRESH

    func update(_ family: BGPFamily = .ipv4Unicast) -> BGPUpdate {
        BGPUpdate(
            withdrawn: [.init(family: family, nlri: [NLRI(prefix: prefix("10.1.0.0/16"))])])
    }

    @Test func `an UPDATE is passed on`() {
        var bench = SessionBench()
        let id = bench.establish()
        bench.receive([.update(update())], on: id)
        #expect(bench.outputs == [.update(update())])
    }

    @Test func `routes whose attributes are in error are passed on as withdrawn`() {
        var bench = SessionBench()
        let id = bench.establish()
        // 10.1.0.0/16 with an ORIGIN of 9 and no other attribute.
        let body: [UInt8] = [0, 0, 0, 4, 0x40, 1, 1, 9, 16, 10, 1]
        let header = [UInt8](repeating: 0xff, count: 16) + [0, UInt8(19 + body.count), 2]
        bench.event(id, .received(header + body))
        #expect(bench.state == "established")
        #expect(!bench.malformed.isEmpty)
        let updates = bench.outputs.compactMap { output -> BGPUpdate? in
            guard case .update(let update) = output else { return nil }
            return update
        }
        #expect(updates.map(\.withdrawn) == [update().withdrawn])
        #expect(updates.map(\.announced) == [[]])
    }

    @Test func `an UPDATE whose routes cannot be told resets the session`() {
        var bench = SessionBench()
        let id = bench.establish()
        // Attributes longer than the message.
        let body: [UInt8] = [0, 0, 0, 200, 0x40, 1, 1, 0]
        let header = [UInt8](repeating: 0xff, count: 16) + [0, UInt8(19 + body.count), 2]
        bench.event(id, .received(header + body))
        #expect(
            bench.notification(on: id) == "UPDATE Message Error/Malformed Attribute List")
        #expect(bench.isDown)
    }

    @Test func `routes of a family that was not negotiated are left aside`() {
        var bench = SessionBench()
        let id = bench.establish()
        let route = NLRI(rd: RouteDistinguisher("1:1"), prefix: prefix("10.1.0.0/16"))
        let foreign = BGPUpdate(withdrawn: [.init(family: .vpnv4, nlri: [route])])
        bench.receive([.update(foreign)], on: id)
        #expect(bench.malformed == ["routes of a family that was not negotiated"])
        #expect(bench.outputs.count == 1)
        #expect(bench.state == "established")
    }

    @Test func `ROUTE-REFRESH asks for a negotiated family`() {
        var bench = SessionBench()
        let id = bench.establish()
        bench.receive([.routeRefresh(BGPRouteRefresh(.ipv4Unicast))], on: id)
        #expect(bench.outputs == [.refresh(.ipv4Unicast)])
        bench.receive([.routeRefresh(BGPRouteRefresh(.vpnv6))], on: id)
        #expect(bench.outputs.isEmpty)
        bench.receive([.routeRefresh(BGPRouteRefresh(afi: 1, safi: 1, subtype: 2))], on: id)
        #expect(bench.outputs.isEmpty)
        #expect(bench.state == "established")
    }

    @Test func `counters leave keepalives out`() {
        var bench = SessionBench()
        let id = bench.establish()
        bench.receive([.keepalive, .update(update())], on: id)
        bench.timer(.keepalive(bench.key))
        bench.step { $0.send(octets(.update(BGPUpdate(endOfRIB: .ipv4Unicast))), &$1) }
        #expect(bench.sent(on: id).count == 1)
        #expect(bench.session.countersJSON?["sent"]?.int == 2, "OPEN and UPDATE")
        #expect(bench.session.countersJSON?["received"]?.int == 2)
        #expect(bench.session.messagesSent == 4)
        #expect(bench.session.messagesReceived == 4)
    }

    @Test func `nothing is sent for a session that is no longer established`() {
        var bench = SessionBench()
        let id = bench.establish()
        bench.event(id, .closed(reason: "reset"))
        bench.step { $0.send(octets(.update(BGPUpdate(endOfRIB: .ipv4Unicast))), &$1) }
        #expect(bench.outputs.isEmpty)
    }
}
