// SPDX-License-Identifier: Apache-2.0

import Control
import Engine
import Primitives
import Testing

@testable import Runtime

@Suite("A supervisor's request")
struct RouterRequestTests {
    private let configuration: RouterConfiguration
    private let inRed: NeighborKey
    private let inDefault: NeighborKey

    init() throws {
        let target = try #require(ExtendedCommunity("target:1:1"))
        let vrf = VRFConfiguration(
            name: "red", table: 10, device: "red", popDevice: "red-in",
            routeDistinguisher: try #require(RouteDistinguisher("1:1")),
            importTargets: [target], exportTargets: [target])
        let address = try #require(IPAddress("10.1.0.2"))
        inRed = NeighborKey(vrf: "red", address: address)
        inDefault = NeighborKey(vrf: nil, address: address)
        func neighbor(_ name: String, _ vrf: String?) -> NeighborConfiguration {
            NeighborConfiguration(
                name: name, vrf: vrf, address: address, localAddress: address,
                remoteAS: ASNumber(1), localAS: ASNumber(2), families: [.ipv4Unicast])
        }
        configuration = RouterConfiguration(
            name: "pe", routerID: IPv4Address(bits: 1), vrfs: [vrf],
            neighbors: [neighbor("luna", "red"), neighbor("sol", nil)])
    }

    private func read(_ text: String) throws -> RouterRequest {
        let message = try JSON(parsing: text)
        return try RouterRequest(try #require(ControlRequest(message)), configuration)
    }

    private func refusal(_ text: String) throws -> String {
        let message = try JSON(parsing: text)
        let request = try #require(ControlRequest(message))
        do throws(RouterRequest.Refusal) {
            return "taken as \(try RouterRequest(request, configuration))"
        } catch {
            return error.description
        }
    }

    @Test("names what to show, with VRF, prefix and protocol")
    func show() throws {
        let prefix = try #require(IPPrefix("10.0.0.3/32"))
        #expect(
            try read(
                #"{"id":1,"op":"show","query":"routes","vrf":"red","#
                    + #""prefix":"10.0.0.3/32","source":"bgp"}"#
            ) == .show(.routes(vrf: "red", prefix: prefix, source: .bgp)))
        #expect(try read(#"{"id":1,"op":"show","query":"mpls","vrf":null}"#) == .show(.mpls))
        #expect(
            try read(#"{"id":1,"op":"kernel-routes","prefix":"10.0.0.3/32"}"#)
                == .kernelRoutes(vrf: nil, prefix: prefix))
    }

    @Test("names a neighbor by name or by address, and the VRF where that is needed")
    func neighbors() throws {
        #expect(
            try read(#"{"id":1,"op":"event","event":"deactivate","neighbor":"luna"}"#)
                == .command(.deactivate(inRed)))
        #expect(
            try read(#"{"id":1,"op":"event","event":"activate","vrf":"red","neighbor":"10.1.0.2"}"#)
                == .command(.activate(inRed)))
        #expect(
            try read(#"{"id":1,"op":"show","query":"received","neighbor":"sol"}"#)
                == .show(.received(inDefault)))
        #expect(
            try refusal(#"{"id":1,"op":"show","query":"received","neighbor":"10.1.0.2"}"#)
                == "several neighbors '10.1.0.2' on pe: 10.1.0.2@red, 10.1.0.2")
    }

    @Test("is refused in words when it names what is not there")
    func refusals() throws {
        #expect(
            try refusal(#"{"id":1,"op":"event","event":"deactivate","neighbor":"mars"}"#)
                == "no neighbor 'mars' on pe")
        #expect(
            try refusal(#"{"id":1,"op":"show","query":"routes","vrf":"blue"}"#)
                == "no VRF 'blue' on pe")
        #expect(
            try refusal(#"{"id":1,"op":"kernel-routes","prefix":"10.0.0.3"}"#)
                == "'10.0.0.3' is not a prefix")
        #expect(try refusal(#"{"id":1,"op":"kernel-routes"}"#) == "prefix is missing")
        #expect(
            try refusal(#"{"id":1,"op":"show","query":"weather"}"#)
                == "a router cannot show 'weather'")
        #expect(
            try refusal(#"{"id":1,"op":"ping"}"#) == "a router knows no operation 'ping'")
        #expect(
            try refusal(#"{"id":1,"op":"show","query":7}"#) == "query must be a string")
    }
}
