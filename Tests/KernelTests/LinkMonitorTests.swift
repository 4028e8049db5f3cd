// SPDX-License-Identifier: Apache-2.0

import Kernel
import KernelObjects
import KernelWitness
import Primitives
import Testing

@Suite struct LinkMonitorTests {
    let realiser = Realiser()
    let monitor: LinkMonitor

    init() throws {
        _ = try realiser.realise(SampleLab.objects())
        let namespace = try #require(realiser.namespace("left"))
        monitor = try namespace.enter { () throws(SystemError) in try LinkMonitor() }
    }

    @Test func `a link whose other end goes down stays up but no longer runs`() throws {
        try realiser.witness("right").run("ip", "link", "set", "cable", "down")
        let isSeen = try monitor.waits {
            if case .changed(let link) = $0 {
                link.name == "cable" && link.isUp && !link.isRunning
            } else {
                false
            }
        }
        #expect(isSeen)
        try realiser.witness("right").run("ip", "link", "set", "cable", "up")
        let isBack = try monitor.waits {
            if case .changed(let link) = $0 {
                link.name == "cable" && link.isRunning
            } else {
                false
            }
        }
        #expect(isBack)
    }

    @Test func `a link that is deleted is told by its index`() throws {
        let links = try realiser.witness("left").ip("link", "show", "dev", "lan")
        let index = try #require(links.first?["ifindex"]?.int)
        try realiser.witness("left").run("ip", "link", "del", "lan")
        #expect(
            try monitor.waits {
                if case .removed(let gone) = $0 { gone == UInt32(index) } else { false }
            })
    }

    @Test func `an address that comes or goes is told by its link`() throws {
        let links = try realiser.witness("left").ip("link", "show", "dev", "cable")
        let index = try #require(links.first?["ifindex"]?.int)
        for verb in ["add", "del"] {
            try realiser.witness("left").run(
                "ip", "address", verb, "203.0.113.1/32", "dev", "cable")
            #expect(
                try monitor.waits {
                    switch $0 {
                    case .addressAdded(UInt32(index)): verb == "add"
                    case .addressRemoved(UInt32(index)): verb == "del"
                    default: false
                    }
                })
        }
    }

    @Test func `a port that leaves its bridge is not taken for deleted`() throws {
        let segment = try #require(realiser.namespace("segment"))
        let monitor = try segment.enter { () throws(SystemError) in try LinkMonitor() }
        let witness = try realiser.witness("segment")
        try witness.run("ip", "link", "set", "left", "nomaster")
        // The last event of ours: all that the first command caused stands before it.
        try witness.run("ip", "link", "set", "right", "mtu", "1400")
        var removed: [UInt32] = []
        let isSeen = try monitor.waits {
            if case .removed(let index) = $0 { removed.append(index) }
            if case .changed(let link) = $0 { return link.name == "right" && link.mtu == 1400 }
            return false
        }
        #expect(isSeen)
        #expect(removed == [])
    }

    @Test func `notifications that the kernel dropped are told as an overrun`() throws {
        let witness = try realiser.witness("left")
        let script = "for i in $(seq 2500); do echo link set cable alias $i; done | ip -batch -"
        try witness.run("sh", "-c", script)
        #expect(try monitor.waits { if case .overrun = $0 { true } else { false } })
    }

    @Test func `links and addresses can be changed by index`() throws {
        let socket = try #require(try realiser.socket("left"))
        let index = try LinkIndexes(try socket.links()).index(of: "vrrp7", for: "test")
        let address: InterfaceAddress = try value("198.51.100.254/32")
        try socket.set(link: index, "vrrp7", isUp: true)
        for _ in 1...2 { try socket.add(address, to: index, "vrrp7") }
        let witness = try realiser.witness("left")
        #expect(try witness.run("ip", "address", "show", "dev", "vrrp7").contains("\(address)"))
        for _ in 1...2 { try socket.remove(address, from: index, "vrrp7") }
        try socket.set(link: index, "vrrp7", isUp: false)
        let text = try witness.run("ip", "address", "show", "dev", "vrrp7")
        #expect(!text.contains("\(address)"))
        #expect(text.contains("state DOWN"))
    }
}
