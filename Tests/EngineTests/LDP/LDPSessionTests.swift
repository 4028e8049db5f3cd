// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing
import Wire

@testable import Engine

@Suite("LDP: sessions and what peers may send")
struct LDPSessionTests {
    private static func pair(
        configure: (inout LDPConfiguration) -> Void = { _ in }
    ) -> LDPNetwork {
        var network = LDPNetwork(["a", "b"], [("a", "b", 10)], configure: configure)
        network.start()
        network.pass(.seconds(3))
        return network
    }

    private static let b = LDPIdentifier(LDPNetwork.loopback(1))
    private static let far: IPPrefix = IPPrefix(
        IPAddress(family: .ipv4, bits: 0x0909_0909), length: 32)

    private func octets(_ bodies: LDPMessage.Body...) throws -> [UInt8] {
        let messages = bodies.enumerated().map { LDPMessage(id: UInt32(900 + $0), $1) }
        return try LDPPDU(identifier: Self.b, messages: messages).encoded()
    }

    /// A route to `far` by the one link.
    private func offerFar(_ network: inout LDPNetwork) {
        let hop = ForwardingNextHop(
            gateway: IPAddress(LDPNetwork.address(link: 0, side: 1)), interface: "eth0")
        var step = ProtocolStep(at: network.now)
        network.nodes[0].ldp.offered(
            Self.far, OfferedRoute(source: .ospf, nextHops: [hop], metric: 5), &step)
    }

    @Test func theHigherTransportAddressConnects() {
        let network = Self.pair()
        #expect(network.session("b", with: "a")?.connection.isOutgoing == true)
        #expect(network.session("a", with: "b")?.connection.isOutgoing == false)
        #expect(network.session("a", with: "b")?.state == .operational)
    }

    @Test func theLesserTimesCount() {
        let network = Self.pair {
            if $0.routerID == LDPNetwork.loopback(0) {
                $0.keepaliveTime = .seconds(9)
                $0.helloHoldTime = .seconds(6)
            }
        }
        #expect(network.session("b", with: "a")?.keepAliveTime == .seconds(9))
        #expect(network["b"].ldp.adjacencies.values.map(\.holdTime) == [.seconds(6)])
    }

    @Test func keepalivesKeepASessionThroughHours() {
        var network = Self.pair()
        let connection = network.session("a", with: "b")?.connection
        network.pass(.seconds(2 * 3600))
        #expect(network.session("a", with: "b")?.connection == connection)
        let sent = network.session("a", with: "b")?.sentCount ?? 0
        #expect((700...760).contains(sent), "\(sent) messages: one in 10 s")
    }

    @Test func silenceEndsASession() {
        var network = Self.pair { $0.helloHoldTime = .seconds(100) }
        network.nodes[1].isUp = false
        network.pass(.seconds(26))
        #expect(network.session("a", with: "b") != nil)
        network.pass(.seconds(5))
        #expect(network.session("a", with: "b") == nil)
        #expect(network["a"].ldp.peers[Self.b]?.lastError == "hold time expired")
    }

    @Test func aLostInterfaceEndsTheAdjacencyAtOnce() {
        var network = Self.pair()
        network.set("a", "b", isUp: false)
        #expect(network["a"].ldp.adjacencies.isEmpty && network["a"].ldp.peers.isEmpty)
        network.set("a", "b", isUp: true)
        network.pass(.milliseconds(20))
        #expect(network.session("a", with: "b")?.isOperational == true)
    }

    /// What a session must not survive (RFC 5036 §3.5.1.2), and what it must be told.
    @Test(arguments: [
        ("0001 0005 0a000002 0000 0201 0004 00000001", "bad PDU length"),
        ("0007 000e 0a000002 0000 0201 0004 00000001", "bad protocol version"),
        ("0001 000e 0a000009 0000 0201 0004 00000001", "bad LDP identifier"),
        ("0001 000e 0a000002 0000 0201 0009 00000001", "bad message length"),
        ("0001 0016 0a000002 0000 0300 000c 00000001 0101 0009 0001 0102", "bad TLV length"),
        (
            "0001 0022 0a000002 0000 0400 0018 00000001 0100 0008 02 0001 29 01010101"
                + "0200 0004 00000010", "malformed TLV value"
        ),
    ])
    func faultsEndASession(text: String, reason: String) {
        var network = Self.pair()
        network.inject(hexOctets(text), to: "a", from: "b")
        #expect(network.session("a", with: "b") == nil)
        #expect(network["a"].ldp.peers[Self.b]?.lastError?.hasPrefix(reason) == true)
        network.pass(.milliseconds(5))
        #expect(network.session("b", with: "a") == nil, "it was told")
        network.pass(.seconds(40))
        #expect(network.session("a", with: "b")?.isOperational == true, "after a time of penance")
    }

    @Test(arguments: [
        "0001 000e 0a000002 0000 0999 0004 00000001",
        "0001 0012 0a000002 0000 0201 0008 00000001 0777 0000",
        "0001 001a 0a000002 0000 0400 0010 00000001 0100 0008 02 0001 20 01010101",
    ])
    func lesserFaultsAreAnswered(text: String) {
        var network = Self.pair()
        let sent = network.session("a", with: "b")?.sentCount ?? 0
        network.inject(hexOctets(text), to: "a", from: "b")
        network.pass(.milliseconds(5))
        #expect(network.session("a", with: "b")?.sentCount == sent + 1)
        #expect(network.session("b", with: "a")?.isOperational == true)
    }

    @Test func labelsThatNobodyAskedForAreKeptUntilTheyAreWithdrawn() throws {
        var network = Self.pair()
        let mapping = LDPBinding([.prefix(Self.far)], label: Label(77))
        network.inject(try octets(.labelMapping(mapping)), to: "a", from: "b")
        #expect(network["a"].paths[Self.far] == nil, "no route")
        offerFar(&network)
        #expect(
            network["a"].ldp.fecs[Self.far]?.nextHops.map(\.labels) == [[Label(77)]])
        network.inject(
            try octets(.labelWithdraw(LDPBinding([.prefix(Self.far)], label: Label(78)))),
            to: "a", from: "b")
        #expect(network.session("a", with: "b")?.bindings[Self.far] == Label(77), "another label")
        network.inject(try octets(.labelWithdraw(LDPBinding([.wildcard]))), to: "a", from: "b")
        #expect(network.session("a", with: "b")?.bindings.isEmpty == true)
        #expect(network["a"].ldp.fecs[Self.far]?.nextHops.isEmpty == true)
        #expect(network["a"].ldp.fecs[Self.far]?.label == nil)
    }

    @Test func anotherLabelTakesTheFirstOnesPlace() throws {
        var network = Self.pair()
        offerFar(&network)
        for label in [Label(77), Label(78), .implicitNull] {
            network.inject(
                try octets(.labelMapping(LDPBinding([.prefix(Self.far)], label: label))),
                to: "a", from: "b")
            let labels = label == .implicitNull ? [] : [label]
            #expect(network["a"].paths[Self.far]?.nextHops.map(\.labels) == [labels])
        }
    }

    /// Whose label it is, is known by the next hop's address (RFC 5036 §2.7).
    @Test func aNextHopBelongsToWhoeverToldItsAddress() throws {
        var network = Self.pair()
        let gateway = IPAddress(LDPNetwork.address(link: 0, side: 1))
        network.inject(try octets(.addressWithdraw([gateway])), to: "a", from: "b")
        #expect(network.walk(from: "a", to: "b") == ["a: no path"])
        network.inject(try octets(.address([gateway])), to: "a", from: "b")
        #expect(network.walk(from: "a", to: "b") == ["a - b"])
    }

    @Test func requestsAreAnsweredWithALabelOrThatThereIsNone() throws {
        var network = Self.pair()
        let own = network["a"].loopback
        let sent = network.session("a", with: "b")?.sentCount ?? 0
        network.inject(
            try octets(
                .labelRequest(LDPBinding([.prefix(own)])),
                .labelRequest(LDPBinding([.prefix(Self.far)])),
                .labelRequest(LDPBinding([.prefixes(.ipv4)]))), to: "a", from: "b")
        // The label, no route, and the labels of both loopbacks.
        #expect(network.session("a", with: "b")?.sentCount == sent + 4)
    }

    /// Bounds of what a neighbor can make us keep.
    @Test func addressesHaveABound() throws {
        var network = Self.pair()
        for block in 0..<10 as Range<UInt32> {
            let addresses = (0..<900).map {
                IPAddress(IPv4Address(bits: 0x0b00_0000 + block * 1000 + $0))
            }
            network.inject(try octets(.address(addresses)), to: "a", from: "b")
        }
        let count = network.session("a", with: "b")?.addresses.count ?? 0
        #expect(count <= LDPInstance.Limit.addresses && count > 3000)
        #expect(network["a"].ldp.lastError?.contains("addresses") == true)
    }

    @Test func strangersAreTurnedAway() {
        var network = Self.pair()
        var step = ProtocolStep(at: network.now)
        let stranger = IPv4Address(bits: 0x0a00_00ff)
        for number in 1...100 as ClosedRange<UInt64> {
            let id = ConnectionID(isOutgoing: false, number: 1000 + number)
            network.nodes[0].ldp.connection(id, .accepted(.ldp(stranger)), &step)
        }
        let closed = step.outputs.filter { if case .close = $0 { true } else { false } }
        #expect(network["a"].ldp.strangers.count == LDPInstance.Limit.strangers)
        #expect(closed.count == 100 - LDPInstance.Limit.strangers)
        let id = ConnectionID(isOutgoing: false, number: 1001)
        let large = [UInt8](repeating: 0, count: LDPInstance.Limit.strangerOctets + 1)
        network.nodes[0].ldp.connection(id, .received(large), &step)
        #expect(network["a"].ldp.strangers[id] == nil)
    }

    @Test func hellosOfNoUseAreNotListenedTo() throws {
        var network = Self.pair()
        func hello(
            from router: String, isTargeted: Bool = false, to destination: IPAddress,
            interface: String? = "eth0"
        ) throws -> RoutingPacket {
            let pdu = LDPPDU(
                identifier: LDPIdentifier(try #require(IPv4Address(router))),
                messages: [
                    LDPMessage(id: 1, .hello(LDPHello(holdTime: 15, isTargeted: isTargeted)))
                ])
            return RoutingPacket(
                .ldp, interface: interface, source: .ip(address(router)),
                destination: .ip(destination), hopLimit: 1, payload: try pdu.encoded())
        }
        let own = IPAddress(LDPNetwork.loopback(0))
        let unwanted = [
            try hello(from: "10.0.0.1", to: LDPPDU.allRouters),
            try hello(from: "10.9.9.9", to: own),
            try hello(from: "10.9.9.9", isTargeted: true, to: own, interface: nil),
            try hello(from: "10.9.9.9", to: LDPPDU.allRouters, interface: "eth7"),
        ]
        for packet in unwanted { network.deliver(packet, to: "a") }
        #expect(network["a"].ldp.adjacencies.count == 1)
        network.deliver(try hello(from: "10.9.9.9", to: LDPPDU.allRouters), to: "a")
        #expect(network["a"].ldp.adjacencies.count == 2)
        var garbage = try hello(from: "10.8.8.8", to: LDPPDU.allRouters)
        garbage.payload[1] = 9
        network.deliver(garbage, to: "a")
        #expect(
            network["a"].ldp.lastError
                == "bad protocol version (Version at octet 0: must not be 9) from 10.8.8.8")
    }

    @Test func labelsThatRunOutLeaveTheRestAsItIs() {
        let network = Self.pair { $0.labelRange = Label(16)...Label(16) }
        #expect(network.walk(from: "a", to: "b") == ["a - b"])
        var long = LDPNetwork(
            ["a", "b", "c", "d"], [("a", "b", 1), ("b", "c", 1), ("c", "d", 1)]
        ) { $0.labelRange = Label(16)...Label(17) }
        long.start()
        long.pass(.seconds(3))
        #expect(long["b"].ldp.lastError == "all labels of the range are in use")
        #expect(long["b"].paths.count == 3, "its own packets need no label of its own")
    }
}

/// Octets from hex digits.
private func hexOctets(_ text: String) -> [UInt8] {
    let digits = Array(text.filter { !$0.isWhitespace }.utf8)
    return stride(from: 0, to: digits.count, by: 2).compactMap {
        UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)
    }
}
