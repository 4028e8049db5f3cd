// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import Topology

@Suite("Addresses that the file does not give")
struct AddressTests {
    private func addresses(_ topology: Topology, _ node: String) -> [String] {
        (topology.node(node)?.interfaces ?? []).flatMap { $0.addresses.map(\.description) }
    }

    private func loopbacks(_ topology: Topology) -> [String] {
        topology.nodes.map { $0.loopbacks.map(\.description).joined(separator: " ") }
    }

    private let square = """
        name: square
        nodes: {a: {role: p}, b: {role: p}, c: {role: ce}, d: {role: host}}
        links:
          - {endpoints: [a, b]}
          - {endpoints: [b, c]}
        lans:
          site: {endpoints: [c, d]}
        """

    @Test func comeFromTheDefaultPoolsInTheFilesOrder() throws {
        let lab = try topology(square)
        #expect(loopbacks(lab) == ["10.255.0.1", "10.255.0.2", "10.255.0.3", ""])
        #expect(addresses(lab, "a") == ["172.16.0.1/30"])
        #expect(addresses(lab, "b") == ["172.16.0.2/30", "172.16.0.5/30"])
        #expect(addresses(lab, "c") == ["172.16.0.6/30", "192.168.0.1/24"])
        #expect(addresses(lab, "d") == ["192.168.0.2/24"])
    }

    @Test func areTheSameEveryTime() throws {
        let first = try topology(square)
        for _ in 1...5 { #expect(try topology(square) == first) }
    }

    @Test func comeFromEveryFamilyThatHasAPool() throws {
        let lab = try topology(
            square + """

                addressing:
                  loopbacks: [10.0.0.0/24, "2001:db8::/64"]
                  links: [10.1.0.0/16, "2001:db8:1::/48"]
                  lans: "2001:db8:2::/48"
                """)
        #expect(loopbacks(lab)[0] == "10.0.0.1 2001:db8::1")
        #expect(addresses(lab, "b").last == "2001:db8:1:1::1/64")
        #expect(addresses(lab, "d") == ["2001:db8:2::2/64"])
    }

    @Test func neverCollideWithGivenOnes() throws {
        let lab = try topology(
            """
            name: lab
            addressing: {loopbacks: 10.0.0.0/28, links: 10.0.0.0/24}
            nodes:
              a: {role: p, loopback: 10.0.0.1}
              b: {role: p}
              c: {role: pe, vrfs: {v: {rd: 1:1, target: 1:1, loopback: 10.0.0.2}}}
            links:
              - {endpoints: [a, b], subnet: 10.0.0.20/30}
              - {endpoints: [b, c]}
              - {endpoints: [c, a]}
            """)
        #expect(loopbacks(lab) == ["10.0.0.1", "10.0.0.3", "10.0.0.4"])
        // 10.0.0.0/30 and 10.0.0.4/30 hold loopbacks, 10.0.0.20/30 is given.
        #expect(addresses(lab, "c") == ["10.0.0.10/30", "10.0.0.13/30"])
    }

    @Test func onALANLeaveOutGivenAndVirtualAddresses() throws {
        let lab = try topology(
            """
            name: lab
            nodes:
              a: {role: ce, vrrp: [{lan: site, group: 1, virtual-address: 10.0.0.1}]}
              b: {role: ce}
              c: {role: host}
            lans:
              site: {subnet: 10.0.0.0/24, endpoints: {a: , b: 10.0.0.2/24, c: }}
            """)
        #expect(
            ["a", "b", "c"].map { addresses(lab, $0) } == [
                ["10.0.0.3/24"], ["10.0.0.2/24"], ["10.0.0.4/24"],
            ])
    }

    @Test func aLinkOfTwoAddressesHasNoneToSpare() throws {
        let lab = try topology(
            """
            name: lab
            nodes: {a: {role: ce}, b: {role: ce}}
            links: [{endpoints: [a, b], subnet: [10.0.0.0/31, "2001:db8::/127"]}]
            """)
        #expect(addresses(lab, "a") == ["10.0.0.0/31", "2001:db8::/127"])
        #expect(addresses(lab, "b") == ["10.0.0.1/31", "2001:db8::1/127"])
    }

    @Test func aLargeLANGetsALargeSubnet() throws {
        let names = (1...300).map { "h\($0)" }
        let nodes = names.map { "\($0): {role: host}" }.joined(separator: ", ")
        let lab = try topology(
            "name: lab\nnodes: {\(nodes)}\nlans: {x: {endpoints: [\(names.joined(separator: ", "))]}}\n"
        )
        #expect(addresses(lab, "h300") == ["192.168.1.44/23"])
    }

    @Test func routerIDsFollowTheLoopbackThenTheHighestAddressThenTheOrder() throws {
        let lab = try topology(
            """
            name: lab
            nodes:
              a: {role: ce, loopback: 10.0.0.9, router-id: 1.2.3.4, bgp: {as: 1}}
              b: {role: ce, loopback: ["2001:db8::1", 10.0.0.1]}
              c: {role: ce, loopback: none}
              d: {role: ce, loopback: "2001:db8::2"}
            links:
              - {endpoints: [b, c], subnet: 10.2.0.0/30}
              - {endpoints: [b, c], subnet: 10.1.0.0/30}
            """)
        #expect(
            lab.nodes.map(\.routerID.description) == ["1.2.3.4", "10.0.0.1", "10.2.0.2", "0.0.0.4"])
    }
}

@Suite("Address pools")
struct AddressPoolTests {
    private func pool(_ pools: [String], taken: [String] = []) -> AddressPool {
        AddressPool(
            pools: pools.compactMap { IPPrefix($0) }, taken: taken.compactMap { IPPrefix($0) })
    }

    private func blocks(_ pool: AddressPool, _ length: UInt8) -> [String] {
        var pool = pool
        var blocks: [String] = []
        while let block = pool.block(length: length), blocks.count < 10 {
            blocks.append(block.description)
        }
        return blocks
    }

    @Test func giveEveryBlockOnce() {
        #expect(
            blocks(pool(["10.0.0.0/29", "10.1.0.4/30"]), 30)
                == ["10.0.0.0/30", "10.0.0.4/30", "10.1.0.4/30"])
    }

    @Test func skipWhatIsTaken() {
        let taken = ["10.0.0.5/32", "10.0.0.8/30", "10.0.0.8/29", "9.0.0.0/8", "2001:db8::/32"]
        #expect(
            blocks(pool(["10.0.0.0/27"], taken: taken), 30) == [
                "10.0.0.0/30", "10.0.0.16/30", "10.0.0.20/30", "10.0.0.24/30", "10.0.0.28/30",
            ])
        #expect(blocks(pool(["10.0.0.0/30"], taken: ["10.0.0.0/8"]), 32) == [])
    }

    @Test func endAtTheEndOfTheAddressSpace() {
        #expect(blocks(pool(["255.255.255.252/30"]), 31).count == 2)
        let last = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe/127"
        #expect(blocks(pool([last]), 128).count == 2)
        #expect(blocks(pool(["::/0"], taken: ["8000::/1"]), 1) == ["::/1"])
    }

    @Test func aPoolSmallerThanABlockIsTheBlock() {
        #expect(blocks(pool(["10.0.0.0/26"]), 24) == ["10.0.0.0/26"])
    }
}
