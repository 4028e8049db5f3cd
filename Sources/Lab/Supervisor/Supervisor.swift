// SPDX-License-Identifier: Apache-2.0

import Control
import Engine
import Kernel
import KernelObjects
import Plan
import Primitives
import Topology

/// A lab's one process: builds the kernel objects, starts a router in each namespace, answers
/// control clients, and takes everything down with itself.
///
/// It is the first process of a process namespace, so whatever ends it ends every router and tool
/// of the lab; and it alone holds the network namespaces, so they end as well.
package final class Supervisor {
    /// What a router's process is: of a plan's router, with its end of the socket pair.
    package typealias RouterBody = (LabPlan, RouterConfiguration, Int32) -> Int32

    /// What a supervisor is given from outside.
    package struct Environment {
        package var name: String
        /// `rootless`, `host` or `microvm`.
        package var substrate: String
        /// Reads a topology file's text.
        package var parse: (String) throws -> Topology
        /// What a router process does, inside its namespace.
        package var routerBody: RouterBody

        package init(
            name: String, substrate: String, parse: @escaping (String) throws -> Topology,
            routerBody: @escaping RouterBody
        ) {
            self.name = name
            self.substrate = substrate
            self.parse = parse
            self.routerBody = routerBody
        }
    }

    enum State: String {
        case waiting, building, running, stopping
    }

    let environment: Environment
    let loop: EventLoop
    private let listener: ClientListener
    /// The client that the lab is started for, until it is served.
    private var starter: HeldDescriptor?
    private var hasStarter = false
    private let signals: SignalDescriptor
    private var sessions: [ObjectIdentifier: ControlSession] = [:]
    private(set) var state = State.waiting
    /// The lab, from the moment that its file has been understood.
    private(set) var lab: RunningLab?
    var watchers: [Reply] = []
    var outages: [MeasurementKey: RunningOutage] = [:]
    var wires: [MeasurementKey: RunningWire] = [:]
    var log = LabLog()
    var followers: [MeasurementKey: LogFollower] = [:]
    private var downs: [Reply] = []
    /// Children other than routers.
    private var children: [Int32: (ChildProcess.Exit) -> Void] = [:]

    /// - Parameter starter: the client that the lab is started for; the first to connect where it
    ///   is nil. When it goes before it has asked for a lab, so does the supervisor.
    package init(
        _ environment: Environment, listener: consuming FileDescriptor,
        starter: consuming FileDescriptor? = nil
    ) throws(SystemError) {
        self.environment = environment
        loop = try EventLoop()
        self.listener = try ClientListener(listener, loop)
        switch consume starter {
        case .some(let socket): self.starter = HeldDescriptor(socket)
        case .none: break
        }
        signals = try SignalDescriptor([
            SignalDescriptor.child, SignalDescriptor.terminate, SignalDescriptor.interrupt,
            SignalDescriptor.hangUp,
        ])
    }

    /// Serves until the lab is to go, and takes it down. Returns when nothing of it is left.
    /// - Parameter afterwards: called when the lab is gone, before its last clients hear of it.
    package func run(_ afterwards: () -> Void = {}) throws(SystemError) {
        try loop.watch(signals.raw) { [unowned self] _ in self.takeSignals() }
        if let starter { serve(starter.take()) }
        try listener.start { [unowned self] in self.serve($0) }
        try loop.run { state == .stopping }
        takeDown()
        afterwards()
        for reply in downs { reply.finish([:]) }
        for session in sessions.values { session.close() }
    }

    // MARK: Ends

    /// Begins the end of the lab.
    func stop() { state = .stopping }

    private func takeDown() {
        lab?.release()
        if ChildProcess.pid == 1 { ChildProcess.signalAll(SignalDescriptor.kill) }
        ChildProcess.waitForAll()
        lab = nil
    }

    private func takeSignals() {
        for signal in signals.read() where signal != SignalDescriptor.child { stop() }
        for exit in ChildProcess.reap() {
            if let body = children.removeValue(forKey: exit.pid) {
                body(exit)
            } else {
                _ = lab?.take(exit)
            }
        }
    }

    /// Calls `body` when a child has ended.
    func whenEnded(_ pid: Int32, _ body: @escaping (ChildProcess.Exit) -> Void) {
        children[pid] = body
    }

    // MARK: Clients

    private func serve(_ socket: Int32) {
        let channel = FrameChannel(FileDescriptor(owning: socket))
        guard let session = try? ControlSession(channel, loop) else { return }
        sessions[ObjectIdentifier(session)] = session
        session.onRequest = { [unowned self] reply in self.begin(reply) }
        session.onClose = { [unowned self] session in
            self.sessions[ObjectIdentifier(session)] = nil
        }
        if !hasStarter {
            hasStarter = true
            session.onEnd.append { [unowned self] in if self.state == .waiting { self.stop() } }
        }
    }

    private func begin(_ reply: Reply) {
        guard let operation = ControlOperation(rawValue: reply.request.operation) else {
            return reply.fail("a lab knows no operation '\(reply.request.operation)'")
        }
        switch operation {
        case .hello: return reply.finish(hello)
        case .build: return build(reply)
        case .down:
            downs.append(reply)
            return stop()
        case .watch: return watch(reply)
        default: break
        }
        guard let lab, state == .running else { return reply.fail("the lab is not built yet") }
        switch operation {
        case .show: forward(.show, reply, lab)
        case .kernelRoutes: forward(.kernelRoutes, reply, lab)
        case .lookUp: forward(.lookUp, reply, lab)
        case .counters: counters(reply, lab)
        case .event, .apply:
            guard lab.change == nil else { return reply.fail("the lab is being changed") }
            if operation == .apply { apply(reply, lab) } else { event(reply, lab) }
        case .exec: exec(reply, lab)
        case .ping, .traceroute, .pathMTU: probe(reply, lab)
        case .outageStart: startOutage(reply, lab)
        case .outageStop: stopOutage(reply)
        case .wireStart: startWire(reply, lab)
        case .wireStop: stopWire(reply)
        case .ipsec: ipsec(reply, lab)
        case .logs: logs(reply, lab)
        case .capture: capture(reply, lab)
        case .deviations: deviations(reply, lab)
        case .names: reply.finish(LabNames(lab.plan).json)
        case .hello, .build, .down, .watch: preconditionFailure("answered above")
        }
    }

    private var hello: JSON {
        let answer: JSON = [
            "name": .string(environment.name),
            "description": .string(lab?.plan.topology.description ?? ""),
            "substrate": .string(environment.substrate),
            "state": .string(state == .waiting ? "building" : state.rawValue),
            "pid": JSON(ChildProcess.outsidePID(of: ChildProcess.pid)),
            "nodes": JSON(lab?.nodes ?? []), "file": .string(lab?.file ?? ""),
            "topology": .string(lab?.text ?? ""),
            "started": JSON(lab.map { (loop.now - $0.started).seconds } ?? 0),
            "unfinished": JSON(lab?.unfinished),
        ]
        return answer.compact
    }

    // MARK: Building

    /// The lab exists only once it is built: a client that goes away before that ends it.
    private func build(_ reply: Reply) {
        guard state == .waiting else { return reply.fail("the lab is built already") }
        state = .building
        let text = reply["topology"]?.string ?? ""
        reply.onCancel = { [unowned self] in self.stop() }
        do {
            let plan = LabPlan(try environment.parse(text))
            let lab = RunningLab(plan, file: reply["file"]?.string ?? "", text: text, loop)
            self.lab = lab
            note(.lab, "begins, with \(lab.routers.count) nodes", at: lab.started)
            lab.onReport = { [unowned self] node, message in self.tell(node, message) }
            lab.ipsec.onLine = { [unowned self] node, line in self.note(.ike, line, node: node) }
            let count = plan.objects.namespaces.count
            reply.progress(["phase": "build", "text": .string("building \(count) namespaces")])
            let changes = try lab.realise()
            reply.progress([
                "phase": "start", "text": .string("starting \(plan.routers.count) routers"),
            ])
            try lab.start(environment.routerBody) { [unowned self] failure in
                self.finishBuild(reply, changes.count, failure)
            }
        } catch {
            reply.fail("\(error)")
            stop()
        }
    }

    private func finishBuild(_ reply: Reply, _ changes: Int, _ failure: String?) {
        if let failure {
            reply.fail(failure)
            return stop()
        }
        state = .running
        // A test's lab lives as long as the connection that built it.
        let isKept = reply["keep"]?.bool ?? true
        reply.finish(["changes": JSON(changes)])
        if !isKept { reply.whenSessionCloses { [unowned self] in self.stop() } }
    }

    // MARK: What routers say

    private func watch(_ reply: Reply) {
        watchers.append(reply)
        reply.onCancel = { [unowned self, unowned reply] in
            self.watchers.removeAll { $0 === reply }
        }
    }

    /// - Parameter message: {report, at}, as a router sends it.
    private func tell(_ node: String, _ message: JSON) {
        let at = Instant(nanoseconds: message["at"]?.int ?? loop.now.nanoseconds)
        let report = message["report"] ?? [:]
        note(report, of: node, at: at)
        let news: JSON = [
            "node": .string(node), "report": report, "at": JSON(at.nanoseconds),
        ]
        for watcher in watchers { watcher.progress(news) }
    }

    private func forward(_ operation: RouterOperation, _ reply: Reply, _ lab: RunningLab) {
        guard let router = router(reply, lab) else { return }
        router.ask(operation, reply.request.members) { answer in
            switch answer {
            case .success(let value): reply.finish(value)
            case .failure(let refusal): reply.fail(refusal.text)
            }
        }
    }

    /// The router that a request names; where there is none, the request is refused.
    func router(_ reply: Reply, _ lab: RunningLab) -> RouterChild? {
        let name = reply["node"]?.string ?? ""
        guard let router = lab.router(name) else {
            let hint = Suggestion.text(for: name, among: lab.routers.map(\.node))
            reply.fail("the lab has no node '\(name)'\(hint)")
            return nil
        }
        return router
    }

    private func counters(_ reply: Reply, _ lab: RunningLab) {
        let names = reply["nodes"]?.array.compactMap(\.string)
        let routers = lab.routers.filter { names?.contains($0.node) ?? ($0.state == .running) }
        ask(routers, "counters") { answers in
            let rows: [JSON] = routers.compactMap { router in
                answers[router.node].map { ["name": .string(router.node), "counters": $0] }
            }
            reply.finish(["nodes": JSON(rows)])
        }
    }

    /// Asks several routers the same, and calls `body` with their answers by node when all have
    /// answered or ended.
    func ask(
        _ routers: [RouterChild], _ query: String, _ body: @escaping ([String: JSON]) -> Void
    ) {
        var answers: [String: JSON] = [:]
        var left = routers.count
        if left == 0 { body(answers) }
        for router in routers {
            router.ask(.show, ["query": .string(query)]) { answer in
                answers[router.node] = try? answer.get()
                left -= 1
                if left == 0 { body(answers) }
            }
        }
    }
}
