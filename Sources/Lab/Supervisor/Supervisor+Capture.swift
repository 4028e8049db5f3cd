// SPDX-License-Identifier: Apache-2.0

import Control
import Kernel
import KernelObjects
import Plan
import Primitives
import Runtime
import Topology

/// Captures that a client takes away, packet by packet.
extension Supervisor {
    func capture(_ reply: Reply, _ lab: RunningLab) {
        do {
            let target = try captureTarget(reply, lab)
            let child = try start(.capture(target), in: target.node, lab)
            child.onProgress = { _ in
                reply.progress([
                    "started": true, "node": .string(target.node),
                    "device": .string(target.device),
                ])
            }
            child.onData = { [unowned child] bytes in
                reply.data(.standardOutput, bytes)
                if reply.isStuck { child.pause() }
            }
            reply.onDrained = { [weak child] in child?.resume() }
            reply.onMessage = { [weak child] message in if message["stop"] == true { child?.stop() }
            }
            reply.onCancel = { [weak child] in child?.abandon() }
            child.onEnd = { end in
                switch end {
                case .success(let result): reply.finish(result)
                case .failure(let failure): reply.fail(failure.text)
                }
            }
        } catch {
            reply.fail((error as? Refusal)?.text ?? "\(error)")
        }
    }

    /// The end of a link that is named alone, or what is captured at a node.
    private func captureTarget(_ reply: Reply, _ lab: RunningLab) throws -> CaptureTarget {
        let word = reply["form"]?.string ?? ""
        guard let form = CaptureTarget.Form(rawValue: word) else {
            throw Refusal(text: "a capture is pcapng or text, not '\(word)'")
        }
        let link = reply["link"]?.string ?? ""
        guard let node = reply["node"]?.string else {
            if let lan = lab.plan.topology.lans.first(where: { $0.name == link }) {
                let node = lan.endpoints.first?.node ?? "NODE"
                throw Refusal(text: "\(link) is a LAN: say at whose end, such as \(node):\(link)")
            }
            let end = try wireEnd(link, lab)
            return CaptureTarget(device: end.device, node: end.node, peer: end.peer, form: form)
        }
        guard lab.router(node) != nil else {
            let hint = Suggestion.text(for: node, among: lab.routers.map(\.node))
            throw Refusal(text: "the lab has no node '\(node)'\(hint)")
        }
        if let sender = lab.links.senders(of: link, node: node).first {
            let others = lab.links.nodes(on: link).filter { $0 != node }
            let peer = others.count == 1 ? others.first : link
            return CaptureTarget(device: sender.end.link, node: node, peer: peer, form: form)
        }
        return try deviceTarget(link, node, lab, form)
    }

    /// A device by its name, which a router may have made since.
    private func deviceTarget(
        _ name: String, _ node: String, _ lab: RunningLab, _ form: CaptureTarget.Form
    ) throws -> CaptureTarget {
        let devices = try lab.devices(of: node)
        guard devices.contains(name) else {
            let links = lab.links.names.filter { lab.links.nodes(on: $0).contains(node) }
            let hint = Suggestion.text(for: name, among: links + devices)
            throw Refusal(text: "\(node) has no link or device '\(name)'\(hint)")
        }
        let topology = lab.plan.topology
        let ends = topology.links.flatMap { [($0.a, $0.b), ($0.b, $0.a)] }
        let peer = ends.first { own, _ in
            own.node == node && topology.node(node)?.interface(own.interface)?.device == name
        }?.1.node
        return CaptureTarget(device: name, node: node, peer: peer, form: form)
    }
}
