// SPDX-License-Identifier: Apache-2.0

import Control
import Engine
import Kernel
import Plan
import Primitives
import Runtime

/// Probes: each runs in a child of its own inside the node that sends.
extension Supervisor {
    /// Why a request for a probe makes no sense.
    struct Refusal: Error {
        var text: String
    }

    func probe(_ reply: Reply, _ lab: RunningLab) {
        guard let router = router(reply, lab) else { return }
        do {
            let path = try path(reply, router.configuration)
            let child = try start(probe(reply, path, router.node), in: router.node, lab)
            child.onEnd = { result in
                switch result {
                case .success(let value): reply.finish(value)
                case .failure(let failure): reply.fail(failure.text)
                }
            }
            reply.onCancel = { child.abandon() }
        } catch {
            reply.fail((error as? Refusal)?.text ?? "\(error)")
        }
    }

    private func probe(
        _ reply: Reply, _ path: ProbePath, _ node: String
    ) throws(Refusal) -> Probe {
        func milliseconds(_ name: String, _ normal: Int64) -> Duration {
            .milliseconds(max(1, reply[name]?.int ?? normal))
        }
        let timeout = milliseconds("timeout-ms", 1000)
        switch reply.request.operation {
        case ControlOperation.traceroute.rawValue:
            let hops = Int(clamping: reply["hops-max"]?.int ?? 30)
            return .traceroute(path, hopsMax: min(max(1, hops), 255), timeout: timeout)
        case ControlOperation.pathMTU.rawValue:
            // The least that a link may have (RFC 791 §3.2), and the most of which there is more.
            guard let mtu = reply["mtu"]?.int.flatMap({ UInt32(exactly: $0) }),
                (68...65534).contains(mtu)
            else { throw Refusal(text: "a path MTU is a number from 68 to 65534") }
            return .pathMTU(path, node: node, mtu: mtu, timeout: timeout)
        default:
            let count = Int(clamping: reply["count"]?.int ?? 3)
            return .ping(
                path, count: min(max(1, count), 10_000),
                interval: milliseconds("interval-ms", 100), timeout: timeout)
        }
    }

    private func path(
        _ reply: Reply, _ configuration: RouterConfiguration
    ) throws(Refusal) -> ProbePath {
        let to = reply["to"]?.string ?? ""
        guard let destination = IPAddress(to) else {
            throw Refusal(text: "'\(to)' is not an address")
        }
        var source: IPAddress?
        if let text = reply["source"]?.string {
            source = IPAddress(text)
            guard source?.family == destination.family else {
                throw Refusal(text: "'\(text)' is not an address of the same family as \(to)")
            }
        }
        var device: String?
        if let name = reply["vrf"]?.string {
            device = configuration.vrfs.first { $0.name == name }?.device
            guard device != nil else {
                throw Refusal(text: "\(configuration.name) has no VRF '\(name)'")
            }
        }
        return ProbePath(device: device, source: source, destination: destination)
    }

    func start(
        _ probe: Probe, in node: String, _ lab: RunningLab
    ) throws(SystemError) -> ProbeChild {
        let child = try ProbeChild(probe, in: try lab.namespace(node), loop)
        // Held until it has ended: its channel is watched.
        whenEnded(child.pid) { _ in withExtendedLifetime(child) {} }
        return child
    }

    // MARK: Outages

    func startOutage(_ reply: Reply, _ lab: RunningLab) {
        guard let router = router(reply, lab) else { return }
        do {
            let path = try path(reply, router.configuration)
            let graph = ReachGraph(lab.plan)
            let from = ReachGraph.Place(node: router.node, vrf: reply["vrf"]?.string)
            guard let owner = graph.owner(of: path.destination, seenFrom: from) else {
                throw Refusal(text: "no node has the address \(path.destination)")
            }
            let device = lab.router(owner.node)?.configuration.vrfs
                .first { $0.name == owner.vrf }?.device
            let answer = Probe.answer(device: device, address: path.destination)
            let far = try start(answer, in: owner.node, lab)
            let outage = RunningOutage(reply, far: far)
            outages[MeasurementKey(reply)] = outage
            reply.onCancel = { [unowned self, unowned reply] in
                self.outages.removeValue(forKey: MeasurementKey(reply))?.abandon()
            }
            let interval = Duration.microseconds(max(100, reply["interval-us"]?.int ?? 5000))
            far.onProgress = { [unowned self] news in
                guard let port = news["port"]?.int.flatMap({ UInt16(exactly: $0) }) else { return }
                let near = Probe.outage(path, port: port, interval: interval)
                do throws(SystemError) {
                    outage.join(try self.start(near, in: router.node, lab))
                } catch {
                    outage.fail("\(error)")
                }
            }
        } catch {
            reply.fail((error as? Refusal)?.text ?? "\(error)")
        }
    }

    func stopOutage(_ reply: Reply) {
        let key = MeasurementKey(reply, request: reply["outage"]?.int ?? -1)
        guard let outage = outages.removeValue(forKey: key) else {
            return reply.fail("no outage measurement of that id is running")
        }
        outage.stop(reply)
    }
}

/// What tells one running measurement from another: ids are a connection's own.
struct MeasurementKey: Hashable {
    private let session: ObjectIdentifier?
    private let request: Int64

    init(_ reply: Reply, request: Int64? = nil) {
        session = reply.sessionID
        self.request = request ?? reply.request.id
    }
}

/// A running outage measurement: its two ends and the request that it answers.
final class RunningOutage {
    private let reply: Reply
    private let far: ProbeChild
    private var near: ProbeChild?
    private var failure: String?

    init(_ reply: Reply, far: ProbeChild) {
        self.reply = reply
        self.far = far
        far.onEnd = { [unowned self] in self.take(end: $0) }
    }

    /// The near end has been started.
    func join(_ near: ProbeChild) {
        self.near = near
        near.onProgress = { [reply] in reply.progress($0) }
        near.onEnd = { [unowned self] in self.take(end: $0) }
    }

    /// An end that stops before it is told to has failed.
    private func take(end: Result<JSON, ProbeChild.Failure>) {
        if case .failure(let error) = end { fail(error.text) }
    }

    func fail(_ text: String) {
        failure = text
        reply.fail(text)
        // The other end has nobody to measure with any more.
        abandon()
    }

    /// Ends the measurement: first who sends, then who answers.
    func stop(_ stopping: Reply) {
        guard let near, failure == nil else {
            stopping.fail(failure ?? "the measurement has not begun")
            return abandon()
        }
        near.onEnd = { sent in
            self.far.onEnd = { answered in
                guard case .success(let sent) = sent else {
                    return stopping.fail("the probe ended without a result")
                }
                let result = OutageResult.join(near: sent, far: try? answered.get())
                stopping.finish(result)
                self.reply.finish(result)
            }
            self.far.stop()
        }
        near.stop()
    }

    func abandon() {
        near?.abandon()
        far.abandon()
    }
}
