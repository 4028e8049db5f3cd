// SPDX-License-Identifier: Apache-2.0

import KernelObjects
import Plan
import Primitives
import Testing
import Topology

@testable import weft

@Suite struct DoctorTests {
    static let core = """
        name: core
        nodes:
          a: {role: p, loopback: 10.0.0.1}
          b: {role: p, loopback: 10.0.0.2}
        links: [{endpoints: [a, b], subnet: 10.1.0.0/30}]
        """

    func plan() throws -> LabPlan { LabPlan(try Topology.parse(Array(Self.core.utf8))) }

    @Test func `auto takes this kernel where it has all that the lab needs`() throws {
        let choice = try SubstrateChoice(
            nil, for: plan(), missing: [.vrf: "no"], microVM: "no QEMU")
        #expect(choice.substrate == .host)
        #expect(choice.reason == "this kernel has all that the lab needs: mpls, namespaces, veth")
    }

    @Test func `auto takes the microVM where this kernel lacks something, and says what`() throws {
        let choice = try SubstrateChoice(
            "auto", for: plan(), missing: [.mpls: "no module"], microVM: nil)
        #expect(choice.substrate == .microvm)
        #expect(choice.reason == "this kernel has no mpls")
    }

    @Test func `where nothing carries the lab, both reasons are given`() throws {
        let plan = try plan()
        #expect(
            throws: Failure("this kernel has no mpls, and no microVM can be had: no QEMU")
        ) {
            try SubstrateChoice(nil, for: plan, missing: [.mpls: "no"], microVM: "no QEMU")
        }
        #expect(throws: Failure("this kernel has no mpls")) {
            try SubstrateChoice("host", for: plan, missing: [.mpls: "no module"], microVM: nil)
        }
        let forbidden: [KernelFeature: String] = [
            .namespaces: "only root may make them", .veth: "-",
        ]
        #expect(throws: Failure("no namespaces on this kernel: only root may make them")) {
            try SubstrateChoice("host", for: plan, missing: forbidden, microVM: nil)
        }
        #expect(throws: Failure("no microVM: no QEMU")) {
            try SubstrateChoice("microvm", for: plan, missing: [:], microVM: "no QEMU")
        }
        #expect(
            throws: UsageError(
                message: "unknown substrate 'hots'; did you mean 'host'?", command: nil)
        ) { try SubstrateChoice("hots", for: plan, missing: [:], microVM: nil) }
    }

    @Test func `what a machine lacks comes with what to install`() throws {
        let problem = MicroVMReadiness.Problem(
            reason: "qemu-system-x86_64 is missing", remedy: "apt-get install qemu-system-x86")
        let findings = Findings(
            missing: [
                .mpls: "no MPLS in this kernel", .vrf: "create vrf: Operation not supported",
            ],
            microVM: problem, plan: try plan())
        #expect(!findings.isCarried)
        let json = findings.json.replacing("kernel", with: "Linux 6.1.0 x86_64")
        try expectGolden("doctor-bare", DoctorText.text(json))
    }

    @Test func `a machine that carries everything needs no advice`() throws {
        let findings = Findings(missing: [:], microVM: nil, plan: nil)
        #expect(findings.isCarried)
        #expect(findings.json["advice"] == nil)
        let json = findings.json.replacing("kernel", with: "Linux 6.1.0 x86_64")
        try expectGolden("doctor-full", DoctorText.text(json))
    }
}

@Suite struct DiagnosticTextTests {
    @Test func `a mistake is shown with its line and a mark below its place`() throws {
        let text = "name: x\nnodes:\n\ta: {rol: ce}\n" + String(repeating: "y", count: 300)
        func at(_ line: Int, _ column: Int) -> Diagnostic {
            Diagnostic(place: Place(line: line, column: column), message: "wrong")
        }
        try expectGolden(
            "diagnostics",
            DiagnosticText.text([at(1, 7), at(3, 6), at(4, 250), at(9, 1)], file: "f", text: text)
                + "\n")
    }
}

@Suite struct PlanTextTests {
    static let text = """
        name: pair
        bgp-groups: {up: {as: 2, password: s3cret, import: accept, export: accept}}
        nodes:
          a: {role: ce, loopback: 10.0.0.1, bgp: {as: 1, neighbors: {b: up}}}
          b: {role: ce, loopback: 10.0.0.2}
        links: [{endpoints: [a, b], subnet: 192.0.2.0/30, vlan: 7}]
        """

    @Test func `a node's plan is printed with all defaults and without its passwords`() throws {
        let plan = LabPlan(try Topology.parse(Array(Self.text.utf8)))
        try expectGolden("plan", plan.text(only: "a"))
        #expect(!plan.json().text.contains("s3cret"))
    }
}
