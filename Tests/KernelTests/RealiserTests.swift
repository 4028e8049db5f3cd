// SPDX-License-Identifier: Apache-2.0

import Glibc
import Kernel
import KernelObjects
import KernelWitness
import Primitives
import Testing

/// The sample lab made real, as iproute2 sees it.
@Suite struct RealiserTests {
    let realiser = Realiser()
    let changes: [String]

    init() throws { changes = try realiser.realise(SampleLab.objects()) }

    func link(_ name: String, in namespace: String) throws -> JSON {
        let links = try realiser.witness(namespace).ip("link", "show", "dev", name)
        return try #require(links.first)
    }

    @Test func `a cable joins two namespaces, each end with its own MTU and MAC address`() throws {
        let left = try link("cable", in: "left")
        let right = try link("cable", in: "right")
        #expect(left["linkinfo", "info_kind"] == "veth")
        #expect(
            left.only("mtu", "operstate", "address")
                == ["mtu": 1516, "operstate": "UP", "address": "02:00:00:00:00:01"])
        #expect(
            right.only("mtu", "operstate", "address")
                == ["mtu": 1700, "operstate": "UP", "address": "02:00:00:00:00:02"])
        #expect(left["link_index"] == right["ifindex"])
        #expect(right["link_index"] == left["ifindex"])
    }

    @Test func `no two links have the same index, or carrier would be told late`() throws {
        var indexes: [Int64] = []
        for objects in try SampleLab.objects().namespaces {
            let own = Set(objects.links.map(\.name)).subtracting(["lo"])
            for link in try realiser.witness(objects.name).ip("link") {
                guard own.contains(link["ifname"]?.string ?? "") else { continue }
                indexes.append(try #require(link["ifindex"]?.int))
            }
        }
        #expect(indexes.count == 8)
        #expect(Set(indexes).count == indexes.count)
    }

    @Test func `packets cross the cable, for both families`() throws {
        let left = try realiser.witness("left")
        // The entry of the sample must be right for this, too.
        try left.run("ping", "-c1", "-W5", "192.0.2.2")
        try left.run("ping", "-c1", "-W5", "2001:db8::2")
    }

    @Test func `packets cross the LAN, whose ports are in the bridge`() throws {
        for port in ["left", "right"] {
            let link = try link(port, in: "segment")
            #expect(link["master"] == "bridge")
            #expect(link["operstate"] == "UP")
        }
        #expect(try link("bridge", in: "segment")["linkinfo", "info_kind"] == "bridge")
        try realiser.witness("left").run("ping", "-c1", "-W5", "198.51.100.2")
    }

    @Test func `a macvlan has the given MAC address and stays down`() throws {
        let link = try link("vrrp7", in: "left")
        #expect(link["address"]?.string == SampleLab.virtualMAC)
        #expect(link["link"] == "lan")
        #expect(link["operstate"] == "DOWN")
        #expect(link["linkinfo", "info_data", "mode"] == "bridge")
        #expect(link["linkinfo", "info_kind"] == "macvlan")
    }

    @Test func `addresses are there and not tentative`() throws {
        let addresses = try realiser.witness("left").addresses("show", "dev", "cable")
        let global = addresses.filter { $0["scope"] == "global" }
        #expect(
            global.map { $0.only("local", "prefixlen") } == [
                ["local": "192.0.2.1", "prefixlen": 30],
                ["local": "2001:db8::1", "prefixlen": 64],
            ])
        #expect(!addresses.contains { $0["tentative"] != nil })
        let loopback = try realiser.witness("left").addresses("show", "dev", "lo", "to", "10/8")
        #expect(loopback.map { $0["local"] } == ["10.0.0.1"])
        #expect(try link("lo", in: "left")["flags"]?.array.contains("UP") == true)
    }

    @Test func `a router's link has a link-local address at once, a switch's port has none`() throws
    {
        let cable = try realiser.witness("left").addresses("show", "dev", "cable", "scope", "link")
        #expect(
            cable.map { $0.only("local", "tentative") } == [["local": "fe80::ff:fe00:1"]])
        #expect(try realiser.witness("segment").addresses("show") == [])
    }

    @Test func `neighbours are permanent`() throws {
        let neighbours = try realiser.witness("left").ip("neighbour", "show", "nud", "permanent")
        let wanted: [JSON] = ["192.0.2.2", "2001:db8::2"].map {
            ["dst": .string($0), "dev": "cable", "lladdr": "02:00:00:00:00:02"]
        }
        for neighbour in wanted {
            #expect(neighbours.map { $0.only("dst", "dev", "lladdr") }.contains(neighbour))
        }
    }

    @Test func `rules look up the tables they name`() throws {
        let witness = try realiser.witness("left")
        let v4 = try witness.ip("rule", "show", "priority", "500")
        let v6 = try witness.ip("-6", "rule", "show", "priority", "500")
        #expect(v4.map { $0.only("priority", "table") } == [["priority": 500, "table": "1001"]])
        #expect(v6.map { $0.only("priority", "table") } == [["priority": 500, "table": "200"]])
    }

    @Test func `kernel parameters are those of the namespace alone`() throws {
        #expect(try realiser.witness("left").sysctl("net/ipv4/ip_forward") == "1")
        #expect(try realiser.witness("left").sysctl("net/ipv4/conf/cable/rp_filter") == "0")
        #expect(try realiser.witness("right").sysctl("net/ipv4/ip_forward") == "0")
    }

    @Test func `a link is born with the defaults that are asked for`() throws {
        let realiser = Realiser()
        var objects = NamespaceObjects(
            name: "heir",
            links: [Link(name: "lo", kind: .loopback), Link(name: "heirloom", kind: .bridge)])
        for value in ["0", "1"] {
            let path = "net/ipv4/conf/default/send_redirects"
            objects.name += value
            objects.sysctls = [Sysctl(path, value)]
            _ = try realiser.realise(LabObjects(namespaces: [objects]))
            let witness = try realiser.witness(objects.name)
            #expect(try witness.sysctl("net/ipv4/conf/heirloom/send_redirects") == value)
        }
    }

    @Test func `every change is told, and the second time there is none`() throws {
        #expect(changes.contains("create namespace left"))
        #expect(changes.contains("create veth cable in left"))
        #expect(changes.contains("add 192.0.2.1/30 to cable in left"))
        #expect(changes.contains("set net/ipv4/ip_forward to 1 in left"))
        #expect(try realiser.realise(SampleLab.objects()) == [])
    }

    @Test func `only what was changed by another hand is put right`() throws {
        let witness = try realiser.witness("left")
        try witness.run("ip", "link", "set", "cable", "mtu", "1300")
        try witness.run("ip", "address", "del", "198.51.100.1/24", "dev", "lan")
        #expect(
            try realiser.realise(SampleLab.objects()) == [
                "set cable mtu 1516 in left", "add 198.51.100.1/24 to lan in left",
            ])
        #expect(try link("cable", in: "left")["mtu"] == 1516)
    }

    @Test func `what is not the lab's own stays`() throws {
        let witness = try realiser.witness("left")
        try witness.run("ip", "link", "add", "guest", "type", "bridge")
        try witness.run("ip", "address", "add", "203.0.113.9/32", "dev", "cable")
        _ = try realiser.realise(SampleLab.objects())
        #expect(try link("guest", in: "left")["linkinfo", "info_kind"] == "bridge")
        #expect(try witness.run("ip", "address", "show", "dev", "cable").contains("203.0.113.9"))
    }

    @Test func `a foreign link in the place of the lab's own is an error and stays`() throws {
        let witness = try realiser.witness("left")
        try witness.run("ip", "link", "del", "vrrp7")
        try witness.run("ip", "link", "add", "vrrp7", "type", "bridge")
        let error = #expect(throws: SystemError.self) {
            try realiser.realise(SampleLab.objects())
        }
        #expect(error?.code == EEXIST)
        #expect(error?.description.contains("vrrp7 in left: it is a bridge") == true)
        #expect(try link("vrrp7", in: "left")["linkinfo", "info_kind"] == "bridge")
    }

    @Test func `a veth whose other end is not in the lab is an error that names it`() throws {
        let stray = NamespaceObjects(
            name: "stray",
            links: [
                Link(name: "eth0", kind: .veth(peer: LinkEnd(namespace: "nowhere", link: "eth0")))
            ])
        let error = #expect(throws: SystemError.self) {
            try realiser.realise(LabObjects(namespaces: [stray]))
        }
        #expect(error?.description.contains("nowhere") == true)
    }

    @Test func `when the realiser goes, its namespaces go`() throws {
        var lab: Realiser? = Realiser()
        _ = try lab?.realise(SampleLab.objects())
        // The only thing that still knows the lab from outside: the other end of a cable into it.
        let outside = try Namespace.create("outside")
        let place = "/proc/\(getpid())/fd/\(outside.descriptor)"
        try lab?.witness("left").run("ip", "link", "add", "tether", "type", "veth")
        try lab?.witness("left").run("ip", "link", "set", "veth0", "netns", place)
        var monitor: LinkMonitor?
        try outside.enter { () throws(SystemError) in monitor = try LinkMonitor() }
        #expect(try Witness(namespace: outside).ip("link", "show", "dev", "veth0").count == 1)
        lab = nil
        #expect(try monitor?.waits { if case .removed = $0 { true } else { false } } == true)
    }
}
