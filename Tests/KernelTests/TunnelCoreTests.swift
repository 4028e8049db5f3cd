// SPDX-License-Identifier: Apache-2.0

import Kernel
import KernelWitness
import Primitives
import Testing

/// GRE, multipoint GRE and ESP carry VPNs of both families across a core without MPLS, as they are
/// across one with: on a microVM's kernel, one run for all.
@Suite struct TunnelCoreTests {
    private static let outcome = Result { try Scenario.runInMicroVM("tunnel-core") }
    private static let all = ["mpls", "gre", "mgre", "gcm", "cbc", "gcm-tunnel", "cbc-tunnel"]
    private static let tunnels = Array(all.dropFirst())
    private static let multipoint = ["mgre", "gcm", "cbc-tunnel"]
    private static let protected = Array(all.dropFirst(3))

    private func found(_ core: String) throws -> JSON {
        let outcome = try Self.outcome.get()
        return try #require(outcome[core], "\(outcome.text)")
    }

    @Test(arguments: all) func `making all twice changes nothing`(_ core: String) throws {
        #expect(try found(core)["second-time"] == [])
    }

    @Test(arguments: all)
    func `both PEs answer as hops with their VRF addresses, in both families`(_ core: String)
        throws
    {
        #expect(try found(core)["hops-4"] == ["10.1.0.2", "10.2.0.2", "2.2.2.2"])
        #expect(
            try found(core)["hops-6"] == ["2001:db8:1::2", "2001:db8:2::2", "2001:db8:f::2"])
    }

    @Test(arguments: zip(all, ["mpls", "ip 47", "ip 47", "ip 50", "ip 50", "ip 50", "ip 50"]))
    func `nothing else crosses the core`(_ core: String, _ kind: String) throws {
        #expect(try found(core)["passed"] == [.string(kind)])
    }

    @Test(arguments: zip(all, [1492, 1472, 1468, 1434, 1426, 1418, 1406] as [Int64]))
    func `the largest packet passes, and one octet more is told what would have`(
        _ core: String, _ size: Int64
    ) throws {
        let found = try found(core)
        #expect(found["mtu"]?.int == size)
        #expect(found["largest-4"] == 0 && found["largest-6"] == 0)
        #expect(found["told-4"]?.int == size)
        #expect(found["told-6"]?.int == size)
    }

    @Test func `a GRE link is as wanted, and there is none that was not asked for`() throws {
        let link = try found("mgre")["link"]?[0]
        #expect(
            link?.only("mtu", "link_type", "inet6_addr_gen_mode")
                == ["mtu": 1472, "link_type": "gre", "inet6_addr_gen_mode": "none"])
        #expect(link?["flags"]?.array.contains("UP") == true)
        #expect(
            link?["linkinfo", "info_data"]?.only("local", "remote", "ttl", "ikey", "okey")
                == [
                    "local": "10.255.0.1", "remote": "any", "ttl": 64, "ikey": "0.0.4.210",
                    "okey": "0.0.4.210",
                ])
        let point = try found("gre")["link"]?[0]?["linkinfo", "info_data"]
        #expect(
            point?.only("local", "remote", "ikey")
                == ["local": "10.255.0.1", "remote": "10.255.0.2"])
        #expect(try found("mgre")["addresses"] == [])
        #expect(
            try Set(found("mgre")["links"]?.array ?? [])
                == ["lo", "red", "pop", "ce1", "p", "mgre"])
    }

    @Test(arguments: multipoint)
    func `an endpoint is a permanent neighbour whose link-layer address is its own`(
        _ core: String
    ) throws {
        let found = try found(core)
        #expect(
            found["neighbours"]?.array.map { $0.only("dst", "dev", "lladdr") } == [
                ["dst": "10.255.0.2", "dev": "mgre", "lladdr": "10.255.0.2"]
            ])
        #expect(found["neighbours-after"] == [])
    }

    @Test(arguments: all)
    func `routes and endpoints that are read are those that were written`(_ core: String) throws {
        #expect(try found(core)["routes-equal"] == true)
        #expect(try found(core)["endpoints-equal"] == true)
    }

    @Test func `a VPN route of IPv6 has an IPv4-mapped gateway, and is on link`() throws {
        let text = try found("mgre")["route-6"]?[0]?.text ?? ""
        #expect(text.contains(#""encap":"mpls","dst":"602","gateway":"::ffff:10.255.0.2""#))
        #expect(text.contains(#""dev":"mgre""#) && text.contains("onlink"))
        let v4 = try found("mgre")["route-4"]?[0]?.text ?? ""
        #expect(v4.contains(#""encap":"mpls","dst":"502","gateway":"10.255.0.2""#))
    }

    @Test(arguments: tunnels)
    func `another tunnel in the place of the lab's own is an error; a lost one is made again`(
        _ core: String
    ) throws {
        let found = try found(core)
        #expect(found["foreign"]?.string?.contains("it is another tunnel") == true)
        #expect(found["remade"]?.array.first?.string?.hasPrefix("create gre ") == true)
    }

    // MARK: IPsec

    @Test func `associations and policies are as iproute2 would have made them`() throws {
        let states = try found("gcm")["states"]?.string ?? ""
        for words in [
            "src 10.255.0.1 dst 10.255.0.2\n\tproto esp spi 0x00000102 reqid 7",
            "src 10.255.0.2 dst 10.255.0.1\n\tproto esp spi 0x00000201 reqid 7",
            "mode transport", "aead rfc4106(gcm(aes)) <<Keys hidden>> 128",
        ] { #expect(states.contains(words), "\(states)") }
        let policies = try found("gcm")["policies"]?.string ?? ""
        for words in [
            "src 10.255.0.1/32 dst 10.255.0.2/32 proto gre", "dir out priority 0",
            "src 10.255.0.2/32 dst 10.255.0.1/32 proto gre", "dir in priority 0",
            "tmpl src 10.255.0.1 dst 10.255.0.2\n\t\tproto esp reqid 7 mode transport",
        ] { #expect(policies.contains(words), "\(policies)") }
    }

    @Test func `CBC has its two algorithms, and tunnel mode is told`() throws {
        let states = try found("cbc")["states"]?.string ?? ""
        #expect(states.contains("auth-trunc hmac(sha256)") && states.contains("enc cbc(aes)"))
        #expect(try found("cbc-tunnel")["states"]?.string?.contains("mode tunnel") == true)
        #expect(try found("gre")["states"] == "")
    }

    @Test(arguments: protected) func `an association of another key makes way`(_ core: String)
        throws
    {
        #expect(
            try found(core)["rekeyed"] == [
                "remove association 258 to 10.255.0.2 in pe1",
                "add association 258 to 10.255.0.2 in pe1",
            ])
    }
}
