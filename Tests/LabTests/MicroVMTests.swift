// SPDX-License-Identifier: Apache-2.0

import Foundation
import Kernel
import Lab
import Primitives
import Testing

/// Each of these starts a microVM, one after the other: they are as heavy as what they test.
@Suite("MicroVM", .serialized)
struct MicroVMTests {
    @Test func aProgramsStreamsAndStatusComeOutOfTheMicroVM() throws {
        let outcome = try WeftRun.run([
            "microvm", "--", "sh", "-c", "uname -s; cat /proc/1/comm; echo no >&2; exit 7",
        ])
        #expect(outcome.lines == ["Linux", "init"])
        #expect(outcome.complaint.hasSuffix("no\n"))
        #expect(outcome.status == 7)
    }

    /// The host's files are there and cannot be harmed; what daemons write to is the guest's own.
    @Test func theHostsFilesAreReadOnlyAndTheGuestsOwnAreNot() throws {
        let script = """
            touch /etc/weft-was-here 2>/dev/null && echo harmed
            touch /run/a /tmp/a /var/tmp/a /var/log/a /dev/shm/a && echo own
            test -s /etc/os-release && echo host
            cat /proc/sys/kernel/modprobe | tr -d '\\n'
            cat /sys/devices/system/clocksource/clocksource0/current_clocksource
            """
        let outcome = try WeftRun.run(["microvm", "--", "sh", "-c", script])
        #expect(outcome.lines == ["own", "host", "tsc"])
        #expect(!FileSystem.exists("/etc/weft-was-here"))
    }

    /// What the recipes of provider networks need, made by iproute2.
    static let recipes: [(name: String, commands: [String])] = [
        ("veth", ["ip link add v0 type veth peer name v1", "ip link set v1 up"]),
        ("address", ["ip address add 172.16.1.1/24 dev v0", "ip link set v0 up"]),
        ("VLAN", ["ip link add link v0 name v0.105 type vlan id 105"]),
        ("VRF", ["ip link add red type vrf table 10", "ip link set red up"]),
        ("bridge", ["ip link add br0 type bridge"]),
        ("macvlan", ["ip link add m0 link v0 type macvlan mode private"]),
        ("dummy", ["ip link add dec502 type dummy", "ip link set dec502 master red up"]),
        ("labels", ["sysctl -qw net.mpls.platform_labels=1000 net.mpls.conf.v0.input=1"]),
        (
            "MPLS encapsulation",
            ["ip route add 2.2.2.2/32 encap mpls 102/502 via inet 172.16.1.2 dev v0 vrf red"]
        ),
        (
            "MPLS routes",
            [
                "ip -f mpls route add 102 via inet 172.16.1.2 dev v0",
                "ip -f mpls route add 503 dev red",
            ]
        ),
        (
            "flower and act_mpls",
            [
                "tc qdisc add dev v1 clsact",
                "tc filter add dev v1 ingress protocol mpls_uc flower mpls_label 502 "
                    + "action mpls pop protocol ip pipe action mirred ingress redirect dev dec502",
            ]
        ),
        (
            "GRE",
            [
                "ip link add mgre type gre local 172.16.1.1 key 1234 ttl 64",
                "ip link set mgre up",
                "ip neigh add 172.16.2.1 lladdr 172.16.2.1 dev mgre nud permanent",
                "ip route add 3.3.3.3/32 encap mpls 502 via inet 172.16.2.1 dev mgre onlink vrf red",
            ]
        ),
        (
            "ESP",
            [
                "ip xfrm state add src 172.16.1.1 dst 172.16.2.1 proto esp spi 0x100 reqid 1 "
                    + "mode transport aead 'rfc4106(gcm(aes))' "
                    + "0x0102030405060708090a0b0c0d0e0f1011121314 128",
                "ip xfrm policy add src 172.16.1.1 dst 172.16.2.1 proto gre dir out tmpl "
                    + "src 172.16.1.1 dst 172.16.2.1 proto esp reqid 1 mode transport",
            ]
        ),
        ("delay and loss", ["tc qdisc add dev v0 root netem delay 1ms loss 1%"]),
    ]

    @Test func theGuestsKernelHasAllThatAProviderNetworkIsMadeOf() throws {
        let script = Self.recipes.map { recipe in
            recipe.commands.joined(separator: " && ") + " && echo '\(recipe.name)'"
        }.joined(separator: "\n")
        let outcome = try WeftRun.run(["microvm", "--", "sh", "-c", script])
        #expect(outcome.lines == Self.recipes.map(\.name), "\(outcome.complaint)")
    }

    /// Neither KVM nor anything else that only root has; the user's own cache and files.
    @Test func anOrdinaryUserHasMicroVMsToo() throws {
        let user = try OrdinaryUser()
        let kernel = try KernelFinder(MicroVMCache()) { _ in }.find()
        let folder = try #require(kernel.vmlinux.range(of: "/", options: .backwards)).lowerBound
        try user.adopt(String(kernel.vmlinux[..<folder]), as: ".cache/weft")
        let script =
            "id -u; uname -r; ls -A /root; cat \(user.home)/mine; touch /root/a && echo own"
        _ = try user.write("mine", "of the host\n")
        let outcome = try user.run("microvm", "--", "sh", "-c", script)
        #expect(
            outcome.lines == ["0", kernel.release, "of the host", "own"], "\(outcome.complaint)")
        #expect(user.processes == [])
    }

    @Test func killingWeftLeavesNoMachineBehind() throws {
        let console = try TemporaryFile()
        let weft = try WeftRun.start([
            "microvm", "--console", console.path, "--", "sleep", "1000",
        ])
        try #require(Self.becomes(true) { Self.isUsed(console.path) }, "no QEMU was started")
        kill(weft.pid, SIGKILL)
        #expect(try weft.outcome().status == nil)
        #expect(Self.becomes(false) { Self.isUsed(console.path) }, "QEMU goes on")
    }

    /// Polls, as nobody tells of the end of another's child.
    private static func becomes(_ wanted: Bool, _ condition: () -> Bool) -> Bool {
        let deadline = MonotonicClock.now + .seconds(60)
        while condition() != wanted {
            guard MonotonicClock.now < deadline else { return false }
            usleep(10_000)
        }
        return true
    }

    /// Whether a QEMU has a word about this file on its command line.
    private static func isUsed(_ path: String) -> Bool {
        let processes = (try? FileSystem.names(in: "/proc")) ?? []
        return processes.contains { process in
            guard Int(process) != nil,
                let words = try? FileSystem.octets(of: "/proc/\(process)/cmdline")
            else { return false }
            let text = String(decoding: words, as: UTF8.self)
            return text.hasPrefix("qemu-system") && text.contains(path)
        }
    }
}
