// SPDX-License-Identifier: Apache-2.0

import Control
import Kernel
import KernelObjects
import Plan
import Primitives
import Topology

/// A running lab becomes what another file says.
extension Supervisor {
    func apply(_ reply: Reply, _ lab: RunningLab) {
        let text = reply["topology"]?.string ?? ""
        do {
            let plan = LabPlan(try environment.parse(text))
            if let refusal = refusal(of: plan, lab) { return reply.fail(refusal) }
            let run = LabChangeRun(
                reply, lab, to: plan, file: reply["file"]?.string ?? "", text: text, self)
            lab.change = run
            run.begin()
        } catch {
            reply.fail("\(error)")
        }
    }

    /// Why the lab cannot become that of a plan while it runs.
    private func refusal(of plan: LabPlan, _ lab: RunningLab) -> String? {
        let name = plan.topology.name
        guard name == environment.name else {
            return "the file is of a lab named '\(name)', and this one is '\(environment.name)'"
        }
        for node in plan.topology.nodes {
            guard let engine = lab.plan.topology.node(node.name)?.engine, engine != node.engine
            else { continue }
            return "the engine of \(node.name) cannot become \(node.engine.rawValue) while it runs"
        }
        let more = plan.features.subtracting(lab.plan.features)
        let missing = more.isEmpty ? [:] : KernelFeatures.probe().missing
        let lacks = more.filter { missing[$0] != nil }.sorted().map(\.rawValue)
        if !lacks.isEmpty {
            return "the kernel that carries the lab has no \(lacks.joined(separator: ", "))"
        }
        return lab.ipsec.refusal(of: plan)
    }
}
