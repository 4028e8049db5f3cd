// SPDX-License-Identifier: Apache-2.0

import Control
import Engine
import FRR
import Kernel
import KernelObjects
import Lab
import Plan
import Primitives
import Runtime
import Topology

/// Which kernel carries a lab, and with which rights; in the order in which they are preferred.
enum Substrate: String, CaseIterable {
    /// This machine's, in a user namespace: without a right over the machine.
    case rootless
    /// This machine's, with root's rights.
    case host
    /// A Debian kernel in a small virtual machine.
    case microvm
}

/// The substrate for a lab, and why.
struct SubstrateChoice: Hashable {
    let substrate: Substrate
    let reason: String

    /// What is missing, with the reasons.
    typealias Missing = [KernelFeature: String]

    /// Looks no further than it must.
    /// - Parameters:
    ///   - wanted: a substrate's name or auto; nil is auto.
    ///   - rootless: what this kernel lacks in a user namespace.
    ///   - host: what it lacks for this user outside of one.
    ///   - microVM: why no microVM can be started here; nil where one can.
    /// - Throws: where none carries the lab.
    init(
        _ wanted: String?, for plan: LabPlan, rootless: @autoclosure () -> Missing,
        host: @autoclosure () -> Missing, microVM: @autoclosure () -> String?
    ) throws {
        switch try Self.substrate(wanted ?? "auto") {
        case nil: self = try Self.automatic(plan, rootless, host, microVM)
        case .microvm:
            if let microVM = microVM() { throw Failure("no microVM: \(microVM)") }
            (substrate, reason) = (.microvm, "as asked for")
        case let substrate?:
            let missing = substrate == .host ? host() : rootless()
            if let why = Self.reason(missing, plan) {
                let isAdvised = substrate == .rootless && missing[.namespaces] != nil
                throw Failure(why + (isAdvised ? "; `weft doctor` says what to change" : ""))
            }
            (self.substrate, reason) = (substrate, "as asked for")
        }
    }

    private init(_ substrate: Substrate, _ reason: String) {
        (self.substrate, self.reason) = (substrate, reason)
    }

    private static func automatic(
        _ plan: LabPlan, _ rootless: () -> Missing, _ host: () -> Missing,
        _ microVM: () -> String?
    ) throws -> SubstrateChoice {
        let needs = plan.features.sorted().map(\.rawValue).joined(separator: ", ")
        let all = "this kernel has all that the lab needs: \(needs)"
        let missing = rootless()
        guard let whyNotRootless = reason(missing, plan) else { return .init(.rootless, all) }
        let missingWithRights = host()
        guard let whyNotHost = reason(missingWithRights, plan) else {
            return .init(.host, "not rootless, \(whyNotRootless); as root \(all)")
        }
        // Where there are no namespaces to be had at all, the way to them without root is told.
        let isRoot = missing[.namespaces] != nil && missingWithRights[.namespaces] == nil
        let why = isRoot ? whyNotHost : whyNotRootless
        if let microVM = microVM() {
            throw Failure("\(why), and no microVM can be had: \(microVM)")
        }
        return .init(.microvm, why)
    }

    /// nil for auto.
    private static func substrate(_ name: String) throws(UsageError) -> Substrate? {
        if name == "auto" { return nil }
        if let substrate = Substrate(rawValue: name) { return substrate }
        let names = ["auto"] + Substrate.allCases.map(\.rawValue)
        let hint =
            Suggestion.nearest(to: name, among: names).map { "; did you mean '\($0)'?" }
            ?? ": rootless, host, microvm or auto"
        throw UsageError(message: "unknown substrate '\(name)'\(hint)", command: nil)
    }

    /// Why this kernel does not carry the lab; nil where it does.
    private static func reason(_ missing: Missing, _ plan: LabPlan) -> String? {
        let lacks = plan.features.filter { missing[$0] != nil }.sorted()
        if lacks.isEmpty { return nil }
        if let reason = missing[.namespaces] { return "no namespaces on this kernel: \(reason)" }
        return "this kernel has no " + lacks.map(\.rawValue).joined(separator: ", ")
    }
}

extension Substrate {
    /// Starts a supervisor there, for a lab of so many nodes.
    /// - Parameter interrupt: a descriptor; when it can be read, the start is given up.
    func start(
        _ directory: LabDirectory, nodes: Int, interrupt: Int32
    ) throws -> ControlConnection {
        switch self {
        case .rootless, .host:
            return try SupervisorProcess.start(
                directory, environment(lab: directory.name), isRootless: self == .rootless,
                interrupt: interrupt)
        case .microvm:
            let image = try MicroVMImage.prepare { Terminal.note($0) }
            let plan = MicroVMPlan(
                .lab(name: directory.name), nodes: nodes, usesKVM: KVMProbe.works(),
                console: directory.logPath)
            return try MicroVMProcess.start(
                directory, image, plan, interrupt: interrupt
            ) { Terminal.note($0) }
        }
    }

    /// A node's configuration, by a topology file's text.
    private static func configuration(
        of node: String, in text: String
    ) throws -> RouterConfiguration {
        let topology = try Topology.parse(Array(text.utf8))
        guard let configuration = LabPlan.router(node, of: topology) else {
            throw Failure("no node is called '\(node)'")
        }
        return configuration
    }

    /// What a lab's supervisor is given there.
    func environment(lab name: String) -> Supervisor.Environment {
        Supervisor.Environment(
            name: name, substrate: rawValue,
            parse: { text in try Topology.parse(Array(text.utf8)) },
            routerBody: { plan, configuration, control in
                if let frr = FRRConfiguration(engineOf: configuration.name, in: plan) {
                    return FRRProcess.main(frr, control: control)
                }
                return RouterProcess<Router>.main(configuration, control: control) { text, node in
                    try Substrate.configuration(of: node, in: text)
                }
            })
    }
}
