// SPDX-License-Identifier: Apache-2.0

import Control
import Engine
import Kernel
import KernelObjects
import Plan
import Primitives
import Topology

/// A change of a running lab while it is carried out.
///
/// What goes says goodbye while its links are still there; then the kernel's objects change; then
/// the routers that stay go on under their new configurations, and new ones start. Nodes that are
/// the same in both files are not asked anything.
final class LabChangeRun {
    /// What the lab is if things go no further.
    private enum Stage: String {
        case goodbyes =
            "no node, link or address has been changed; sessions that the file ends may have ended"
        case kernel = "nodes that the file has not are stopped; links and addresses are in between"
        case routers = "links and addresses are as the file says; some routers are not"
        case starts = "all is as the file says, but not all of its new nodes run"
    }

    private let reply: Reply
    private unowned let lab: RunningLab
    private unowned let supervisor: Supervisor
    private let old: LabPlan
    private let plan: LabPlan
    private let file: String
    private let text: String
    private let change: LabChange
    /// Nodes that are in both plans and not the same, also those that only have a cable replaced;
    /// or all where that is not known.
    private let changed: [String]
    /// Whether an earlier change failed, so that nothing is known to be as the old plan says.
    private let isRepair: Bool
    private var stage = Stage.goodbyes
    /// How many kernel objects were changed.
    private var kernelChanges = 0
    private var isOver = false

    init(
        _ reply: Reply, _ lab: RunningLab, to plan: LabPlan, file: String, text: String,
        _ supervisor: Supervisor
    ) {
        self.reply = reply
        self.lab = lab
        self.supervisor = supervisor
        self.plan = plan
        self.file = file
        self.text = text
        old = lab.plan
        change = LabChange(from: lab.plan, to: plan)
        let isRepair = lab.unfinished != nil
        self.isRepair = isRepair
        let replaced = Surplus(of: lab.plan.objects, against: plan.objects).remainders
            .filter { !$0.links.isEmpty }.map(\.name)
        let names = Set(change.names(.node, .changed) + replaced)
        changed = lab.plan.topology.nodes.map(\.name).filter { name in
            plan.topology.node(name) != nil && (isRepair || names.contains(name))
        }
    }

    private var loop: EventLoop { supervisor.loop }

    private var running: [RouterChild] {
        changed.compactMap { lab.router($0) }.filter { $0.state == .running }
    }

    // MARK: Steps

    func begin() {
        guard isRepair || !change.isEmpty else {
            // Names, tests and comments are all that differs.
            lab.adopt(plan, file: file, text: text)
            return finish()
        }
        lab.unfinished = "a change is under way"
        say("prepare", "\(change.items.count) changes: preparing \(running.count) routers")
        ask(running, .prepare, ["topology": .string(text)]) { [self] in stopRemoved() }
    }

    private func stopRemoved() {
        stage = .kernel
        let gone = change.names(.node, .removed).compactMap { lab.router($0) }
        var left = gone.count
        if left == 0 { return changeKernel() }
        say("stop", "stopping \(gone.map(\.node).joined(separator: ", "))")
        watch("stopping nodes") { gone.filter { $0.pid != nil }.map(\.node) }
        for router in gone {
            lab.stop(router) { [self] in
                left -= 1
                if left == 0 { heed { self.changeKernel() } }
            }
        }
    }

    private func changeKernel() {
        lab.adopt(plan, file: file, text: text)
        say("build", "changing links and addresses")
        attempt("links and addresses") { () throws(SystemError) in
            kernelChanges = try lab.realise(after: old.objects).count
            stage = .routers
            try lab.ipsec.change { [self] failure in
                if let failure { return fail(failure) }
                heed { self.reconfigure() }
            }
        }
    }

    private func reconfigure() {
        ask(running, .reconfigure, [:]) { [self] in startAdded() }
    }

    private func startAdded() {
        stage = .starts
        let added = plan.routers.map(\.name).filter { old.topology.node($0) == nil || isRepair }
            .compactMap { lab.router($0) }
            .filter { $0.pid == nil && !lab.links.dead.contains($0.node) && !$0.hasDied }
        if !added.isEmpty {
            say("start", "starting \(added.map(\.node).joined(separator: ", "))")
        }
        lab.start(added) { [self] failure in
            if let failure { return fail(failure) }
            lab.ipsec.initiate(plan.topology.nodes.map(\.name))
            heed { self.awaitLinks(added) }
        }
    }

    /// Until routers have seen their new links, nothing that is asked of them would be of this lab.
    private func awaitLinks(_ added: [RouterChild]) {
        let routers = running + added
        let deadline = loop.now + RunningLab.patience
        var left = routers.count
        if left == 0 { return finish() }
        for router in routers {
            let expectations = lab.links.expectations(of: router.node)
            supervisor.expect(expectations, of: router, until: deadline) { [self] failure in
                if let failure { return fail(failure) }
                left -= 1
                if left == 0 { heed { self.finish() } }
            }
        }
    }

    // MARK: Ends

    private func finish() {
        guard !isOver else { return }
        isOver = true
        lab.unfinished = nil
        supervisor.note(.lab, "changed to what \(file) says")
        reply.finish(
            .object(change.json.members + [.init("kernel", JSON(kernelChanges))]))
        end()
    }

    private func fail(_ reason: String) {
        guard !isOver else { return }
        isOver = true
        lab.unfinished = "\(reason); \(stage.rawValue)"
        supervisor.note(.lab, "not changed to what \(file) says: \(reason)")
        reply.fail("\(reason); \(stage.rawValue); `weft up` of the same file goes on from here")
        end()
    }

    /// This object may be in the middle of a call.
    private func end() {
        loop.call(at: loop.now) { [unowned lab] in lab.change = nil }
    }

    // MARK: Means

    private func say(_ phase: String, _ text: String) {
        reply.progress(["phase": .string(phase), "text": .string(text)])
    }

    /// Goes on unless all is over.
    private func heed(_ body: () -> Void) { if !isOver { body() } }

    private func attempt(_ what: String, _ body: () throws(SystemError) -> Void) {
        do throws(SystemError) { try body() } catch { fail("\(what): \(error)") }
    }

    /// Fails if it is not over in time with what somebody is waited for.
    private func watch(_ what: String, _ missing: @escaping () -> [String]) {
        let stage = stage
        loop.call(at: loop.now + RunningLab.patience) { [weak self] in
            guard let self, !isOver, self.stage == stage else { return }
            let names = missing()
            if !names.isEmpty { fail("\(what): no answer from \(names.joined(separator: ", "))") }
        }
    }

    /// Asks routers the same, and goes on when all have done it. One that dies meanwhile is started
    /// with its new configuration when it is started again.
    private func ask(
        _ routers: [RouterChild], _ operation: RouterOperation, _ members: JSON,
        _ body: @escaping () -> Void
    ) {
        var waiting = Set(routers.map(\.node))
        var problems: [String] = []
        if waiting.isEmpty { return body() }
        watch(operation.rawValue) { waiting.sorted() }
        for router in routers {
            router.ask(operation, members) { [self] answer in
                waiting.remove(router.node)
                if case .failure(let refusal) = answer, router.state == .running {
                    problems.append("\(router.node): \(refusal.text)")
                }
                guard waiting.isEmpty else { return }
                if let problem = problems.sorted().first { return fail(problem) }
                heed(body)
            }
        }
    }
}
