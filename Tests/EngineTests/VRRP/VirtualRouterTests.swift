// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Testing
import Wire

/// RFC 9568 §6.4, and what version 2 does otherwise.
@Suite struct VirtualRouterTests {
    // 256ths of a second that priorities 250 and 150 wait beyond three intervals.
    let skew250 = Duration.nanoseconds(6 * 1_000_000_000 / 256)
    let skew150 = Duration.nanoseconds(106 * 1_000_000_000 / 256)

    func orcus(_ change: (inout VRRPConfiguration) -> Void = { _ in }) -> VirtualRouterBench {
        VirtualRouterBench {
            $0.primaryAddress = address("192.168.1.2")
            $0.priority = 150
            change(&$0)
        }
    }

    func master(_ change: (inout VRRPConfiguration) -> Void = { _ in }) -> VirtualRouterBench {
        var bench = VirtualRouterBench(change)
        bench.up()
        bench.timer(.vrrpMasterDown(bench.key))
        return bench
    }

    // MARK: The way to master

    @Test func `a router starts as backup and waits three intervals and its skew time`() {
        var bench = VirtualRouterBench()
        bench.up()
        #expect(bench.state == "backup")
        #expect(bench.masterDown == .seconds(3) + skew250)
        var other = orcus()
        other.up()
        #expect(other.masterDown == .seconds(3) + skew150)
    }

    @Test func `silence makes it master: addresses first, then the advert through them`() {
        var bench = VirtualRouterBench()
        bench.up()
        bench.timer(.vrrpMasterDown(bench.key))
        #expect(bench.state == "master")
        let order = bench.effects.filter { if case .vrrp = $0 { true } else { false } }
        #expect(order.first == .vrrp(bench.takeOver))
        #expect(order.count == 2)
        #expect(bench.adverts.map(\.priority) == [250])
        #expect(bench.adverts.first?.addresses == [address("192.168.1.1")])
        #expect(bench.nextAdvert == .seconds(1))
        #expect(
            bench.effects.contains(.report(.vrrp(interface: "lan", group: 1, state: "master"))))
    }

    @Test func `a master adverts every interval`() {
        var bench = master { $0.advertisementInterval = .milliseconds(200) }
        bench.wait(.milliseconds(200))
        bench.timer(.vrrpAdvertisement(bench.key))
        #expect(bench.adverts.map(\.interval) == [20])
        #expect(bench.nextAdvert == .milliseconds(200))
    }

    @Test func `an advert of a better master defers the backup`() {
        var bench = orcus()
        bench.up()
        bench.hear(priority: 250, from: "192.168.1.3")
        #expect(bench.masterDown == .seconds(3) + skew150)
        #expect(bench.router.json["master-address"] == "192.168.1.3")
    }

    @Test func `the owner of the addresses is master at once, and listens to nobody`() {
        var bench = VirtualRouterBench {
            $0.priority = 255
            $0.tracks = [.init(object: .interface("up"), priorityCost: 100)]
        }
        bench.up()
        #expect(bench.state == "master")
        #expect(bench.adverts.map(\.priority) == [255])
        bench.track([false])
        #expect(bench.router.effectivePriority == 255)
        bench.hear(priority: 254)
        #expect(bench.state == "master")
        #expect(bench.effects.isEmpty)
    }

    // MARK: The way from master

    @Test func `a master of higher priority is yielded to`() {
        var bench = orcus()
        bench.up()
        bench.timer(.vrrpMasterDown(bench.key))
        bench.hear(priority: 250, from: "192.168.1.3")
        #expect(bench.state == "backup")
        #expect(bench.releases)
        #expect(bench.cancels(.vrrpAdvertisement(bench.key)))
        #expect(bench.masterDown == .seconds(3) + skew150)
    }

    @Test func `a tie goes to the higher primary address`() {
        var bench = master()
        bench.hear(priority: 250, from: "192.168.1.2")
        #expect(bench.state == "master")
        #expect(bench.adverts.count == 1, "it asserts itself")
        bench.hear(priority: 250, from: "192.168.1.4")
        #expect(bench.state == "backup")
    }

    @Test func `a master of lower priority is answered at once`() {
        var bench = master()
        bench.hear(priority: 150)
        #expect(bench.state == "master")
        #expect(bench.adverts.map(\.priority) == [250])
        #expect(bench.nextAdvert == .seconds(1))
    }

    @Test func `an interface that goes down takes the addresses away without a word`() {
        var bench = master()
        bench.down()
        #expect(bench.state == "initialize")
        #expect(bench.releases)
        #expect(bench.adverts.isEmpty)
        #expect(bench.cancels(.vrrpAdvertisement(bench.key)))
        bench.up()
        #expect(bench.state == "backup")
    }

    @Test func `a clean stop says priority 0 before the addresses go`() {
        var bench = master()
        bench.shutDown()
        #expect(bench.adverts.map(\.priority) == [0])
        #expect(bench.effects.lastIndex(of: .vrrp(bench.release)) ?? 0 > 0)
        #expect(bench.state == "initialize")
        bench.up()
        #expect(bench.state == "initialize", "it stays down")
    }

    @Test func `a stopped backup says nothing`() {
        var bench = orcus()
        bench.up()
        bench.shutDown()
        #expect(bench.adverts.isEmpty)
        #expect(!bench.releases)
    }

    @Test func `priority 0 lets the backup take over after its skew time`() {
        var bench = orcus()
        bench.up()
        bench.hear(priority: 250, from: "192.168.1.3")
        bench.hear(priority: 0, from: "192.168.1.3")
        #expect(bench.masterDown == skew150)
        bench.timer(.vrrpMasterDown(bench.key))
        #expect(bench.state == "master")
    }

    // MARK: Preemption

    @Test func `a lower master is not listened to, and its time runs out`() {
        var bench = VirtualRouterBench()
        bench.up()
        bench.hear(priority: 150)
        #expect(bench.masterDown == nil)
        bench.timer(.vrrpMasterDown(bench.key))
        #expect(bench.state == "master")
    }

    @Test func `without preempt a lower master stays`() {
        var bench = VirtualRouterBench { $0.preempt = false }
        bench.up()
        bench.hear(priority: 150)
        #expect(bench.masterDown == .seconds(3) + skew250)
    }

    @Test func `during the preempt delay a lower master stays, and then goes at once`() {
        var bench = VirtualRouterBench { $0.preemptDelay = .seconds(20) }
        bench.up()
        #expect(bench.armed(.vrrpPreempt(bench.key)) == .seconds(20))
        bench.wait(.seconds(19))
        bench.hear(priority: 150)
        #expect(bench.masterDown == .seconds(3) + skew250)
        bench.wait(.seconds(1))
        bench.timer(.vrrpPreempt(bench.key))
        #expect(bench.state == "master")
        #expect(bench.takesOver)
        #expect(bench.cancels(.vrrpMasterDown(bench.key)))
    }

    @Test func `the preempt delay does not wait when there is no master`() {
        var bench = VirtualRouterBench { $0.preemptDelay = .seconds(20) }
        bench.up()
        #expect(bench.masterDown == .seconds(3) + skew250)
        bench.wait(.seconds(4))
        bench.timer(.vrrpMasterDown(bench.key))
        #expect(bench.state == "master")
        #expect(bench.cancels(.vrrpPreempt(bench.key)))
    }

    @Test func `a better master is not disturbed when the preempt delay ends`() {
        var bench = orcus { $0.preemptDelay = .seconds(20) }
        bench.up()
        bench.hear(priority: 250, from: "192.168.1.3")
        bench.timer(.vrrpPreempt(bench.key))
        #expect(bench.state == "backup")
        #expect(bench.effects.isEmpty)
    }

    // MARK: Tracking

    func tracking(delay: Duration = .zero) -> VirtualRouterBench {
        var bench = VirtualRouterBench {
            $0.preemptDelay = delay
            $0.tracks = [
                .init(object: .interface("core"), priorityCost: 60),
                .init(object: .route(vrf: nil, prefix: prefix("10.0.0.3/32")), priorityCost: 60),
            ]
        }
        bench.up()
        bench.timer(.vrrpMasterDown(bench.key))
        return bench
    }

    @Test func `each loss costs its priority, and the master says so at once`() {
        var bench = tracking()
        bench.track([false, true])
        #expect(bench.adverts.map(\.priority) == [190])
        bench.track([false, false])
        #expect(bench.adverts.map(\.priority) == [130])
        bench.track([false, false])
        #expect(bench.effects.isEmpty)
        bench.hear(priority: 150)
        #expect(bench.state == "backup")
    }

    @Test func `priority never falls below one`() {
        var bench = VirtualRouterBench {
            $0.priority = 100
            $0.tracks = [
                .init(object: .interface("a"), priorityCost: 99),
                .init(object: .interface("b"), priorityCost: 99),
            ]
        }
        bench.up()
        bench.track([false, false])
        #expect(bench.router.effectivePriority == 1)
    }

    @Test func `the preempt delay counts again when the tracked object returns`() {
        var bench = tracking(delay: .seconds(20))
        bench.track([false, false])
        bench.hear(priority: 150)
        #expect(bench.state == "backup")
        bench.wait(.seconds(100))
        bench.track([true, true])
        #expect(bench.armed(.vrrpPreempt(bench.key)) == .seconds(20))
        bench.hear(priority: 150)
        #expect(bench.masterDown == .seconds(3) + skew250)
        bench.wait(.seconds(20))
        bench.timer(.vrrpPreempt(bench.key))
        #expect(bench.state == "master")
    }

    // MARK: Intervals

    @Test func `version 3 learns the master's interval`() {
        var bench = orcus()
        bench.up()
        bench.hear(priority: 250, from: "192.168.1.3", interval: 10)
        let skew = Duration.nanoseconds(106 * 100_000_000 / 256)
        #expect(bench.masterDown == .milliseconds(300) + skew)
        bench.hear(priority: 0, from: "192.168.1.3", interval: 10)
        #expect(bench.masterDown == skew)
    }

    @Test func `version 2 ignores another interval`() {
        var bench = orcus { $0.version = 2 }
        bench.up()
        bench.hear(priority: 250, from: "192.168.1.3", version: .v2, interval: 300)
        #expect(bench.effects.isEmpty)
        #expect(bench.router.lastError == "advertisement interval 3s from 192.168.1.3")
        bench.hear(priority: 250, from: "192.168.1.3", version: .v2)
        #expect(bench.masterDown == .seconds(3) + skew150)
    }

    @Test func `version 2 skews by 256ths of a second whatever the interval`() {
        var bench = orcus {
            $0.version = 2
            $0.advertisementInterval = .seconds(5)
        }
        bench.up()
        #expect(bench.masterDown == .seconds(15) + skew150)
    }

    // MARK: Packets that are not taken

    @Test func `a packet that crossed a router is ignored`() {
        var bench = master()
        bench.hear(priority: 254, hopLimit: 254)
        #expect(bench.effects.isEmpty)
        #expect(bench.router.lastError == "hop limit 254 from 192.168.1.2")
    }

    @Test func `a packet of the other version is ignored`() {
        var bench = master()
        bench.hear(priority: 254, version: .v2)
        #expect(bench.effects.isEmpty)
        #expect(bench.state == "master")
    }

    @Test func `a damaged packet is ignored`() {
        var bench = master()
        bench.hear([0x31, 1, 254, 1, 0, 100, 0, 0, 192, 168, 1, 1], address("192.168.1.2"))
        #expect(bench.effects.isEmpty)
        #expect(bench.router.lastError?.contains("Checksum") == true)
        for count in 0..<12 {
            bench.hear([UInt8](repeating: 0x31, count: count), address("192.168.1.2"))
            #expect(bench.effects.isEmpty)
        }
    }

    @Test func `our own packet that comes back is ignored`() {
        var bench = master()
        bench.hear(priority: 254, from: "192.168.1.3")
        #expect(bench.effects.isEmpty)
    }

    @Test func `other virtual addresses are noted; version 2 believes only the owner`() {
        var three = orcus()
        three.up()
        three.hear(priority: 250, from: "192.168.1.3", addresses: ["192.168.1.9"])
        #expect(three.masterDown != nil)
        #expect(three.router.lastError != nil)
        var two = orcus { $0.version = 2 }
        two.up()
        two.hear(
            priority: 250, from: "192.168.1.3", version: .v2, addresses: ["192.168.1.9"])
        #expect(two.effects.isEmpty)
        two.hear(
            priority: 255, from: "192.168.1.3", version: .v2, addresses: ["192.168.1.9"])
        #expect(two.masterDown != nil)
    }

    // MARK: IPv6

    @Test func `IPv6 works alike, from link-local addresses`() {
        var bench = VirtualRouterBench {
            $0.primaryAddress = address("fe80::3")
            $0.virtualAddresses = [address("fe80::1"), address("2001:db8::1")]
        }
        bench.up()
        bench.timer(.vrrpMasterDown(bench.key))
        #expect(bench.adverts.first?.addresses.map(\.description) == ["fe80::1", "2001:db8::1"])
        #expect(bench.router.json["virtual-mac"] == "00:00:5e:00:02:01")
        bench.hear(
            priority: 254, from: "fe80::2", addresses: ["fe80::1", "2001:db8::1"])
        #expect(bench.state == "backup")
        let v4 = address("192.168.1.2")
        #expect(!bench.router.concerns(interface: "lan", source: v4, payload: [0x31, 1]))
        let v6 = address("fe80::2")
        #expect(bench.router.concerns(interface: "lan", source: v6, payload: [0x31, 1]))
        #expect(!bench.router.concerns(interface: "lan", source: v6, payload: [0x31, 2]))
    }
}
