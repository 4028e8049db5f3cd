// SPDX-License-Identifier: Apache-2.0

import Kernel
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

    static let forbidden: SubstrateChoice.Missing = [
        .namespaces: "only root may make them", .veth: "-", .mpls: "-",
    ]

    /// The choice where this kernel lacks the same in every way, or nothing may be had as root.
    func choice(
        _ wanted: String?, missing: SubstrateChoice.Missing, host: SubstrateChoice.Missing? = nil,
        microVM: String?
    ) throws -> SubstrateChoice {
        try SubstrateChoice(
            wanted, for: plan(), rootless: missing, host: host ?? missing, microVM: microVM)
    }

    @Test func `auto takes this kernel where it has all that the lab needs, without root`() throws {
        let choice = try choice(nil, missing: [.vrf: "no"], microVM: "no QEMU")
        #expect(choice.substrate == .rootless)
        #expect(choice.reason == "this kernel has all that the lab needs: mpls, namespaces, veth")
    }

    @Test func `auto needs root only where there is no other way on this kernel`() throws {
        let choice = try choice(
            nil, missing: [.namespaces: "user.max_user_namespaces is 0", .veth: "-"], host: [:],
            microVM: nil)
        #expect(choice.substrate == .host)
        #expect(
            choice.reason
                == "not rootless, no namespaces on this kernel: user.max_user_namespaces is 0; "
                + "as root this kernel has all that the lab needs: mpls, namespaces, veth")
    }

    @Test func `auto takes the microVM where this kernel lacks something, and says what`() throws {
        for host in [[.mpls: "no module"], Self.forbidden] {
            let choice = try choice("auto", missing: [.mpls: "-"], host: host, microVM: nil)
            #expect(choice.substrate == .microvm)
            #expect(choice.reason == "this kernel has no mpls")
        }
        let root = try choice(
            "auto", missing: Self.forbidden, host: [.mpls: "no module"], microVM: nil)
        #expect(root.reason == "this kernel has no mpls")
    }

    @Test func `no more is looked at than must be`() throws {
        func never() -> SubstrateChoice.Missing {
            Issue.record("asked in vain")
            return [:]
        }
        let choice = try SubstrateChoice(
            nil, for: plan(), rootless: [:], host: never(), microVM: "\(never())")
        #expect(choice.substrate == .rootless)
        _ = try SubstrateChoice(
            "microvm", for: plan(), rootless: never(), host: never(), microVM: nil)
    }

    @Test func `where nothing carries the lab, both reasons are given`() throws {
        #expect(
            throws: Failure("this kernel has no mpls, and no microVM can be had: no QEMU")
        ) { try choice(nil, missing: [.mpls: "no"], microVM: "no QEMU") }
        for here in ["host", "rootless"] {
            #expect(throws: Failure("this kernel has no mpls")) {
                try choice(here, missing: [.mpls: "no module"], microVM: nil)
            }
        }
        let why = "no namespaces on this kernel: only root may make them"
        #expect(throws: Failure(why)) {
            try choice("host", missing: Self.forbidden, microVM: nil)
        }
        #expect(throws: Failure(why + "; `weft doctor` says what to change")) {
            try choice("rootless", missing: Self.forbidden, microVM: nil)
        }
        #expect(throws: Failure("no microVM: no QEMU")) {
            try choice("microvm", missing: [:], microVM: "no QEMU")
        }
        #expect(
            throws: UsageError(
                message: "unknown substrate 'hots'; did you mean 'host'?", command: nil)
        ) { try choice("hots", missing: [:], microVM: nil) }
    }

    @Test func `what a machine lacks comes with what to install`() throws {
        let problem = MicroVMReadiness.Problem(
            reason: "qemu-system-x86_64 is missing", remedy: "apt-get install qemu-system-x86")
        let missing: SubstrateChoice.Missing = [
            .mpls: "no MPLS in this kernel", .vrf: "create vrf: Operation not supported",
        ]
        let findings = Findings(
            rootless: missing, obstacle: nil, host: [.namespaces: "only root may make them"],
            microVM: problem, plan: try plan())
        #expect(!findings.isCarried)
        let json = findings.json.replacing("kernel", with: "Linux 6.1.0 x86_64")
        try expectGolden("doctor-bare", DoctorText.text(json))
    }

    @Test func `a machine that carries everything needs no advice`() throws {
        let findings = Findings(rootless: [:], obstacle: nil, host: [:], microVM: nil, plan: nil)
        #expect(findings.isCarried)
        #expect(findings.json["advice"] == nil)
        let json = findings.json.replacing("kernel", with: "Linux 6.1.0 x86_64")
        try expectGolden("doctor-full", DoctorText.text(json))
    }
}

extension DoctorTests {
    @Test func `a setting that forbids labs without root comes with the command against it`() throws
    {
        let obstacle = UserNamespaceObstacle(
            reason: "kernel.unprivileged_userns_clone is 0",
            remedy: "sudo sysctl -w kernel.unprivileged_userns_clone=1")
        let findings = Findings(
            rootless: [.namespaces: obstacle.reason, .veth: "-"], obstacle: obstacle,
            host: [.namespaces: "only root may make them"], microVM: nil, plan: nil)
        let says = "no namespaces: kernel.unprivileged_userns_clone is 0"
        #expect(
            findings.json["substrates"]?[0]
                == ["name": "rootless", "ready": false, "says": .string(says)])
        #expect(
            findings.json["advice"]?[0]
                == [
                    "command": "sudo sysctl -w kernel.unprivileged_userns_clone=1",
                    "for": "labs on this kernel without root",
                ])
        #expect(DoctorText.text(findings.json).contains(obstacle.remedy))
    }

    @Test func `a lab that wants more open files than its user may have is told what to do`() throws
    {
        func advice(_ filesMax: Int) throws -> JSON? {
            let findings = Findings(
                rootless: [:], obstacle: nil, host: [:], microVM: nil, plan: try plan(),
                filesMax: filesMax)
            return findings.json["advice"]
        }
        #expect(try advice(4096) == nil)
        #expect(
            try advice(500)
                == [
                    [
                        "command":
                            "echo '* hard nofile 1032' | sudo tee /etc/security/limits.d/weft.conf",
                        "for": "516 open files, of which this user may have 500; log in again",
                    ]
                ])
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
