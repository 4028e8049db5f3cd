// SPDX-License-Identifier: Apache-2.0

import Engine
import KernelObjects
import Primitives
import Testing
import Topology

@testable import Plan

private func plan(_ text: String) throws -> LabPlan {
    LabPlan(try Topology.parse(Array(text.utf8)))
}

extension RouterConfiguration {
    fileprivate var isis: ISISConfiguration? {
        for case .isis(let isis) in protocols { return isis }
        return nil
    }

    fileprivate var ospf: [OSPFConfiguration] {
        protocols.compactMap { if case .ospf(let ospf) = $0 { ospf } else { nil } }
    }

    fileprivate var rip: [RIPConfiguration] {
        protocols.compactMap { if case .rip(let rip) = $0 { rip } else { nil } }
    }
}

@Suite("Routing protocols in the plan")
struct ProtocolPlanTests {
    private static let nodes = """
        nodes:
          p1: {role: p, loopback: 10.0.0.1}
          pe1:
            role: pe
            loopback: 10.0.0.2
            bgp: {as: 1}
            vrfs:
              red:
                rd: 1:1
                target: 1:1
                loopback: 10.1.0.2
                ospf: {domain-id: 0.0.0.100, export: vpn, sham-links: [{remote: 10.1.0.9}]}
                ripng: {export: vpn}
          ce1: {role: ce, loopback: 10.2.0.1, ospf: {}, ripng: {}}
        links:
          - {endpoints: [p1, pe1], subnet: 172.16.0.0/30, metric: 7}
          - {endpoints: [pe1, ce1], vrf: red, addresses: [[10.9.0.1/30, "2001:db8::1/64"], [10.9.0.2/30, "2001:db8::2/64"]]}
        policies:
          vpn: [{match: {protocol: bgp}, then: accept}]
        """

    @Test func theCoreSignalsWithTheFilesSettings() throws {
        let plan = try plan(
            """
            name: lab
            core:
              isis: {authentication: {password: x}, overload-on-start: 5s}
              ldp: {password: y}
              bfd: {interval: 100ms}
            \(Self.nodes)
            """)
        let pe1 = try #require(plan.router("pe1"))
        let isis = try #require(pe1.isis)
        let key = Authentication(method: .hmacMD5, password: "x")
        #expect(isis.systemID.description == "0100.0000.0002" && isis.hostname == "pe1")
        #expect(isis.authentication == [key, key] && isis.overloadOnStart == .seconds(5))
        #expect(isis.circuits.map(\.interface) == ["lo", "eth1"])
        #expect(isis.circuits.map(\.isPassive) == [true, false])
        #expect(isis.circuits[1].metric == 7 && isis.circuits[1].mtu == 1497)
        #expect(isis.circuits[1].authentication == key && isis.circuits[1].isLDPSynchronised)
        #expect(isis.circuits[1].bfd?.transmitInterval == .milliseconds(100))
        let ldp = try #require(pe1.ldp)
        #expect(ldp.password == "y" && ldp.tracksIGPMetric)
        #expect(ldp.interfaces.map(\.address.description) == ["172.16.0.2"])
        #expect(ldp.addresses.map(\.description) == ["10.0.0.2", "172.16.0.2"])
        // What the protocols find is in no plan.
        #expect(pe1.staticRoutes.isEmpty && pe1.tunnels.isEmpty && pe1.labelSwitches.isEmpty)
    }

    @Test func labelsOfVRFsAndOfLDPAreApartAndTheKernelTakesAll() throws {
        for base in [17, 1000, 50_000] {
            let plan = try plan("name: lab\ncore: {igp: isis, label-base: \(base)}\n" + Self.nodes)
            let pe1 = try #require(plan.router("pe1"))
            let ldp = try #require(pe1.ldp)
            #expect(!pe1.labelRange.overlaps(ldp.labelRange))
            #expect(ldp.labelRange.lowerBound == Label(UInt32(base)))
            #expect(ldp.labelRange.upperBound >= Label(UInt32(base) + 999))
            let sysctls = try #require(plan.objects.namespaces.first { $0.name == "pe1" }).sysctls
            let values = Dictionary(uniqueKeysWithValues: sysctls.map { ($0.path, $0.value) })
            #expect(values["net/mpls/platform_labels"] == "\(ldp.labelRange.upperBound.value + 1)")
            #expect(values["net/mpls/conf/eth1/input"] == "1")
            #expect(values["net/mpls/conf/eth2/input"] == nil)
        }
    }

    @Test func aCoreWithoutLDPHasNoLabels() throws {
        let plan = try plan("name: lab\ncore: {ospf: {}, ldp: none}\nnodes: {a: {role: p}, b: {role: p}}\nlinks: [{endpoints: [a, b]}]")
        let a = try #require(plan.router("a"))
        #expect(a.ldp == nil && a.ospf.count == 1 && !a.interfaces.contains(where: \.carriesMPLS))
        #expect(a.ospf[0].interfaces.map(\.interface) == ["lo", "eth1"])
        #expect(!plan.features.contains(.mpls))
    }

    /// Neighbors of other programs, which tell their devices' MTU, would otherwise be refused.
    @Test(arguments: [("ospf: {}", 1516), ("ospf: {}, ldp: none", 1500)])
    func ospfTellsTheMTUOfTheDevice(core: String, mtu: UInt32) throws {
        let plan = try plan(
            "name: lab\ncore: {\(core)}\nnodes: {a: {role: p}, b: {role: p}}\n"
                + "links: [{endpoints: [a, b]}]")
        let circuit = try #require(plan.router("a")?.ospf.first?.interfaces.last)
        #expect(circuit.interface == "eth1" && circuit.mtu == mtu)
    }

    @Test func customersRoutesAreOfTheirVRF() throws {
        let plan = try plan("name: lab\n" + Self.nodes)
        let pe1 = try #require(plan.router("pe1"))
        let ospf = try #require(pe1.ospf.first)
        #expect(pe1.ospf.count == 1 && ospf.vrf == "red" && ospf.exportPolicy == ["vpn"])
        #expect(ospf.interfaces.map(\.interface) == ["eth2"])
        #expect(ospf.providerEdge?.domainID?.bits == 0x0005_0000_0064_0200)
        #expect(ospf.providerEdge?.shamLinks.map(\.local.description) == ["10.1.0.2"])
        #expect(pe1.policies.map(\.name) == ["vpn"])
        let ce1 = try #require(plan.router("ce1"))
        #expect(ce1.ospf[0].providerEdge == nil)
        #expect(ce1.ospf[0].interfaces.map(\.interface) == ["lo", "eth1"])
        // RIPng speaks from link-local addresses, which are known before the kernel makes them.
        let rip = try #require(pe1.rip.first)
        #expect(rip.family == .ipv6 && rip.vrf == "red")
        #expect(rip.interfaces[0].addresses.map(\.address.isLinkLocal) == [false, true])
    }
}
