// SPDX-License-Identifier: Apache-2.0

import CNetlink
import Glibc
import KernelObjects
import KernelWitness
import Primitives
import Testing

@testable import Kernel

@Suite struct NetlinkSocketTests {
    let namespace: Namespace
    let socket: NetlinkSocket
    var witness: Witness { Witness(namespace: namespace) }

    init() throws {
        namespace = try Namespace.create("test")
        socket = try namespace.enter { () throws(SystemError) in try NetlinkSocket() }
    }

    func bridge(_ name: String, index: UInt32 = 0) -> NetlinkMessage {
        LinkMessages.create(
            .init(link: Link(name: name, kind: .bridge), namespace: "test", index: index))
    }

    @Test func `a refused request throws operation, object, and the kernel's reason`() throws {
        try socket.send(bridge("b0"))
        let error = #expect(throws: SystemError.self) { try socket.send(bridge("b0")) }
        #expect(error?.code == EEXIST)
        #expect(error?.description == "create bridge b0 in test: File exists")
    }

    @Test func `where the kernel has words of its own, the error carries them`() throws {
        let route = Route(
            key: .init(table: 254, prefix: try value("192.0.2.0/24")),
            action: .forward([RouteNextHop(via: try value("198.51.100.1"), link: "lo")]))
        let message = RouteMessages.replace(route, ["lo": 1], "set route 192.0.2.0/24")
        let error = #expect(throws: SystemError.self) { try socket.send(message) }
        #expect(error?.detail == "Nexthop has invalid gateway")
        #expect(
            error?.description
                == "set route 192.0.2.0/24: Network is unreachable (Nexthop has invalid gateway)")
    }

    @Test func `a message that fails keeps none of its batch back`() throws {
        let names = ["b0", "b1", "b1", "b2"]
        let outcomes = try socket.outcomes(names.map { bridge($0) })
        #expect(outcomes.map { $0.1?.code } == [nil, nil, EEXIST, nil])
        let links = try witness.ip("link", "show", "type", "bridge")
        #expect(links.compactMap { $0["ifname"]?.string } == ["b0", "b1", "b2"])
    }

    @Test func `a tolerated error is none, and others of the batch still are`() throws {
        try socket.send([bridge("b0"), bridge("b0")], tolerating: [EEXIST])
        #expect(throws: SystemError.self) {
            try socket.send([bridge("b0"), bridge("b1")], tolerating: [ENODEV])
        }
    }

    @Test func `a batch of many times the queue's size loses no answer`() throws {
        let table: UInt32 = 100
        let messages = (0..<3000).map { number in
            RouteMessages.replace(
                Route(
                    key: .init(
                        table: table,
                        prefix: IPPrefix(
                            host: IPAddress(family: .ipv4, bits: 0x0a00_0000 + UInt128(number)))),
                    action: number % 2 == 0 ? .blackhole : .unreachable), [:], "set route")
        }
        let outcomes = try socket.outcomes(messages + messages)
        #expect(outcomes.count == 6000)
        #expect(outcomes.allSatisfy { $0.1 == nil })
        #expect(try witness.ip("route", "show", "table", "100").count == 3000)
    }

    @Test func `a link gets the index that was chosen for it, so that a batch can name it`() throws
    {
        try socket.send([
            bridge("b0", index: 42), LinkMessages.change(.init(isUp: true), of: 42, "up"),
        ])
        let link = try #require(try witness.ip("link", "show", "dev", "b0").first)
        #expect(link["ifindex"] == 42)
        #expect(link["flags"]?.array.contains("UP") == true)
    }

    @Test func `what another process of the namespace sends is not taken for the kernel's`() throws
    {
        let stranger = try namespace.enter { () throws(SystemError) in try NetlinkSocket() }
        var address = sockaddr_nl()
        var length = socklen_t(MemoryLayout<sockaddr_nl>.size)
        withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                _ = getsockname(socket.descriptor, $0, &length)
            }
        }
        // A success for a request that the kernel is going to refuse.
        var forged = NetlinkMessage("forged", type: Int(NLMSG_ERROR))
        forged.append(UInt32(0))
        forged.setSequence(2)
        let bytes = forged.bytes
        let sent = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(stranger.descriptor, bytes, bytes.count, 0, $0, length)
            }
        }
        #expect(sent == bytes.count)
        try socket.send(bridge("b0"))
        #expect(throws: SystemError.self) { try socket.send(bridge("b0")) }
    }
}
