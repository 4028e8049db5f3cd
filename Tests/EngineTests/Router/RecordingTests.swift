// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Testing

/// Events as lines of a recording.
@Suite struct RecordingTests {
    static let inVRF = NeighborKey(vrf: "ipvpn", address: address("4.0.0.21"))
    static let plain = NeighborKey(vrf: nil, address: address("2001:db8::1"))
    static let out = ConnectionID(isOutgoing: true, number: 7)
    static let into = ConnectionID(isOutgoing: false, number: 8)
    static let group = VRRPKey(interface: "eth1.105", group: 255, family: .ipv6)

    static let events: [Event] =
        [
            .start, .link(interface: "eth1", isUp: true), .link(interface: "eth1", isUp: false),
            .connection(into, .accepted(.bgp(inVRF))), .connection(into, .accepted(.bgp(plain))),
            .connection(out, .connected), .connection(out, .failed(reason: "no \"way\"\n")),
            .connection(out, .received([0, 1, 0x7f, 0x80, 0xff])),
            .connection(into, .closed(reason: "")),
            .vrrp(
                interface: "lan", source: address("fe80::1"), hopLimit: 255, payload: [0x31, 1]),
            .routerSolicitation(
                interface: "lan", source: address("::"), hopLimit: 255, payload: [133, 0]),
            .command(.deactivate(inVRF)), .command(.activate(plain)), .command(.shutDown),
        ]
        + [
            TimerID.connectRetry(inVRF), .hold(plain), .keepalive(inVRF), .openDelay(into),
            .vrrpAdvertisement(group), .vrrpMasterDown(group), .vrrpPreempt(group),
            .routerAdvertisement(device: "vrrp5"), .labelQuarantine, .resolution,
        ].map { .timer($0) }

    @Test(arguments: events)
    func `an event is read back as it was written`(event: Event) throws {
        let recorded = RecordedEvent(at: Instant(nanoseconds: 1_234_567_890_123), event: event)
        let line = recorded.json.text
        #expect(!line.contains("\n"))
        #expect(RecordedEvent(json: try JSON(parsing: line)) == recorded)
    }

    @Test(arguments: [
        "{}", "[]", #"{"event":"rain"}"#, #"{"event":"link","interface":"eth1"}"#,
        #"{"event":"received","connection":"out-1","octets":"abc"}"#,
        #"{"event":"received","connection":"out-1","octets":"zz"}"#,
        #"{"event":"received","connection":"sideways-1","octets":"00"}"#,
        #"{"event":"connected","connection":"out-"}"#,
        #"{"event":"accepted","connection":"in-1","neighbor":"nobody"}"#,
        #"{"event":"timer","timer":"egg"}"#, #"{"event":"timer","timer":"hold"}"#,
        #"{"event":"vrrp","interface":"lan","source":"10.0.0.1","hop-limit":256,"octets":""}"#,
        #"{"event":"deactivate"}"#,
    ])
    func `what is not an event is not read`(line: String) throws {
        #expect(Event(json: try JSON(parsing: line)) == nil)
    }

    @Test func `effects are written in full`() {
        let route = ForwardingRoute(
            vrf: "ipvpn", prefix: prefix("10.0.0.3/32"),
            nextHops: [
                ForwardingNextHop(
                    gateway: address("4.0.0.58"), interface: "juno", labels: [Label(1005)])
            ])
        let lines = [
            Effect.send(Self.out, [0xff, 0]).json.text,
            Effect.arm(.hold(Self.inVRF), at: Instant(nanoseconds: 5)).json.text,
            Effect.forwarding(.setRoute(route)).json.text,
            Effect.report(.session(Self.plain, state: "active", reason: nil)).json.text,
        ]
        #expect(
            lines == [
                #"{"effect":"send","connection":"out-7","octets":"ff00"}"#,
                #"{"effect":"arm","timer":"hold","vrf":"ipvpn","neighbor":"4.0.0.21","at":5}"#,
                #"{"effect":"set-route","vrf":"ipvpn","prefix":"10.0.0.3/32","next-hops":"#
                    + #"[{"gateway":"4.0.0.58","interface":"juno","labels":[1005]}]}"#,
                #"{"effect":"report-session","neighbor":"2001:db8::1","state":"active"}"#,
            ])
    }
}
