// SPDX-License-Identifier: Apache-2.0

import Kernel
import KernelWitness
import Primitives
import Testing

/// VLAN, VRF, MPLS and the decapsulating filter need a kernel that has them all: that of a microVM.
/// One run there is judged by many tests.
@Suite struct ProviderCoreTests {
    private static let outcome = Result { try Scenario.runInMicroVM("provider-core") }
    let found: JSON

    init() throws {
        found = try Self.outcome.get()
        try #require(found["failure"] == nil, "\(found.text)")
    }

    @Test func `a microVM's kernel has every feature`() {
        let all = ["bridge", "dummy", "esp", "flower", "gre", "macvlan", "mpls", "namespaces"]
        #expect(found["features"] == JSON(all + ["netem", "veth", "vlan", "vrf"]))
    }

    @Test func `VLAN, VRF and pop device are as wanted, and making them twice changes nothing`() {
        #expect(found["second-time"] == [])
        let vlan = found["vlan"]?[0]
        #expect(
            vlan?.only("link", "master", "mtu", "operstate").text == #"{"link":"ce2","#
                + #""master":"red","mtu":1500,"operstate":"UP"}"#)
        #expect(vlan?["linkinfo", "info_data", "id"] == 105)
        #expect(found["vrf"]?[0]?["linkinfo", "info_data", "table"] == 1001)
        #expect(found["pop"]?[0]?["linkinfo", "info_kind"] == "dummy")
        #expect(found["pop"]?[0]?["linkinfo", "info_slave_data", "table"] == 1001)
    }

    @Test(arguments: ["rules", "rules-6"])
    func `local addresses are looked up after the VRFs`(_ rules: String) {
        let order = found[rules]?.array.map { $0["table"] ?? ($0["l3mdev"] == nil ? "?" : "VRF") }
        // In IPv6 the errors of marked packets are looked up in between.
        let errors: [JSON] = rules == "rules-6" ? ["1001"] : []
        let wanted: [JSON] = ["VRF"] + errors + ["local", "main"]
        #expect(order?.starts(with: wanted) == true, "\(order ?? [])")
    }

    @Test func `a VPN route has its labels, its source and its gateway`() {
        let text = found["vpn"]?[0]?.text ?? ""
        #expect(text.contains(#""encap":"mpls","dst":"102/502","gateway":"172.16.1.2""#))
        #expect(text.contains(#""prefsrc":"10.1.0.2""#))
    }

    @Test func `routes that are read are those that were written`() {
        for name in ["ce1", "pe1", "p", "pe2", "ce2"] {
            #expect(found["routes-equal-\(name)"] == true, "\(name)")
        }
        #expect(found["labels-p"] == ["101 [[]]", "102 [[]]", "103 [[203, 303]]"])
    }

    @Test func `label routes pop, swap and lead into the VRF`() {
        let core = found["mpls-p"]?.array.map { $0.only("dst", "to", "dev", "protocol") }
        #expect(
            core == [
                ["dst": "101", "dev": "pe1", "protocol": "77"],
                ["dst": "102", "dev": "pe2", "protocol": "77"],
                ["dst": "103", "to": "203/303", "dev": "pe2", "protocol": "77"],
            ])
        let edge = found["mpls-pe2"]?.array.map { $0.only("dst", "dev") }
        #expect(edge == [["dst": "502", "dev": "red"]])
    }

    @Test func `packets carry the stack on the first core link and its last label on the second`() {
        #expect(found["stacks"] == ["101/501", "102/502", "501", "502"])
    }

    @Test func `both PEs answer as hops with their VRF addresses, and the core is not seen`() {
        #expect(found["traceroute"] == ["10.1.0.2", "10.2.0.2", "2.2.2.2"])
    }

    @Test func `the filter pops the label and redirects to the pop device, and counts packets`() {
        let filter = found["filters"]?.array.first { $0["options"] != nil }
        #expect(filter?["options", "keys", "mpls_label"] == 502)
        let actions = filter?["options", "actions"]?.array ?? []
        #expect(actions.map { $0["kind"] } == ["mpls", "mirred"])
        #expect(actions.first?["mpls_action"] == "pop")
        #expect(
            actions.last?.only("direction", "to_dev") == ["direction": "ingress", "to_dev": "pop"])
        #expect(actions.allSatisfy { $0["stats", "packets"]?.int ?? 0 > 0 })
    }

    @Test(arguments: [
        "group-support", "group-hops-equal", "groups-equal", "group-routes-equal", "group-reaches",
        "group-moved-away", "group-moved-back", "group-route-stays", "group-route-stays-6",
        "plain-route-goes", "group-restored", "label-hops-equal",
    ])
    func `VPN routes share next hops with labels, and outlive the link to the core`(_ what: String)
    {
        #expect(found[what] == true)
    }

    @Test func `a group pushes its labels, and loses the next hops of a link with the link`() {
        let shown = found["group-route"]?[0]?.text ?? ""
        #expect(shown.contains("102/502"), "\(shown)")
        #expect(found["hops-left"] == [3, 4])
    }

    @Test func `a label route has several next hops`() {
        #expect(found["label-hops"] == ["204", "205"])
    }

    @Test func `a label that no longer decapsulates loses its filter, and the PE is not seen`() {
        #expect(found["filters-after-change"] == [])
        #expect(found["traceroute-without-filter"] == ["10.1.0.2", "2.2.2.2"])
    }

    @Test func `removing a label takes its route and filter away, and nothing of others`() {
        #expect(Set(found["filters-again"]?.array ?? []) == [502, 999])
        #expect(found["filters-after-removal"] == [999])
        #expect(found["mpls-after-removal"] == [])
    }

    @Test func `filters of a router that was killed are removed, and can be set again`() {
        #expect(found["filters-after-restart"] == [999])
        #expect(found["failures-after-restart"] == [])
    }
}
