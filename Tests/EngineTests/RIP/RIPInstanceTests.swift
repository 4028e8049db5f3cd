// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Testing
import Wire

@Suite("One RIP router")
struct RIPInstanceTests {
    /// A router of either version; the test is its neighbor.
    private struct Bench {
        var instance: RIPInstance
        var now = Instant(nanoseconds: 1_000_000_000_000)
        var outputs: [ProtocolOutput] = []
        let family: AddressFamily
        let neighbor: IPAddress
        let own: IPAddress

        init(
            _ family: AddressFamily,
            _ change: (inout RIPConfiguration) -> Void = { _ in }
        ) {
            self.family = family
            let side = RIPNetwork.addresses(family, link: 0, side: false)
            own = side[0].address
            neighbor = RIPNetwork.addresses(family, link: 0, side: true)[0].address
            var configuration = RIPConfiguration(
                family: family,
                interfaces: [
                    RIPInterfaceConfiguration(interface: "eth0", addresses: side),
                    RIPInterfaceConfiguration(
                        interface: "lan", addresses: [RIPNetwork.lan(family, 7)], isPassive: true),
                ])
            change(&configuration)
            instance = RIPInstance(configuration)
            step { $0.start(&$1) }
            step { $0.interface("lan", isUp: true, &$1) }
            step { $0.interface("eth0", isUp: true, &$1) }
        }

        mutating func step(_ body: (inout RIPInstance, inout ProtocolStep) -> Void) {
            var step = ProtocolStep(at: now)
            body(&instance, &step)
            outputs = step.outputs
        }

        mutating func hear(
            _ content: RIPPacket.Content, key: RIPAuthenticationKey? = nil, sequence: UInt32 = 1,
            _ change: (inout RoutingPacket) -> Void = { _ in }
        ) {
            let packet = RIPPacket(family, content)
            let octets =
                key.map { try? packet.encoded(signedBy: $0, sequence: sequence) }
                ?? (try? packet.encoded())
            var routed = RoutingPacket(
                family == .ipv4 ? .rip : .ripng, interface: "eth0", source: .ip(neighbor),
                destination: .ip(RIPPacket.multicastGroup(family)), hopLimit: 255,
                payload: octets ?? [])
            change(&routed)
            step { $0.received(routed, &$1) }
        }

        /// Tells a route, as the neighbor or another.
        mutating func tell(
            _ metric: UInt8, tag: UInt16 = 0, nextHop: IPAddress? = nil,
            from source: IPAddress? = nil
        ) {
            let entry = RIPEntry(
                prefix: route, metric: metric, tag: tag, nextHop: nextHop)
            hear(.response([entry])) { if let source { $0.source = .ip(source) } }
        }

        var route: IPPrefix { RIPNetwork.network(family, 9) }
        var other: IPAddress { neighbor.advanced(by: 7) }

        var set: [ProtocolRoute] {
            outputs.compactMap { if case .setRoute(let route) = $0 { route } else { nil } }
        }
        var isRemoved: Bool { outputs.contains(.removeRoute(route)) }

        var packets: [(to: IPAddress?, packet: RIPPacket)] {
            outputs.compactMap { output in
                guard case .send(let sent) = output,
                    let packet = try? RIPPacket(decoding: sent.payload, family)
                else { return nil }
                return (sent.destination.ip, packet)
            }
        }

        func member(_ name: String) -> JSON? { instance.show(at: now)[name] }
    }

    @Test(arguments: AddressFamily.allCases)
    func anInterfaceThatComesUpAsksForAll(family: AddressFamily) {
        let bench = Bench(family)
        #expect(bench.packets.first?.packet.content == .requestAll)
        #expect(bench.packets.first?.to == RIPPacket.multicastGroup(family))
        let sent = bench.outputs.compactMap { output -> RoutingPacket? in
            if case .send(let packet) = output { packet } else { nil }
        }
        #expect(sent.allSatisfy { $0.source == .ip(bench.own) && $0.interface == "eth0" })
        #expect(sent.allSatisfy { $0.hopLimit == (family == .ipv4 ? 1 : 255) })
    }

    @Test(arguments: AddressFamily.allCases)
    func theBetterRouteIsTaken(family: AddressFamily) {
        var bench = Bench(family)
        bench.tell(3)
        #expect(bench.set.map(\.metric) == [4])
        bench.tell(3, from: bench.other)
        #expect(bench.set.isEmpty, "an equal one changes nothing")
        bench.tell(2, from: bench.other)
        #expect(bench.set.map(\.metric) == [3])
        #expect(bench.set.first?.nextHops.first?.gateway == bench.other)
        bench.tell(16)
        #expect(!bench.isRemoved, "whose route is not used cannot take it")
        bench.tell(9, from: bench.other)
        #expect(bench.set.map(\.metric) == [10], "whose route is used can make it worse")
        bench.tell(16, from: bench.other)
        #expect(bench.isRemoved)
        bench.tell(15)
        #expect(bench.set.isEmpty, "15 and 1 is infinity")
    }

    @Test(arguments: AddressFamily.allCases)
    func anEqualRouteIsTakenWhenTheOldOneGetsOld(family: AddressFamily) {
        var bench = Bench(family)
        bench.tell(3)
        bench.now = bench.now + .seconds(89)
        bench.tell(3, from: bench.other)
        #expect(bench.set.isEmpty)
        bench.now = bench.now + .seconds(1)
        bench.tell(3, from: bench.other)
        #expect(bench.set.first?.nextHops.first?.gateway == bench.other)
    }

    @Test(arguments: AddressFamily.allCases)
    func anInterfacesCostIsAdded(family: AddressFamily) {
        var bench = Bench(family) { $0.interfaces[0].cost = 10 }
        bench.tell(3)
        #expect(bench.set.map(\.metric) == [13])
        bench.tell(6)
        #expect(bench.isRemoved)
    }

    @Test(arguments: AddressFamily.allCases)
    func aThirdNextHopIsUsedWhereItCanBeReached(family: AddressFamily) {
        var bench = Bench(family)
        bench.tell(1, nextHop: bench.other)
        #expect(bench.set.first?.nextHops.first?.gateway == bench.other)
        bench.tell(2, nextHop: family == .ipv4 ? address("192.0.2.1") : nil)
        #expect(bench.set.first?.nextHops.first?.gateway == bench.neighbor)
        bench.tell(1, nextHop: bench.own)
        #expect(bench.set.isEmpty, "by way of ourselves is no way")
    }

    @Test(arguments: AddressFamily.allCases)
    func whatDoesNotComeFromTheLinkIsDropped(family: AddressFamily) {
        var bench = Bench(family)
        let stranger = family == .ipv4 ? address("192.0.2.9") : address("2001:db8::9")
        bench.tell(1, from: stranger)
        #expect(bench.outputs.isEmpty)
        bench.tell(1, from: bench.own)
        #expect(bench.outputs.isEmpty)
        let response = RIPPacket.Content.response([RIPEntry(prefix: bench.route, metric: 1)])
        bench.hear(response) { $0.interface = "lan" }
        #expect(bench.outputs.isEmpty, "passive")
        bench.hear(response) { $0.hopLimit = 254 }
        #expect(bench.set.count == (family == .ipv4 ? 1 : 0), "RFC 2080 §2.5.2")
    }

    @Test func prefixesThatNobodyMayTellAreNotTaken() {
        for (family, bad) in [
            (AddressFamily.ipv4, "127.0.0.0/8"), (.ipv4, "224.0.0.0/4"), (.ipv4, "240.0.0.0/8"),
            (.ipv4, "0.1.0.0/16"), (.ipv6, "ff00::/8"), (.ipv6, "fe80::/64"), (.ipv6, "::1/128"),
        ] {
            var bench = Bench(family)
            bench.hear(.response([RIPEntry(prefix: prefix(bad), metric: 1)]))
            #expect(bench.set.isEmpty, "\(bad)")
            #expect(bench.member("neighbors")?[0]?["bad-routes"] == 1)
            bench.hear(.response([RIPEntry(prefix: .zero(family), metric: 1)]))
            #expect(bench.set.count == 1, "a default route is one")
        }
    }

    @Test(arguments: AddressFamily.allCases)
    func aRequestIsAnsweredToWhoAsks(family: AddressFamily) throws {
        var bench = Bench(family)
        bench.tell(3)
        bench.hear(.requestAll)
        let all = try #require(bench.packets.first)
        #expect(all.to == bench.neighbor)
        #expect(
            all.packet.content
                == .response([
                    RIPEntry(prefix: RIPNetwork.network(family, 7), metric: 1),
                    RIPEntry(prefix: bench.route, metric: 16),
                ]))
        let unknown = RIPNetwork.network(family, 55)
        bench.hear(
            .request([
                RIPEntry(prefix: bench.route, metric: 1), RIPEntry(prefix: unknown, metric: 1),
            ]))
        #expect(
            bench.packets.first?.packet.content
                == .response([
                    RIPEntry(prefix: bench.route, metric: 4),
                    RIPEntry(prefix: unknown, metric: 16),
                ]), "without split horizon")
    }

    @Test(arguments: AddressFamily.allCases)
    func manyRoutesGoInManyPackets(family: AddressFamily) {
        var bench = Bench(family)
        for number in 0..<200 {
            bench.step {
                $0.offered(
                    RIPNetwork.network(family, 10 + number),
                    OfferedRoute(source: .static, nextHops: [], metric: 0), &$1)
            }
        }
        bench.hear(.requestAll)
        let counts = bench.packets.map { packet -> Int in
            if case .response(let entries) = packet.packet.content { entries.count } else { 0 }
        }
        #expect(counts.reduce(0, +) == 201)
        let most = RIPPacket.entriesMax(family, isAuthenticated: false)
        #expect(counts.dropLast().allSatisfy { $0 == most } && most == (family == .ipv4 ? 25 : 61))
    }

    // MARK: Redistribution

    @Test(arguments: AddressFamily.allCases)
    func routesOfOthersAreToldAndTakenBack(family: AddressFamily) {
        var bench = Bench(family)
        let given = RIPNetwork.network(family, 50)
        func offer(_ route: OfferedRoute?) { bench.step { $0.offered(given, route, &$1) } }
        bench.step { $0.timer(RoutingTimer("triggered"), &$1) }
        offer(OfferedRoute(source: .static, nextHops: [], metric: 0))
        bench.step { $0.timer(RoutingTimer("triggered"), &$1) }
        #expect(bench.member("routes")?.array.contains { $0["prefix"] == JSON(given) } == true)
        let far = PathAttributes(med: 6)
        offer(
            OfferedRoute(source: .bgp, nextHops: [], metric: 0, attributes: far, isFromVPN: true))
        func metric() -> JSON? {
            bench.member("routes")?.array.first { $0["prefix"] == JSON(given) }?["metric"]
        }
        #expect(metric() == 6, "the metric of another site")
        let none = PathAttributes(med: 100)
        offer(OfferedRoute(source: .bgp, nextHops: [], metric: 0, attributes: none))
        #expect(metric() == 1, "a MED that can be no metric")
        offer(nil)
        #expect(metric() == 16)
    }

    // MARK: Authentication

    private static let methods: [Authentication.Method] = [
        .clear, .md5, .hmacSHA1, .hmacSHA256, .hmacSHA384, .hmacSHA512,
    ]

    private func network(_ first: Authentication, _ second: Authentication) -> RIPNetwork {
        var network = RIPNetwork(.ipv4, routers: 2, links: [(0, 1)]) { router, configuration in
            for index in configuration.interfaces.indices {
                configuration.interfaces[index].authentication = router == 0 ? first : second
            }
        }
        network.wait(.seconds(65))
        return network
    }

    @Test(arguments: methods, methods)
    func onlyTwoThatShareAKeyHearEachOther(
        one: Authentication.Method, other: Authentication.Method
    ) {
        let (first, second) = (
            Authentication(method: one, password: "s3cret"),
            Authentication(method: other, password: "s3cret")
        )
        #expect(network(first, second).metrics(to: 0) == [nil, one == other ? 2 : nil])
        let wrong = Authentication(method: one, password: "other")
        #expect(network(first, wrong).metrics(to: 0) == [nil, nil])
        guard one != .clear else { return }
        let numbered = Authentication(method: one, keyID: 2, password: "s3cret")
        #expect(network(first, numbered).metrics(to: 0) == [nil, nil])
    }

    @Test func whatWasRecordedIsNotTakenAgain() throws {
        let method = Authentication(method: .hmacSHA256, password: "s3cret")
        var bench = Bench(.ipv4) { $0.interfaces[0].authentication = method }
        let key = try #require(
            RIPAuthenticationKey(keyID: 1, use: .hmac(.sha256), secret: Array("s3cret".utf8)))
        let route = bench.route
        func hear(_ metric: UInt8, _ sequence: UInt32) {
            bench.hear(
                .response([RIPEntry(prefix: route, metric: metric)]), key: key,
                sequence: sequence)
        }
        hear(1, 100)
        #expect(bench.set.map(\.metric) == [2])
        hear(16, 99)
        #expect(!bench.isRemoved)
        hear(3, 100)
        #expect(bench.set.map(\.metric) == [4], "the same is as good as the next")
        hear(16, 101)
        #expect(bench.isRemoved)
        bench.tell(1)
        #expect(bench.set.isEmpty && bench.member("last-error") != nil)
    }

    @Test func aPasswordThatDoesNotFitItsUseSendsNothing() {
        let bench = Bench(.ipv4) {
            $0.interfaces[0].authentication = Authentication(
                method: .md5, password: "seventeen octets!")
        }
        #expect(bench.packets.isEmpty)
    }
}

extension IPAddress {
    fileprivate func advanced(by count: UInt128) -> IPAddress {
        IPAddress(family: family, bits: bits + count)
    }
}
