// SPDX-License-Identifier: Apache-2.0

import Control
import Kernel
import Plan
import Primitives
import Runtime
import Topology

/// Captures of links, each by a child in the namespace of one of the link's ends.
extension Supervisor {
    func startWire(_ reply: Reply, _ lab: RunningLab) {
        do {
            let end = try wireEnd(reply["link"]?.string ?? "", lab)
            let judge = try WireJudge(reply)
            let wire = RunningWire(reply, try start(.wire(end, judge), in: end.node, lab))
            wires[MeasurementKey(reply)] = wire
            reply.onCancel = { [unowned self, unowned reply] in
                self.wires.removeValue(forKey: MeasurementKey(reply))?.abandon()
            }
        } catch {
            reply.fail((error as? Refusal)?.text ?? "\(error)")
        }
    }

    func stopWire(_ reply: Reply) {
        let key = MeasurementKey(reply, request: reply["wire"]?.int ?? -1)
        guard let wire = wires.removeValue(forKey: key) else {
            return reply.fail("no capture of that id is running")
        }
        wire.stop(reply)
    }

    /// The end whose node is running: one that is down may have lost its carrier. Of two, one that
    /// has nothing to do with IPsec: in tunnel mode the kernel lets a decrypted packet come in by
    /// its link a second time, and a capture there would take it for one on the wire.
    func wireEnd(_ name: String, _ lab: RunningLab) throws(Refusal) -> WireEnd {
        guard let link = lab.plan.topology.links.first(where: { $0.name == name }) else {
            let hint = Suggestion.text(for: name, among: lab.plan.topology.links.map(\.name))
            throw Refusal(text: "the lab has no link '\(name)'\(hint)")
        }
        let ends = [(link.a, link.b), (link.b, link.a)]
        let running = ends.filter { lab.router($0.0.node)?.state == .running }
        let plain = running.first { lab.plan.ipsecPeers(of: $0.0.node).isEmpty }
        let (own, peer) = plain ?? running.first ?? ends[1]
        let interface = lab.plan.topology.node(own.node)?.interface(own.interface)
        return WireEnd(
            device: interface?.device ?? own.interface, node: own.node, peer: peer.node)
    }
}

extension WireJudge {
    /// Reads the members of `wire-start`.
    fileprivate init(_ reply: Reply) throws(Supervisor.Refusal) {
        func list<Value>(
            _ name: String, _ what: String, _ read: (JSON) -> Value?
        ) throws(Supervisor.Refusal) -> [Value]? {
            guard let values = reply[name], values != .null else { return nil }
            var list: [Value] = []
            for value in values.array {
                guard let read = read(value) else {
                    throw Supervisor.Refusal(text: "\(value.text) is not \(what)")
                }
                list.append(read)
            }
            return list
        }
        func kind(_ value: JSON) -> PacketKind? {
            value.string.flatMap { PacketKind(rawValue: $0) }
        }
        func label(_ value: JSON) -> Label? {
            value.int.flatMap { UInt32(exactly: $0) }.flatMap { $0 >> 20 == 0 ? Label($0) : nil }
        }
        self.init(
            only: try list("only", "a kind of packet", kind),
            some: try list("some", "a kind of packet", kind) ?? [],
            labels: try list("labels", "a label", label),
            never: try list("never", "a prefix") { $0.string.flatMap { IPPrefix($0) } } ?? [])
    }
}

/// A running capture, and the request that it answers.
final class RunningWire {
    private let reply: Reply
    private let child: ProbeChild
    private var failure: String?

    init(_ reply: Reply, _ child: ProbeChild) {
        self.reply = reply
        self.child = child
        child.onProgress = { [reply] in reply.progress($0) }
        child.onEnd = { [unowned self] end in
            // One that stops before it is told to has failed.
            if case .failure(let error) = end { self.fail(error.text) }
        }
    }

    private func fail(_ text: String) {
        failure = text
        reply.fail(text)
    }

    func stop(_ stopping: Reply) {
        guard failure == nil else {
            stopping.fail(failure ?? "")
            return abandon()
        }
        child.onEnd = { end in
            switch end {
            case .success(let result):
                stopping.finish(result)
                self.reply.finish(result)
            case .failure(let error):
                stopping.fail(error.text)
                self.fail(error.text)
            }
        }
        child.stop()
    }

    func abandon() { child.abandon() }
}
