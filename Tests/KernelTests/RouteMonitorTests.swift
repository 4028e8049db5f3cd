// SPDX-License-Identifier: Apache-2.0

import Kernel
import KernelObjects
import KernelWitness
import Primitives
import Testing

@Suite struct RouteMonitorTests {
    let realiser = Realiser()
    let monitor: RouteMonitor

    init() throws {
        _ = try realiser.realise(SampleLab.objects())
        let namespace = try #require(realiser.namespace("left"))
        monitor = try namespace.enter { () throws(SystemError) in try RouteMonitor(.ipv4) }
    }

    /// What is told of a prefix: the gateways of each change, nil where the route is gone.
    private func told(_ prefix: IPPrefix) throws -> [[IPAddress?]?] {
        try monitor.changes().filter { $0.key.prefix == prefix }
            .map { $0.nextHops.map { $0.map(\.via) } }
    }

    private let far = IPPrefix(IPAddress(family: .ipv4, bits: 0xcb00_7100), length: 24)

    @Test func `a route that comes, changes and goes is told with its next hops`() throws {
        let left = try realiser.witness("left")
        for (verb, last) in [("add", 2), ("replace", 9)] {
            let gateway = "192.0.2.\(last)"
            try left.run(
                "ip", "route", verb, "\(far)", "via", gateway, "dev", "cable", "onlink")
            #expect(try told(far) == [[IPAddress(gateway)]])
            #expect(try listed() == [IPAddress(gateway)])
        }
        try left.run("ip", "route", "del", "\(far)")
        #expect(try told(far) == [nil])
        #expect(try listed() == nil)
    }

    private func listed() throws -> [IPAddress?]? {
        try monitor.list().first { $0.key.prefix == far }?.nextHops?.map(\.via)
    }

    @Test func `a route of a group is told with the group's next hops`() throws {
        let left = try realiser.witness("left")
        try left.run("ip", "nexthop", "add", "id", "7", "via", "192.0.2.2", "dev", "cable")
        try left.run("ip", "route", "add", "\(far)", "nhid", "7")
        #expect(try told(far) == [[IPAddress("192.0.2.2")]])
        #expect(try listed() == [IPAddress("192.0.2.2")])
    }
}
