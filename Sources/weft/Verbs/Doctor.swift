// SPDX-License-Identifier: Apache-2.0

import FRR
import Kernel
import KernelObjects
import Plan
import Primitives
import Topology

let doctorCommand = Command(
    name: "doctor", summary: "Tell what this machine can carry",
    description: """
        Tries what this kernel lets you do, looks for what a microVM needs, and names what to
        install for more. With FILE also says which substrate that lab would get, and why.
        """,
    arguments: [
        .init(name: "FILE", summary: "A topology file to judge by", isRequired: false)
    ],
    options: [.json],
    examples: [
        .init(line: "weft doctor", says: "this kernel, the substrates, what to install"),
        .init(
            line: "weft doctor Topologies/multihomed-ipvpn.yaml",
            says: "exit code 3 when nothing here carries it"),
    ]
) { invocation in
    let path = invocation.argument("FILE")
    let plan = path.isEmpty ? nil : LabPlan(try TopologyText(path).topology)
    let rootless = KernelFeatures.probeRootless()
    let findings = Findings(
        rootless: rootless.missing, obstacle: rootless.obstacle,
        host: KernelFeatures.probe().missing, microVM: MicroVMReadiness.problem, plan: plan,
        filesMax: DescriptorLimit.allowed, missingDaemons: FRRDaemon.missing)
    Terminal.write(
        invocation.has("json")
            ? findings.json.indentedText + "\n" : DoctorText.text(findings.json, Terminal.style))
    return findings.isCarried ? .passed : .labFailed
}

/// What the doctor found.
struct Findings {
    /// What this kernel lacks in a user namespace.
    var rootless: SubstrateChoice.Missing
    /// Why this user can have no user namespace; nil where one can be had.
    var obstacle: UserNamespaceObstacle?
    /// What this kernel lacks for this user without one.
    var host: SubstrateChoice.Missing
    /// Why no microVM can be started here; nil where one can.
    var microVM: MicroVMReadiness.Problem?
    var plan: LabPlan?
    /// How many files this user's processes may have open; nil where that is not known.
    var filesMax: Int?
    /// Which of FRR's daemons are not installed; nil where nobody looked.
    var missingDaemons: [FRRDaemon]?

    /// What each feature is for; the others are for later versions.
    private static let purposes: [KernelFeature: String] = [
        .namespaces: "every node", .veth: "every link", .bridge: "LANs", .vlan: "VLANs",
        .dummy: "traceroute through a PE", .macvlan: "VRRP", .vrf: "VPNs on a PE",
        .mpls: "the provider's core", .flower: "VPN labels on a PE",
        .netem: "impaired links",
    ]

    /// What this user can have of the kernel one way or the other.
    private var missing: SubstrateChoice.Missing {
        rootless[.namespaces] == nil || host[.namespaces] != nil ? rootless : host
    }

    private static var asked: [KernelFeature] {
        KernelFeature.allCases.filter { purposes[$0] != nil }
    }

    private var choice: Result<SubstrateChoice, any Error>? {
        plan.map { plan in
            Result {
                try SubstrateChoice(
                    nil, for: plan, rootless: rootless, host: host, microVM: microVM?.reason)
            }
        }
    }

    var isCarried: Bool {
        guard case .failure = choice else { return true }
        return false
    }

    var json: JSON {
        let features: [JSON] = Self.asked.map { feature in
            JSON.present([
                ("name", .string(feature.rawValue)), ("present", .bool(missing[feature] == nil)),
                ("for", .string(Self.purposes[feature] ?? "")), ("reason", JSON(missing[feature])),
            ])
        }
        return JSON.present([
            ("kernel", .string(KernelRelease.text)), ("features", JSON(features)),
            ("substrates", JSON([here(.rootless), here(.host), virtual])),
            ("engines", engines), ("advice", JSON(advice)), ("lab", lab),
        ])
    }

    /// Routing daemons that are not ours, for nodes that ask for them.
    private var engines: JSON {
        guard let missingDaemons else { return nil }
        let lacks = missingDaemons.map(\.rawValue).joined(separator: ", ")
        let frr: JSON = [
            "name": "frr", "present": .bool(missingDaemons.isEmpty),
            "for": "nodes with engine: frr",
            "reason": lacks.isEmpty ? nil : .string("not installed: \(lacks)"),
        ]
        return [frr.compact]
    }

    /// What this kernel carries.
    private func here(_ substrate: Substrate) -> JSON {
        let missing = substrate == .host ? host : rootless
        let lacks = Self.asked.filter { missing[$0] != nil }.map(\.rawValue)
        let says =
            missing[.namespaces].map { "no namespaces: \($0)" }
            ?? (lacks.isEmpty
                ? "carries every lab" : "carries labs without " + lacks.joined(separator: ", "))
        return [
            "name": .string(substrate.rawValue), "ready": .bool(missing[.namespaces] == nil),
            "says": .string(says),
        ]
    }

    private var virtual: JSON {
        let says = microVM?.reason ?? MicroVMReadiness.description
        return ["name": "microvm", "ready": .bool(microVM == nil), "says": .string(says)]
    }

    private var advice: [JSON] {
        var advice: [(command: String, purpose: String)] = []
        if let obstacle { advice.append((obstacle.remedy, "labs on this kernel without root")) }
        if let files { advice.append(files) }
        if let microVM {
            advice.append((microVM.remedy, "the microVM, which carries every lab"))
        }
        if missingDaemons?.isEmpty == false {
            advice.append(("apt-get install \(FRRDaemon.package)", "nodes with engine: frr"))
        }
        let modules = [
            ("mpls", "modprobe mpls_router mpls_iptunnel"), ("vrf", "modprobe vrf"),
        ]
        for (name, command) in modules where missing[.init(rawValue: name) ?? .esp] != nil {
            advice.append((command, "\(name) on this kernel, if it has that"))
        }
        return advice.map { ["command": .string($0.command), "for": .string($0.purpose)] }
    }

    /// What to change where the lab wants more open files than this user may have.
    private var files: (command: String, purpose: String)? {
        guard let plan, let filesMax else { return nil }
        let need = DescriptorLimit.need(forNamespaces: plan.objects.namespaces.count)
        guard need > filesMax else { return nil }
        return (
            "echo '* hard nofile \(2 * need)' | sudo tee /etc/security/limits.d/weft.conf",
            "\(need) open files, of which this user may have \(filesMax); log in again"
        )
    }

    private var lab: JSON {
        guard let plan, let choice else { return nil }
        switch choice {
        case .success(let choice):
            return [
                "name": .string(plan.topology.name),
                "substrate": .string(choice.substrate.rawValue),
                "says": .string(choice.reason),
            ]
        case .failure(let error):
            let text = (error as? Failure)?.message ?? "\(error)"
            return ["name": .string(plan.topology.name), "says": .string(text)]
        }
    }
}
