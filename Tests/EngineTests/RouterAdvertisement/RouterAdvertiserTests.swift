// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Testing
import Wire

/// A router with one LAN in virtual time; events go in, advertisements come out.
private struct AdvertisementBench {
    var router: Router
    var now = Instant.zero
    /// What was sent, and when.
    var sent: [(at: Duration, device: String, source: IPAddress, message: RouterAdvertisement)] =
        []
    /// What is armed.
    var timers: [TimerID: Instant] = [:]
    var takesOver: [Duration] = []

    /// - Parameter priority: of an IPv6 virtual router on the LAN; nil for none.
    init(priority: UInt8? = nil) {
        let linkLocal = address("fe80::ff:fe00:0")
        var configuration = RouterConfiguration(
            name: "luna", routerID: IPv4Address(bits: 1),
            interfaces: [
                InterfaceConfiguration(
                    name: "lan", addresses: [InterfaceAddress(address("2001:db8::2"), length: 64)])
            ])
        let key = VRRPKey(interface: "lan", group: 5, family: .ipv6)
        if let priority {
            configuration.vrrpGroups = [
                VRRPConfiguration(
                    interface: "lan", device: "vrrp5", group: 5,
                    virtualAddresses: [address("fe80::5e00:205")], primaryAddress: linkLocal,
                    priority: priority)
            ]
        }
        let mac = MACAddress(bits: 0x0200 << 32)
        configuration.routerAdvertisements = [
            RouterAdvertisementConfiguration(
                interface: "lan", device: priority == nil ? "lan" : "vrrp5",
                source: priority == nil ? linkLocal : address("fe80::5e00:205"),
                linkLayerAddress: priority == nil ? mac : .virtualRouter(5, .ipv6),
                virtualRouter: priority == nil ? nil : key,
                prefixes: [prefix("2001:db8::/64")])
        ]
        router = Router(configuration)
        take(.start)
    }

    mutating func take(_ event: Event) {
        for effect in router.step(event, at: now) {
            switch effect {
            case .arm(let id, let moment): timers[id] = moment
            case .cancel(let id): timers[id] = nil
            case .vrrp(.takeOver): takesOver.append(now - .zero)
            case .routerAdvertisement(let device, let source, let payload):
                guard
                    let message = try? RouterAdvertisement(
                        decoding: payload, source: source, destination: .allNodes)
                else {
                    Issue.record("not an advertisement")
                    continue
                }
                sent.append((now - .zero, device, source, message))
            default: break
            }
        }
    }

    mutating func run(for duration: Duration) {
        let end = now + duration
        while let next = timers.min(by: { ($0.value, $0.key) < ($1.value, $1.key) }),
            next.value <= end
        {
            timers[next.key] = nil
            now = next.value
            take(.timer(next.key))
        }
        now = end
    }

    mutating func solicit(hopLimit: UInt8 = 255, from source: String = "fe80::9") {
        let source = address(source)
        take(
            .routerSolicitation(
                interface: "lan", source: source, hopLimit: hopLimit,
                payload: RouterSolicitation().encoded(source: source, destination: .allRouters)))
    }

    var moments: [Duration] { sent.map(\.at) }
}

@Suite("Router advertisements in virtual time")
struct RouterAdvertiserTests {
    @Test func `three come quickly after the interface is up, then one a second`() {
        var bench = AdvertisementBench()
        bench.run(for: .seconds(1))
        #expect(bench.moments == [])
        bench.take(.link(interface: "lan", isUp: true))
        bench.run(for: .seconds(3))
        let offsets: [Duration] = bench.moments.map { $0 - .seconds(1) }
        #expect(
            offsets == [
                .zero, .milliseconds(250), .milliseconds(500), .milliseconds(1500),
                .milliseconds(2500),
            ])
        let first = bench.sent[0]
        #expect(first.device == "lan")
        #expect(first.source == address("fe80::ff:fe00:0"))
        #expect(first.message.lifetime == 9)
        #expect(first.message.sourceMAC?.description == "02:00:00:00:00:00")
        #expect(first.message.prefixes == [.init(prefix("2001:db8::/64"))])
    }

    @Test func `none come while the interface is down, and a new series when it is back`() {
        var bench = AdvertisementBench()
        bench.take(.link(interface: "lan", isUp: true))
        bench.run(for: .milliseconds(100))
        bench.take(.link(interface: "lan", isUp: false))
        bench.run(for: .seconds(5))
        #expect(bench.moments == [.zero])
        #expect(bench.sent[0].message.lifetime == 9)
        bench.take(.link(interface: "lan", isUp: true))
        bench.run(for: .milliseconds(300))
        #expect(bench.moments.dropFirst() == [.milliseconds(5100), .milliseconds(5350)])
    }

    @Test func `a solicitation is answered at once, but not twice within 30 ms`() {
        var bench = AdvertisementBench()
        bench.take(.link(interface: "lan", isUp: true))
        bench.run(for: .seconds(1))
        let count = bench.sent.count
        bench.solicit()
        #expect(bench.moments.dropFirst(count) == [.seconds(1)])
        bench.run(for: .milliseconds(10))
        bench.solicit()
        bench.solicit()
        bench.run(for: .milliseconds(100))
        #expect(bench.moments.dropFirst(count) == [.seconds(1), .milliseconds(1030)])
        bench.run(for: .milliseconds(920))
        #expect(bench.moments.last == .milliseconds(2030))
    }

    @Test func `a solicitation that crossed a router, or cannot be read, is not answered`() {
        var bench = AdvertisementBench()
        bench.take(.link(interface: "lan", isUp: true))
        bench.run(for: .seconds(1))
        let count = bench.sent.count
        bench.solicit(hopLimit: 254)
        bench.take(
            .routerSolicitation(
                interface: "lan", source: address("fe80::9"), hopLimit: 255, payload: [133, 0]))
        #expect(bench.sent.count == count)
    }

    @Test func `a router that stops takes itself from the hosts' default routers`() {
        var bench = AdvertisementBench()
        bench.take(.link(interface: "lan", isUp: true))
        bench.run(for: .seconds(1))
        bench.take(.command(.shutDown))
        #expect(bench.sent.last?.message.lifetime == 0)
        let count = bench.sent.count
        bench.run(for: .seconds(5))
        #expect(bench.sent.count == count)
    }

    @Test func `of a virtual router the master advertises, with its address and MAC address`() {
        var bench = AdvertisementBench(priority: 100)
        bench.take(.link(interface: "lan", isUp: true))
        bench.solicit()
        bench.run(for: .seconds(5))
        #expect(bench.moments.first == bench.takesOver.first)
        #expect(bench.moments.first.map { $0 > .seconds(3) } == true)
        #expect(bench.sent.allSatisfy { $0.device == "vrrp5" })
        #expect(bench.sent.allSatisfy { $0.source == address("fe80::5e00:205") })
        #expect(bench.sent[0].message.sourceMAC?.description == "00:00:5e:00:02:05")
    }

    @Test func `a master that gives way falls silent, and says no goodbye`() throws {
        var bench = AdvertisementBench(priority: 100)
        bench.take(.link(interface: "lan", isUp: true))
        bench.run(for: .seconds(5))
        let count = bench.sent.count
        #expect(count > 0)
        let other = address("fe80::7")
        let advert = VRRPAdvertisement(
            version: .v3, virtualRouterID: 5, priority: 200, interval: 100,
            addresses: [address("fe80::5e00:205")])
        let payload = try advert.encoded(
            source: other, destination: VRRPAdvertisement.multicastGroup(.ipv6))
        bench.take(.vrrp(interface: "lan", source: other, hopLimit: 255, payload: payload))
        bench.solicit()
        bench.run(for: .seconds(2))
        #expect(bench.sent.count == count)
    }

    @Test func `a master that stops leaves the virtual router's hosts to the next`() {
        var bench = AdvertisementBench(priority: 100)
        bench.take(.link(interface: "lan", isUp: true))
        bench.run(for: .seconds(5))
        bench.take(.command(.shutDown))
        #expect(bench.sent.allSatisfy { $0.message.lifetime == 9 })
    }
}
