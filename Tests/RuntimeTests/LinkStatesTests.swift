// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Testing

@testable import Runtime

@Suite("The states of links")
struct LinkStatesTests {
    private var states = LinkStates(
        RouterConfiguration(
            name: "r", routerID: IPv4Address(bits: 1),
            interfaces: [
                InterfaceConfiguration(name: "lo", addresses: [], isLoopback: true),
                InterfaceConfiguration(name: "eth0", addresses: []),
                InterfaceConfiguration(name: "eth1", addresses: []),
            ]))

    private func link(_ index: UInt32, _ name: String, up: Bool) -> LinkStates.Link {
        LinkStates.Link(index: index, name: name, isRunning: up)
    }

    private func event(_ name: String, _ isUp: Bool) -> Event { .link(interface: name, isUp: isUp) }

    @Test("are told when they change, for interfaces of the router alone")
    mutating func changes() {
        let first = states.take(all: [
            link(1, "lo", up: true), link(2, "eth0", up: true), link(3, "eth1", up: false),
            link(4, "tap0", up: true),
        ])
        #expect(first == [event("eth0", true)])
        let again = states.take(link(2, "eth0", up: true))
        #expect(again == nil)
        let lost = states.take(link(2, "eth0", up: false))
        #expect(lost == event("eth0", false))
        let other = states.take(link(4, "tap0", up: false))
        #expect(other == nil)
    }

    @Test("are down for links that are gone, also when nobody told so")
    mutating func removals() {
        _ = states.take(all: [link(2, "eth0", up: true), link(3, "eth1", up: true)])
        let removed = states.remove(2)
        #expect(removed == event("eth0", false))
        let missing = states.take(all: [])
        #expect(missing == [event("eth1", false)])
        let back = states.take(all: [link(7, "eth1", up: true)])
        #expect(back == [event("eth1", true)])
    }
}
