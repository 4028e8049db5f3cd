// SPDX-License-Identifier: Apache-2.0

import Control
import Engine
import Kernel
import KernelObjects
import Plan
import Primitives
import Topology

/// What a supervisor holds of its lab: namespaces, routers, cables.
final class RunningLab {
    private(set) var plan: LabPlan
    private(set) var file: String
    private(set) var text: String
    let started: Instant
    private(set) var routers: [RouterChild]
    /// Kernel objects of earlier files that may still be there.
    private var leftovers: [LabObjects] = []
    /// Why the lab is not all that its file says: a change that failed, or is under way.
    var unfinished: String?
    /// The change that is under way.
    var change: LabChangeRun?
    var links: LinkStates
    /// What ends of links do to the packets that they send, by link and node.
    var impairments: [LinkStates.NamedEnd: Impairment] = [:]
    private let loop: EventLoop
    private let realiser = Realiser()
    private var rooms: [String: NodeRoom] = [:]
    /// Where random secrets come from that several nodes share.
    var keys: KeyRing { realiser.keys }
    private(set) lazy var ipsec = LabIPsec(self, loop)
    private var routerBody: Supervisor.RouterBody = { _, _, _ in 1 }
    /// Called with a router's {report, at}, and with {report: {type: router, …}} when one dies.
    var onReport: (String, JSON) -> Void = { _, _ in }

    /// How long it may take until the next router answers its first question, or until one sees its
    /// links change.
    static let patience: Duration = .seconds(20)

    init(_ plan: LabPlan, file: String, text: String, _ loop: EventLoop) {
        self.plan = plan
        self.file = file
        self.text = text
        self.loop = loop
        started = loop.now
        links = LinkStates(plan)
        routers = []
        routers = plan.routers.map(child)
    }

    private func child(_ configuration: RouterConfiguration) -> RouterChild {
        let router = RouterChild(configuration, loop)
        let node = router.node
        router.onReport = { [unowned self] in self.onReport(node, $0) }
        router.onDeath = { [unowned self] reason in
            self.onReport(
                node, ["report": ["type": "router", "state": "died", "reason": .string(reason)]])
        }
        return router
    }

    func router(_ node: String) -> RouterChild? { routers.first { $0.node == node } }

    func take(_ exit: ChildProcess.Exit) -> Bool {
        routers.contains { $0.take(exit) } || ipsec.take(exit)
    }

    /// {name, role, state, pid?, last-error?} of every node.
    var nodes: [JSON] {
        zip(plan.topology.nodes, routers).map { node, router in
            var error: JSON = nil
            if case .died(let reason) = router.state { error = .string(reason) }
            return JSON.object([
                .init("name", .string(node.name)), .init("role", .string(node.role.rawValue)),
                .init("state", .string(router.state.name)),
                .init("pid", JSON(router.pid.flatMap { ChildProcess.outsidePID(of: $0) })),
                .init("last-error", error),
            ]).compact
        }
    }

    // MARK: Building

    /// Makes the kernel objects, and takes out those of earlier files; returns what was changed.
    /// - Parameter old: what was there before; kept in mind until all has gone well.
    func realise(after old: LabObjects? = nil) throws(SystemError) -> [String] {
        if let old { leftovers.append(old) }
        let changes = try realiser.realise(links.settled(plan.objects), replacing: leftovers)
        leftovers = []
        return changes
    }

    /// Takes another plan for what is wanted. Pulled cables stay pulled; the routers of nodes that
    /// it has not must have ended.
    func adopt(_ new: LabPlan, file: String, text: String) {
        let present = Dictionary(uniqueKeysWithValues: routers.map { ($0.node, $0) })
        routers = new.routers.map { configuration in
            guard let router = present[configuration.name] else { return child(configuration) }
            router.configuration = configuration
            return router
        }
        let before = links
        links = LinkStates(new, after: before)
        impairments = impairments.filter { links.hasSame($0.key, as: before) }
        rooms = rooms.filter { new.topology.node($0.key) != nil }
        (plan, self.file, self.text) = (new, file, text)
    }

    /// Starts every IKE daemon and then every router, and calls `body` when all take events, or
    /// with what went wrong. No packet leaves in clear that is to be protected; the associations
    /// themselves are not waited for.
    func start(
        _ routerBody: @escaping Supervisor.RouterBody,
        _ body: @escaping (String?) -> Void
    ) throws(SystemError) {
        self.routerBody = routerBody
        let nodes = routers.map(\.node)
        try ipsec.start(nodes) { [unowned self] failure in
            if let failure { return body(failure) }
            start(routers) { [unowned self] failure in
                // Only now are there routes to the peers.
                if failure == nil { ipsec.initiate(nodes) }
                body(failure)
            }
        }
    }

    /// Stops a node in good order, and calls `body` when its router and its daemon have ended.
    func stop(_ router: RouterChild, _ body: @escaping () -> Void) {
        func end() {
            ipsec.daemon(router.node)?.stop()
            router.whenEnded { [unowned self] in ipsec.whenEnded(router.node, body) }
        }
        guard router.state == .running else { return end() }
        router.expectEnd()
        router.ask(.stop, [:]) { _ in end() }
    }

    /// Starts routers, and calls `body` when they take events, or with what went wrong.
    func start(_ routers: [RouterChild], _ body: @escaping (String?) -> Void) {
        do throws(SystemError) { for router in routers { try start(router) } } catch {
            return body("\(error)")
        }
        whenReady(routers, body)
    }

    /// Forks a router into its namespace. Daemons that are not ours stand where the tools of the
    /// node look for them.
    private func start(_ router: RouterChild) throws(SystemError) {
        let isOurs = plan.topology.node(router.node)?.engine == .weft
        let room = isOurs ? nil : try room(router.node)
        try router.start(
            in: try namespace(router.node), hasDaemons: !isOurs
        ) { configuration, control in
            do throws(SystemError) { try room?.enter() } catch {
                StandardStream.error.write("\(router.node): \(error)\n".utf8)
                return 1
            }
            return routerBody(plan, configuration, control)
        }
    }

    private func whenReady(_ routers: [RouterChild], _ body: @escaping (String?) -> Void) {
        var left = routers.count
        var isOver = false
        func end(_ failure: String?) {
            guard !isOver else { return }
            isOver = true
            body(failure)
        }
        if left == 0 { return end(nil) }
        // Daemons that are not ours are read from disk, in a microVM over its slow bus.
        let isOurs = routers.allSatisfy { plan.topology.node($0.node)?.engine == .weft }
        let patience = isOurs ? Self.patience : Self.patience * 3
        func timer() -> UInt64 {
            loop.call(at: loop.now + patience) {
                end("\(left) of \(routers.count) routers did not start in time")
            }
        }
        var running = timer()
        for router in routers {
            router.whenReady { [loop] in
                if case .died(let reason) = router.state {
                    return end("\(router.node)'s router \(reason) at its start")
                }
                left -= 1
                loop.cancel(running)
                if left == 0 { end(nil) } else if !isOver { running = timer() }
            }
        }
    }

    /// Lets go of everything but the processes.
    func release() {
        for router in routers { router.expectEnd() }
        if ChildProcess.pid != 1 {
            for router in routers {
                if let pid = router.pid { ChildProcess.signal(pid, SignalDescriptor.kill) }
            }
            ipsec.killAll()
        }
        rooms = [:]
    }

    // MARK: Namespaces

    func namespace(_ name: String) throws(SystemError) -> Namespace {
        guard let namespace = realiser.namespace(name) else {
            throw SystemError.missing("namespace \(name)")
        }
        return namespace
    }

    /// The mounts that tools in a node see, made when first needed and kept, so that a daemon and
    /// its command line tool meet in the same /run.
    func room(_ node: String) throws(SystemError) -> NodeRoom {
        if let room = rooms[node] { return room }
        let room = try NodeRoom(try namespace(node))
        rooms[node] = room
        return room
    }

    // MARK: Cables

    /// Carries out a change of cables.
    func apply(_ change: LinkStates.Change) throws(SystemError) {
        for setting in change.settings {
            let (socket, index) = try device(setting.end)
            try socket.set(link: index, setting.end.link, isUp: setting.isUp)
        }
    }

    /// The names of a node's devices, as its kernel has them now.
    func devices(of node: String) throws(SystemError) -> [String] {
        guard let socket = try realiser.socket(node) else {
            throw SystemError.missing("namespace \(node)")
        }
        return try socket.links().map(\.name)
    }

    /// A device's socket and index.
    func device(_ end: LinkEnd) throws(SystemError) -> (NetlinkSocket, UInt32) {
        guard let socket = try realiser.socket(end.namespace) else {
            throw SystemError.missing("namespace \(end.namespace)")
        }
        let operation = "find \(end.link) in \(end.namespace)"
        return (
            socket, try LinkIndexes(try socket.links()).index(of: end.link, for: operation)
        )
    }
}

/// A mount namespace in which /proc, /sys and /run are a node's own.
final class NodeRoom {
    private let mounts: MountNamespace

    init(_ network: Namespace) throws(SystemError) {
        mounts = try MountNamespace {
            MountNamespace.cover("/proc", with: "proc")
            MountNamespace.cover("/run", with: "tmpfs")
            // What sysfs shows of the network is that of the namespace it was mounted in.
            try? network.enter { MountNamespace.cover("/sys", with: "sysfs") }
        }
    }

    /// Moves this process in.
    func enter() throws(SystemError) { try mounts.enter() }

    /// Connects to a socket that a daemon in the room listens at.
    func connect(to path: String) throws(SystemError) -> FileDescriptor {
        let socket = try mounts.inside { () throws(SystemError) in
            try UnixSocket.connect(to: path).release()
        }
        return FileDescriptor(owning: socket)
    }
}
