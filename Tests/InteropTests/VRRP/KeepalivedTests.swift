// SPDX-License-Identifier: Apache-2.0

import Foundation
import Primitives
import Testing

extension Interoperability {
    /// Three routers of one group on a LAN, and a host: ours with priority 250 and 10, keepalived
    /// with 200. The times after which the last two take over lie far apart, so that a busy machine
    /// cannot bring them out of order.
    @Suite("keepalived is the other router of our VRRP group")
    struct KeepalivedTests {
        private typealias Variant = VRRPVariant

        /// The routers by name: host part of the address, and number in the file's order.
        private static let routers = ["best": (2, 0), "last": (4, 1), "keepalived": (3, 2)]

        private func topology(_ variant: Variant) -> String {
            func group(_ priority: Int) -> String {
                """
                    vrrp:
                      - {lan: office, group: 7, virtual-address: "\(variant.virtualAddress)",
                         priority: \(priority), version: \(variant.version),
                         advertisement-interval: \(variant.interval)}
                """
            }
            return """
                nodes:
                  best:
                    role: ce
                    loopback: 10.0.0.1
                \(group(250))
                  last:
                    role: ce
                    loopback: 10.0.0.2
                \(group(10))
                  keepalived: {role: host}
                  host: {role: host}
                lans:
                  office:
                    endpoints:
                      best: \(variant.subnetAddress(2))
                      last: \(variant.subnetAddress(4))
                      keepalived: \(variant.subnetAddress(3))
                      host: \(variant.subnetAddress(100))
                """
        }

        /// Starts keepalived and waits until it takes part.
        private func startKeepalived(_ lab: TestLab, _ variant: Variant) throws -> NodeProgram {
            let keepalived = try HostTool("keepalived", package: "keepalived")
            let configuration = try Template.fill(
                "keepalived/vrrp.conf",
                [
                    "name": "keepalived", "version": "\(variant.version)", "interface": "eth1",
                    "group": "7", "priority": "200", "interval": variant.keepalivedInterval,
                    "virtual-addresses": variant.keepalivedAddresses,
                ])
            // Or the interface below asks and answers with its own MAC address in the name of the
            // virtual address; keepalived leaves these to whoever sets the machine up.
            let settings =
                "cd /proc/sys/net/ipv4/conf/eth1; echo 1 > arp_ignore; echo 2 > arp_announce"
            try lab.shell("keepalived", "cat > /run/vrrp.conf; \(settings)", input: configuration)
            let program = try NodeProgram(
                lab, "keepalived",
                [
                    keepalived.path, "--dont-fork", "--log-console", "--vrrp", "--use-file",
                    "/run/vrrp.conf", "--pid", "/run/vrrp.pid", "--vrrp_pid", "/run/vrrp-child.pid",
                ])
            try program.waitForError(containing: "Entering BACKUP STATE")
            return program
        }

        /// The routers that hold the virtual address on a link that is up. The kernel of one that
        /// was killed keeps it, on a link that is cut.
        private func holders(_ lab: TestLab, _ variant: Variant) throws -> [String] {
            try Self.routers.keys.sorted().filter { node in
                let words = [
                    "ip", "-br", variant.family, "address", "show", "to", variant.virtualAddress,
                ]
                return try lab.run(node, words).split(separator: " ").contains("UP")
            }
        }

        /// Waits until one router alone holds the address, and a host reaches it by the virtual MAC
        /// address.
        private func awaitMaster(_ master: String, _ lab: TestLab, _ variant: Variant) throws {
            try lab.eventually("who holds the virtual address", is: [master]) {
                try holders(lab, variant)
            }
            let address = variant.virtualAddress
            try lab.run("host", ["ping", "-c1", "-W2", address])
            let neighbor = try lab.run("host", ["ip", "neighbor", "show", address])
            #expect(neighbor.contains("lladdr \(variant.virtualMAC) "), "\(neighbor)")
        }

        private func state(_ lab: TestLab, _ node: String) throws -> String? {
            try lab.show(node, "vrrp")["groups"]?[0]?["state"]?.string
        }

        private func awaitState(_ state: String, _ node: String, _ lab: TestLab) throws {
            try lab.eventually("state of \(node)", is: state) { try self.state(lab, node) }
        }

        @Test(arguments: VRRPVariant.all)
        private func
            `takes over from ours when that stops or dies, gives way to it, and to none below`(
                _ variant: Variant
            ) throws
        {
            try TestLab.run("vrrp", topology(variant)) { lab in
                let capture = try LiveCapture(lab, "host", "eth1", variant.captureFilter)
                try awaitMaster("best", lab, variant)
                let keepalived = try startKeepalived(lab, variant)
                for event in ["stop", "kill"] {
                    try lab.event(event, ["node": "best"])
                    try awaitMaster("keepalived", lab, variant)
                    try awaitState("backup", "last", lab)
                    try lab.event("start", ["node": "best"])
                    try awaitMaster("best", lab, variant)
                }
                try lab.event("stop", ["node": "best"])
                try awaitMaster("keepalived", lab, variant)
                try keepalived.interrupt()
                try awaitMaster("last", lab, variant)
                let octets = try capture.stop()
                try expectOneMasterAtATime(octets, variant)
                if variant.isIPv6 { try expectNeighborAdvertisements(octets, variant) }
            }
        }

        /// The adverts that a host saw tell who was master, and when it said goodbye (priority 0).
        private func expectOneMasterAtATime(_ capture: [UInt8], _ variant: Variant) throws {
            let rows = try Dissection(
                capture, ["vrrp.prio", "vrrp.version", "eth.src"] + variant.fields,
                filter: "vrrp"
            ).flawlessValues()
            #expect(Set(rows.map { $0[1] }) == ["\(variant.version)"])
            #expect(Set(rows.map { $0[2] }) == [variant.virtualMAC])
            #expect(Set(rows.map { $0[4] }) == ["255"])
            var masters: [String] = []
            for row in rows {
                let name =
                    Self.routers.first { variant.source(host: $1.0, number: $1.1) == row[3] }?.key
                    ?? row[3]
                let text = row[0] == "0" ? "\(name) leaves" : name
                if masters.last != text { masters.append(text) }
            }
            #expect(
                masters == [
                    "best", "best leaves", "keepalived", "best", "keepalived", "best",
                    "best leaves", "keepalived", "keepalived leaves", "last",
                ])
        }

        /// RFC 9568 §6.4.1: whoever takes over tells all nodes, unasked, where each virtual address
        /// is now, and that a router has it.
        private func expectNeighborAdvertisements(
            _ capture: [UInt8], _ variant: Variant
        ) throws {
            let fields = [
                "icmpv6.nd.na.target_address", "icmpv6.opt.linkaddr", "icmpv6.nd.na.flag.r",
                "icmpv6.nd.na.flag.o", "eth.src", "ipv6.dst", "ipv6.hlim",
            ]
            // Where keepalived is, nothing is forwarded, and it says that it is no router.
            let rows = try Dissection(
                capture, fields,
                filter: "icmpv6.nd.na.flag.s == 0 && icmpv6.nd.na.flag.r == 1"
            ).flawlessValues()
            for address in ["fe80::5e00:207", variant.virtualAddress] {
                let row = [
                    address, variant.virtualMAC, "1", "1", variant.virtualMAC, "ff02::1", "255",
                ]
                #expect(rows.count { $0 == row } == 4, "\(rows)")
            }
        }
    }
}
