// SPDX-License-Identifier: Apache-2.0

import Control
import Engine
import Kernel
import Primitives

/// A router at work in its namespace: one thread, one loop, between the engine and the kernel.
///
/// A turn of the loop waits for descriptors and timers, then serves each ready descriptor once
/// with a bounded piece of its input, and in between every timer that is due. The hold timer of a
/// neighbor and the detection time of a BFD session are left to the end of the turn, so that a
/// packet that has arrived is always heard before its absence is noticed.
package final class RouterProcess<Machine: RouterMachine> {
    var configuration: RouterConfiguration
    /// What this router was told to prepare for.
    var next: RouterConfiguration?
    /// A node's configuration by a topology file's text.
    let configure: (_ topology: String, _ node: String) throws -> RouterConfiguration
    private var machine: Machine
    private let poller: PollerBox
    private var timers = TimerQueue()
    let transport: Transport
    let forwarding: ForwardingWriter
    let vrrp: VRRPTransport
    let advertisements: RouterAdvertisementTransport
    let packets: PacketTransport
    let monitor: LinkMonitor
    var links: LinkStates
    let supervisor: SupervisorPort
    private let recorder: Recorder?
    /// Events that wait for the present step to end.
    private var events: [Event] = []
    private var isStepping = false
    /// The request that asked for a stop, to be answered when everything is said.
    private var stopRequest: ControlRequest?

    /// Opens everything in the namespace that the process is in.
    /// - Parameters:
    ///   - control: the router's end of the socket pair; taken over.
    ///   - recording: where the router's life is written, if it is; taken over.
    ///   - configure: a node's configuration by a topology file's text, for changes of a running
    ///     lab.
    package init(
        _ configuration: RouterConfiguration, control: Int32, recording: Int32? = nil,
        configure: @escaping (_ topology: String, _ node: String) throws -> RouterConfiguration
    ) throws(SystemError) {
        self.configuration = configuration
        self.configure = configure
        machine = Machine(configuration)
        poller = try PollerBox()
        transport = Transport(configuration, poller)
        forwarding = try ForwardingWriter(configuration)
        vrrp = try VRRPTransport(configuration.vrrpGroups, poller)
        advertisements = RouterAdvertisementTransport(
            configuration.routerAdvertisements, poller)
        packets = PacketTransport(poller)
        monitor = try LinkMonitor()
        links = LinkStates(configuration)
        supervisor = try SupervisorPort(descriptor: control, poller)
        recorder = recording.map { Recorder(descriptor: $0) }
    }

    // MARK: The loop

    /// Runs until the supervisor says stop or is gone.
    /// - Returns: the exit status.
    package func run() -> Int32 {
        do throws(SystemError) {
            try start()
            while stopRequest == nil {
                if supervisor.isClosed { return 0 }
                try turn()
            }
            try finish()
            return 0
        } catch {
            supervisor.problem(error.description, at: MonotonicClock.now)
            return 1
        }
    }

    private func start() throws(SystemError) {
        try poller.value.add(monitor.descriptor, token: PollToken(.links).rawValue)
        try transport.listen()
        try vrrp.open()
        try advertisements.open()
        try packets.open(configuration)
        let events = links.take(all: try monitor.list().map(LinkStates.Link.init))
        tell(forwarding.start())
        // The engine begins with interfaces down and takes none before `start`.
        take(.start)
        take(events)
        supervisor.send(["ready": true])
    }

    private func turn() throws(SystemError) {
        let deadline = [timers.next, transport.deadline].compactMap { $0 }.min()
        try recorder?.flush()
        let ready = try poller.value.wait(until: deadline)
        let woken = MonotonicClock.now
        for item in ready.sorted(by: { $0.token < $1.token }) {
            guard let token = PollToken(rawValue: item.token) else { continue }
            try serve(item, token)
            runTimers(dueAt: MonotonicClock.now) { !$0.isHold }
        }
        runTimers(dueAt: woken) { _ in true }
        transport.expire(at: woken)
    }

    private func serve(_ ready: Poller.Ready, _ token: PollToken) throws(SystemError) {
        switch token.kind {
        case .links: try serveLinks()
        case .detection, .packets: take(packets.receive(token.number))
        case .vrrp: take(vrrp.receive(token.number))
        case .routerSolicitation: take(advertisements.receive(token.number))
        case .connection: take(transport.handle(ready, token: token.number))
        case .listener: take(transport.accept(listener: token.number))
        case .control: for request in supervisor.receive(ready) { answer(request) }
        }
    }

    /// Runs timers that are due, in order; those that are not wanted now stay.
    private func runTimers(dueAt now: Instant, _ isWanted: (TimerID) -> Bool) {
        while let id = timers.popDue(at: now, where: isWanted) { take(.timer(id)) }
    }

    // MARK: Links

    private func serveLinks() throws(SystemError) {
        var mayHaveLostRoutes = false
        let events = try monitor.events()
        if events.contains(where: isNewLink) { try forwarding.refreshLinks() }
        for event in events {
            switch event {
            case .changed(let link): take(news(links.take(LinkStates.Link(link))))
            case .removed(let index):
                take(news(links.remove(index)))
                mayHaveLostRoutes = true
            case .addressAdded:
                attempt { () throws(SystemError) in try packets.sendEarly() }
            case .addressRemoved: mayHaveLostRoutes = true
            case .overrun:
                take(links.take(all: try monitor.list().map(LinkStates.Link.init)).flatMap(news))
                mayHaveLostRoutes = true
            }
        }
        tell(mayHaveLostRoutes ? forwarding.reconcile() : forwarding.retry())
    }

    private func isNewLink(_ event: LinkMonitor.Event) -> Bool {
        guard case .changed(let link) = event else { return false }
        return !links.knows(LinkStates.Link(link))
    }

    /// The event, and word of it to the supervisor.
    private func news(_ event: Event?) -> [Event] {
        guard let event else { return [] }
        if case .link(let interface, let isUp) = event {
            if !isUp { forwarding.linkLost(interface) }
            let report: JSON = ["type": "link", "interface": .string(interface), "up": .bool(isUp)]
            reports.append(report)
        }
        return [event]
    }

    /// Reports of the present step, sent when what they tell of is done.
    private var reports: [JSON] = []

    // MARK: Steps

    func take(_ events: [Event]) { for event in events { take(event) } }

    /// Hands an event to the engine and does what it wants. Events that this causes follow, each in
    /// a step of its own.
    func take(_ event: Event) {
        events.append(event)
        guard !isStepping else { return }
        isStepping = true
        defer { isStepping = false }
        var next = 0
        while next < events.count {
            step(events[next])
            next += 1
        }
        events.removeAll(keepingCapacity: true)
    }

    private func step(_ event: Event) {
        let now = MonotonicClock.now
        let effects = machine.step(event, at: now)
        do throws(SystemError) { try recorder?.record(event, at: now, effects) } catch {
            supervisor.problem(error.description, at: now)
        }
        var step = forwarding.step(effects)
        if case .command(.reconfigure) = event {
            step = forwarding.reconfigure(configuration, machine.forwarding)
        }
        for effect in effects where effect.isWordOfLinks { perform(effect, at: now) }
        tell(forwarding.write(step.before))
        for effect in effects where !effect.isWordOfLinks { perform(effect, at: now) }
        events += transport.flush()
        tell(forwarding.write(step.after))
        for report in reports { supervisor.report(report, at: now) }
        reports.removeAll(keepingCapacity: true)
    }

    private func perform(_ effect: Effect, at now: Instant) {
        switch effect {
        case .connect(let id, let peer):
            if let event = transport.connect(id, peer) { events.append(event) }
        case .send(let id, let octets): transport.send(id, octets)
        case .close(let id): transport.close(id, at: now)
        case .arm(let id, let moment): timers.arm(id, at: moment)
        case .cancel(let id): timers.cancel(id)
        case .forwarding: break
        case .vrrp(let effect):
            attempt { () throws(SystemError) in try vrrp.perform(effect) }
        case .routerAdvertisement(let device, let source, let payload):
            attempt { () throws(SystemError) in
                try advertisements.send(payload, by: device, from: source)
            }
        case .packet(let packet):
            // A link that has just gone has its say by other ways.
            attempt { () throws(SystemError) in try packets.send(packet) }
        case .report(let report): reports.append(report.controlJSON)
        }
    }

    /// Does something that the kernel may refuse; then the supervisor hears of it.
    private func attempt(_ body: () throws(SystemError) -> Void) {
        do throws(SystemError) { try body() } catch { tell([error.description]) }
    }

    func tell(_ problems: [String]) {
        for problem in problems { supervisor.problem(problem, at: MonotonicClock.now) }
    }

    // MARK: The supervisor

    private func answer(_ request: ControlRequest) {
        do throws(RouterRequest.Refusal) {
            switch try RouterRequest(request, configuration) {
            case .show(let query):
                supervisor.send(request.result(machine.show(query, at: MonotonicClock.now)))
            case .command(let command):
                take(.command(command))
                supervisor.send(request.result([:]))
            case .kernelRoutes(let vrf, let prefix):
                supervisor.send(kernelRoutes(request, vrf, prefix))
            case .lookUp(let lookUp): supervisor.send(answer(request, lookUp))
            case .prepare(let text): prepare(request, text)
            case .reconfigure: reconfigure(request)
            case .stop: stopRequest = request
            }
        } catch {
            supervisor.send(request.error(error.description))
        }
    }

    private func kernelRoutes(
        _ request: ControlRequest, _ vrf: String?, _ prefix: IPPrefix
    ) -> JSON {
        do throws(SystemError) {
            return request.result(try forwarding.kernelRoutes(vrf: vrf, prefix))
        } catch {
            return request.error(error.description)
        }
    }

    private func answer(_ request: ControlRequest, _ lookUp: ForwardingLookUp) -> JSON {
        do throws(SystemError) {
            let kernel = try forwarding.kernelLookUp(lookUp)
            let engine = machine.show(.lookUp(lookUp), at: MonotonicClock.now)
            return request.result(["engine": engine, "kernel": kernel])
        } catch {
            return request.error(error.description)
        }
    }

    /// Says farewell to everybody, waits until that is on its way, and answers the stop.
    private func finish() throws(SystemError) {
        take(.command(.shutDown))
        while let deadline = transport.deadline {
            for ready in try poller.value.wait(until: deadline) {
                guard let token = PollToken(rawValue: ready.token), token.kind == .connection
                else { continue }
                _ = transport.handle(ready, token: token.number)
            }
            transport.expire(at: MonotonicClock.now)
            if supervisor.isClosed { break }
        }
        try recorder?.flush()
        if let stopRequest { supervisor.send(stopRequest.result([:])) }
        supervisor.drain()
    }
}

extension TimerID {
    /// Whether it tells of a neighbor's silence.
    fileprivate var isHold: Bool {
        switch self {
        case .hold: true
        case .routing(let id, let timer): BFDSession.tellsOfSilence(id, timer)
        default: false
        }
    }
}

extension Effect {
    /// Whether it tells of links and neighbors, by which others find their ways for themselves:
    /// they need not wait until this router has written its own. In a VRF such packets tell of
    /// routes of other sites too, which have to stand first.
    fileprivate var isWordOfLinks: Bool {
        guard case .packet(let packet) = self, packet.vrf == nil else { return false }
        switch packet.channel {
        case .isis, .ospf, .bfd, .bfdMultihop: return true
        case .rip, .ripng, .ldp: return false
        }
    }
}
