// SPDX-License-Identifier: Apache-2.0

import Control
import Primitives
import Testing

extension Interoperability {
    /// A VPN over GRE in ESP, in a microVM: pe1 is ours with the IKE daemon that Weft runs; pe2's
    /// daemon is started by the test as its administrator would, with a swanctl.conf of its own.
    @Suite("strongSwan is the other end of our security associations")
    struct StrongSwanTests {
        private let topology = """
            core: {mode: ip}
            ipsec: {esp: {keying: ike, secret: known to two, dead-peer-delay: 1s}}
            transports: {secure: {encapsulation: gre, ipsec: esp}}
            nodes:
              pe1:
                role: pe
                loopback: 10.0.0.1
                bgp: {as: 65000, neighbors: {pe2: {families: [vpnv4]}}}
                vrfs: {blue: {rd: "65000:1", target: "65000:100"}}
              pe2:
                role: pe
                loopback: 10.0.0.2
                bgp: {as: 65000, neighbors: {pe1: {families: [vpnv4]}}}
                vrfs: {blue: {rd: "65000:2", target: "65000:100"}}
              ce1: {role: ce, loopback: none, static: {0.0.0.0/0: pe1}}
              ce2: {role: ce, loopback: none, static: {0.0.0.0/0: pe2}}
            links:
              - {endpoints: [pe1, pe2]}
              - {endpoints: [pe1, ce1], vrf: blue, subnet: 192.168.1.0/30}
              - {endpoints: [pe2, ce2], vrf: blue, subnet: 192.168.2.0/30}
            """

        /// Ends the daemon that Weft started in the node, and all that it told the kernel; starts
        /// one that swanctl tells what to do.
        private func replaceDaemon(_ lab: TestLab) throws {
            let configuration = try Template.fill(
                "strongswan/other-end.conf",
                ["local": "10.0.0.2", "remote": "10.0.0.1", "secret": "known to two"])
            try lab.shell(
                "pe2",
                """
                for process in $(pgrep -x charon-systemd); do
                    if [ $(readlink /proc/$process/ns/net) = $(readlink /proc/self/ns/net) ]; then
                        kill -KILL $process
                    fi
                done
                ip xfrm state flush
                ip xfrm policy flush
                mkdir -p /run/other
                cat > /run/other/swanctl.conf
                echo 'charon-systemd { install_routes = no }' > /run/other/strongswan.conf
                export STRONGSWAN_CONF=/run/other/strongswan.conf
                rm -f /run/charon.vici
                setsid /usr/sbin/charon-systemd < /dev/null > /run/other/log 2>&1 &
                until swanctl --load-all --file /run/other/swanctl.conf; do sleep 0.1; done
                """, input: configuration)
        }

        /// Our view of the associations with pe2.
        private func peer(_ lab: TestLab) throws -> JSON? {
            try lab.connection.call(.ipsec, [.init("node", "pe1")])["peers"]?.array
                .first { $0["name"]?.string == "pe2" }
        }

        private func spis(_ lab: TestLab) throws -> Set<Int64> {
            Set(try peer(lab)?["associations"]?.array.compactMap { $0["spi"]?.int } ?? [])
        }

        private func ping(_ lab: TestLab, count: Int) throws -> String {
            try lab.run("ce1", ["ping", "-c\(count)", "-i0.1", "-W2", "192.168.2.2"])
        }

        @Test func `it protects the tunnel, and changes keys without loss`()
            throws
        {
            try TestLab.run("strongswan", substrate: "microvm", topology) { lab in
                try replaceDaemon(lab)
                try lab.eventually("associations at pe1", is: "up") {
                    try peer(lab)?["state"]?.string
                }
                try lab.eventually("an answer") {
                    try ping(lab, count: 1).contains(" 0% packet loss")
                }
                let theirs = try lab.run("pe2", ["/usr/sbin/swanctl", "--list-sas"])
                #expect(theirs.contains("ESTABLISHED"))
                #expect(theirs.contains("INSTALLED, TRANSPORT, ESP:AES_GCM_16-128"))

                // Longer than their keys live.
                let before = try spis(lab)
                #expect(try ping(lab, count: 60).contains(" 0% packet loss"))
                try lab.eventually("other associations than before") {
                    try spis(lab).isDisjoint(with: before)
                }
            }
        }
    }
}
