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
        /// A version, and the time between its adverts: version 2 knows whole seconds only.
        struct Variant: CustomTestStringConvertible {
            let version: Int
            let interval: String
            let keepalivedInterval: String

            var testDescription: String { "version \(version)" }
        }

        private static let variants = [
            Variant(version: 2, interval: "1s", keepalivedInterval: "1"),
            Variant(version: 3, interval: "200ms", keepalivedInterval: "0.2"),
        ]

        private static let virtualAddress = "192.0.2.1"
        private static let virtualMAC = "00:00:5e:00:01:07"
        private static let addresses = [
            "best": "192.0.2.2", "keepalived": "192.0.2.3", "last": "192.0.2.4",
        ]

        private func topology(_ variant: Variant) -> String {
            func group(_ priority: Int) -> String {
                """
                    vrrp:
                      - {lan: office, group: 7, virtual-address: 192.0.2.1, priority: \(priority),
                         version: \(variant.version), advertisement-interval: \(variant.interval)}
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
                  office: {endpoints: {best: 192.0.2.2/24, keepalived: 192.0.2.3/24,
                                       last: 192.0.2.4/24, host: 192.0.2.100/24}}
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
                    "virtual-address": "\(Self.virtualAddress)/24",
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
        private func holders(_ lab: TestLab) throws -> [String] {
            try Self.addresses.keys.sorted().filter { node in
                let words = ["ip", "-br", "-4", "address", "show", "to", Self.virtualAddress]
                return try lab.run(node, words).split(separator: " ").contains("UP")
            }
        }

        /// Waits until one router alone holds the address, and a host reaches it by the virtual MAC
        /// address.
        private func awaitMaster(_ master: String, _ lab: TestLab) throws {
            try lab.eventually("who holds the virtual address", is: [master]) { try holders(lab) }
            try lab.run("host", ["ping", "-c1", "-W2", Self.virtualAddress])
            let neighbor = try lab.run("host", ["ip", "neighbor", "show", Self.virtualAddress])
            #expect(neighbor.contains("lladdr \(Self.virtualMAC) "), "\(neighbor)")
        }

        private func state(_ lab: TestLab, _ node: String) throws -> String? {
            try lab.show(node, "vrrp")["groups"]?[0]?["state"]?.string
        }

        private func awaitState(_ state: String, _ node: String, _ lab: TestLab) throws {
            try lab.eventually("state of \(node)", is: state) { try self.state(lab, node) }
        }

        @Test(arguments: variants)
        private func
            `takes over from ours when that stops or dies, gives way to it, and to none below`(
                _ variant: Variant
            ) throws
        {
            try TestLab.run("vrrp", topology(variant)) { lab in
                let capture = try LiveCapture(lab, "host", "eth1", "ip proto 112")
                try awaitMaster("best", lab)
                let keepalived = try startKeepalived(lab, variant)
                for event in ["stop", "kill"] {
                    try lab.event(event, ["node": "best"])
                    try awaitMaster("keepalived", lab)
                    try awaitState("backup", "last", lab)
                    try lab.event("start", ["node": "best"])
                    try awaitMaster("best", lab)
                }
                try lab.event("stop", ["node": "best"])
                try awaitMaster("keepalived", lab)
                try keepalived.interrupt()
                try awaitMaster("last", lab)
                try expectOneMasterAtATime(try capture.stop(), variant)
            }
        }

        /// The adverts that a host saw tell who was master, and when it said goodbye (priority 0).
        private func expectOneMasterAtATime(_ capture: [UInt8], _ variant: Variant) throws {
            let rows = try Dissection(
                capture, ["ip.src", "vrrp.prio", "vrrp.version", "eth.src", "ip.ttl"]
            ).flawlessValues()
            #expect(Set(rows.map { $0[2] }) == ["\(variant.version)"])
            #expect(Set(rows.map { $0[3] }) == [Self.virtualMAC])
            #expect(Set(rows.map { $0[4] }) == ["255"])
            var masters: [String] = []
            for row in rows {
                let name = Self.addresses.first { $0.value == row[0] }?.key ?? row[0]
                let text = row[1] == "0" ? "\(name) leaves" : name
                if masters.last != text { masters.append(text) }
            }
            #expect(
                masters == [
                    "best", "best leaves", "keepalived", "best", "keepalived", "best",
                    "best leaves", "keepalived", "keepalived leaves", "last",
                ])
        }
    }
}
