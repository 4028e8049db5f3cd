// SPDX-License-Identifier: Apache-2.0

import CNetlink
import Glibc
import KernelObjects
import KernelWitness
import Primitives
import Testing

@testable import Kernel

@Suite struct KernelFeaturesTests {
    /// The other way to know: iproute2 tries the same in a namespace of its own.
    private static let attempts: [(KernelFeature, String)] = [
        (.veth, "ip link add x type veth"), (.bridge, "ip link add x type bridge"),
        (.dummy, "ip link add x type dummy"),
        (.vlan, "ip link add v type veth; ip link add x link v type vlan id 1"),
        (.macvlan, "ip link add v type veth; ip link add x link v type macvlan"),
        (.vrf, "ip link add x type vrf table 9"),
        (.gre, "ip link add x type gre remote 192.0.2.1"),
        (.netem, "tc qdisc add dev lo root netem"),
        (
            .flower,
            "tc qdisc add dev lo clsact; tc filter add dev lo ingress protocol mpls_uc flower "
                + "mpls_label 16 action mpls pop protocol ip pipe action mirred ingress redirect dev lo"
        ),
        (
            .esp,
            "ip xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 1 "
                + "aead 'rfc4106(gcm(aes))' 0x\(String(repeating: "00", count: 20)) 128"
        ),
        (.mpls, "test -e /proc/sys/net/mpls/platform_labels"),
    ]

    @Test(arguments: attempts.indices)
    func `a probe agrees with iproute2 about each feature`(_ index: Int) throws {
        let (feature, script) = Self.attempts[index]
        let witness = Witness(namespace: try Namespace.create("test"))
        let (status, text) = try witness.result(of: ["sh", "-ec", script])
        let features = KernelFeatures.probe()
        let reason = features.missing[feature]
        #expect(features.present.contains(feature) == (status == 0), "\(text), \(reason ?? "")")
    }

    @Test func `every feature is tried, and a missing one has the kernel's reason`() {
        let features = KernelFeatures.probe()
        #expect(features.isPermitted)
        #expect(features.present.isSuperset(of: [.namespaces, .veth, .bridge, .macvlan]))
        #expect(
            features.present.union(features.missing.keys) == Set(KernelFeature.allCases))
        #expect(features.missing.values.allSatisfy { $0.contains(": ") })
    }

    @Test func `a probe leaves nothing behind and comes back`() throws {
        let namespace = try Namespace.create("test")
        let before = try FileSystem.names(in: "/proc/self/fd").count
        try namespace.enter { () throws(SystemError) in
            let links = try NetlinkSocket().links()
            for _ in 1...20 { _ = KernelFeatures.probe() }
            #expect(try NetlinkSocket().links() == links)
        }
        // Other tests open descriptors too: twenty leaks would stand out.
        #expect(try FileSystem.names(in: "/proc/self/fd").count < before + 20)
    }

    @Test func `who may not make namespaces is told so, and has all of them in one's own`() throws {
        let result = try Scenario.run("privilege")
        #expect(result["permitted"] == false)
        #expect(result["present"] == [])
        #expect(result["obstacle"] == .null)
        let present = KernelFeatures.probe().present.sorted().map(\.rawValue)
        #expect(result["rootless"] == JSON(present))
    }
}
