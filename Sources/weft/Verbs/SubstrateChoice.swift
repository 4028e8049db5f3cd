// SPDX-License-Identifier: Apache-2.0

import Control
import Engine
import Kernel
import KernelObjects
import Lab
import Plan
import Primitives
import Runtime
import Topology

/// Which kernel carries a lab.
enum Substrate: String, CaseIterable {
    /// This machine's.
    case host
    /// A Debian kernel in a small virtual machine.
    case microvm
}

/// The substrate for a lab, and why.
struct SubstrateChoice: Hashable {
    let substrate: Substrate
    let reason: String

    /// - Parameters:
    ///   - wanted: host, microvm or auto; nil is auto.
    ///   - missing: what this kernel lacks, with the reasons.
    ///   - microVM: why no microVM can be started here; nil where one can.
    /// - Throws: where none carries the lab.
    init(
        _ wanted: String?, for plan: LabPlan, missing: [KernelFeature: String], microVM: String?
    ) throws {
        let lacks = plan.features.filter { missing[$0] != nil }.sorted()
        let why = Self.reason(lacks, missing)
        switch wanted ?? "auto" {
        case "host":
            if !lacks.isEmpty { throw Failure(why) }
            (substrate, reason) = (.host, "as asked for")
        case "microvm":
            if let microVM { throw Failure("no microVM: \(microVM)") }
            (substrate, reason) = (.microvm, "as asked for")
        case "auto" where lacks.isEmpty:
            let needs = plan.features.sorted().map(\.rawValue).joined(separator: ", ")
            (substrate, reason) = (.host, "this kernel has all that the lab needs: \(needs)")
        case "auto":
            if let microVM {
                throw Failure("\(why), and no microVM can be had: \(microVM)")
            }
            (substrate, reason) = (.microvm, why)
        case let other:
            let nearest = Suggestion.nearest(to: other, among: ["auto", "host", "microvm"])
            let hint = nearest.map { "; did you mean '\($0)'?" } ?? ": host, microvm or auto"
            throw UsageError(message: "unknown substrate '\(other)'\(hint)", command: nil)
        }
    }
}

extension SubstrateChoice {
    /// Why this kernel does not carry the lab.
    private static func reason(
        _ lacks: [KernelFeature], _ missing: [KernelFeature: String]
    ) -> String {
        if lacks.contains(.namespaces), let reason = missing[.namespaces] {
            return "no namespaces on this kernel: \(reason)"
        }
        return "this kernel has no " + lacks.map(\.rawValue).joined(separator: ", ")
    }
}

extension Substrate {
    /// Starts a supervisor there, for a lab of so many nodes.
    func start(_ directory: LabDirectory, nodes: Int) throws -> ControlConnection {
        switch self {
        case .host:
            return try SupervisorProcess.start(directory, environment(lab: directory.name))
                .connection
        case .microvm:
            let image = try MicroVMImage.prepare { Terminal.note($0) }
            let plan = MicroVMPlan(
                .lab(name: directory.name), nodes: nodes, usesKVM: KVMProbe.works(),
                console: directory.logPath)
            return try MicroVMProcess.start(directory, image, plan) { Terminal.note($0) }.connection
        }
    }

    /// What a lab's supervisor is given there.
    func environment(lab name: String) -> Supervisor.Environment {
        Supervisor.Environment(
            name: name, substrate: rawValue,
            parse: { text in try Topology.parse(Array(text.utf8)) },
            routerBody: { configuration, control in
                RouterProcess<Router>.main(configuration, control: control)
            })
    }
}
