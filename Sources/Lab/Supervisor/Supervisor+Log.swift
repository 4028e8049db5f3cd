// SPDX-License-Identifier: Apache-2.0

import Control
import Engine
import Kernel
import Primitives

/// The lab's log.
extension Supervisor {
    /// Takes something in that was said.
    /// - Parameter at: when; nil is now.
    func note(_ kind: LabLog.Kind, _ text: String, node: String? = nil, at: Instant? = nil) {
        let now = loop.now
        let at = at ?? now
        let entry = log.add(kind, text, node: node, at: at, wall: WallClock.now - (now - at))
        for follower in followers.values { follower.take(entry) }
    }

    /// An event has happened, and all whom it touches know: answers whoever asked for it.
    func finishEvent(_ reply: Reply, _ at: Instant, _ nodes: [String]) {
        guard !reply.isOver else { return }
        let text = EventText.past(reply.request.members)
        note(.event, text, node: reply["node"]?.string, at: at)
        reply.finish([
            "at": JSON(at.nanoseconds), "text": .string(text), "nodes": JSON(nodes),
        ])
    }

    /// Takes a router's report in. What routes do is not logged: it would push out all else.
    func note(_ report: JSON, of node: String, at: Instant) {
        func say(_ kind: LabLog.Kind, _ text: String) { note(kind, text, node: node, at: at) }
        let text = report["text"]?.string ?? ""
        switch report["type"]?.string {
        case "session":
            if let text = session(report, of: node) { say(.session, text) }
        case "vrrp":
            let group = report["group"]?.int ?? 0
            let interface = report["interface"]?.string ?? ""
            say(.vrrp, "group \(group) on \(interface) is \(report["state"]?.string ?? "")")
        case "link":
            let state = report["up"] == true ? "up" : "down"
            say(.link, "\(report["interface"]?.string ?? "") is \(state)")
        case "adjacency": say(.adjacency, adjacency(report))
        case "malformed": say(.malformed, "\(neighbor(report, of: node)): \(text)")
        case "problem": say(.problem, text)
        case "router": say(.router, "the router has \(report["reason"]?.string ?? "ended")")
        default: break
        }
    }

    private func adjacency(_ report: JSON) -> String {
        let name = report["protocol"]?.string ?? ""
        let interface = report["interface"]?.string.map { " on \($0)" } ?? ""
        let vrf = report["vrf"]?.string.map { " in \($0)" } ?? ""
        let reason = report["reason"]?.string.map { ": " + $0 } ?? ""
        return "\(name) neighbor \(report["neighbor"]?.string ?? "")\(interface)\(vrf) is "
            + "\(report["state"]?.string ?? "")\(reason)"
    }

    /// nil for a step on the way up that tells nobody anything.
    private func session(_ report: JSON, of node: String) -> String? {
        let state = report["state"]?.string ?? ""
        let reason = report["reason"]?.string
        guard reason != nil || state == "established" || state == "idle" else { return nil }
        return "\(neighbor(report, of: node)) is \(state)" + (reason.map { ": " + $0 } ?? "")
    }

    private func neighbor(_ report: JSON, of node: String) -> String {
        let address = report["neighbor"]?.string ?? ""
        let vrf = report["vrf"]?.string
        let found = lab?.router(node)?.configuration.neighbors.first {
            $0.address.description == address && $0.vrf == vrf
        }
        let name = found.map { "\($0.name) (\(address))" } ?? address
        return "neighbor \(name)" + (vrf.map { " in VRF \($0)" } ?? "")
    }

    // MARK: Requests

    func logs(_ reply: Reply, _ lab: RunningLab) {
        if reply["node"]?.string != nil, router(reply, lab) == nil { return }
        let kinds = reply["kinds"]?.array.compactMap { $0.string.flatMap(LabLog.Kind.init) }
        let age = reply["since-ns"]?.int.map { Duration.nanoseconds($0) }
        let selection = LabLog.Selection(
            node: reply["node"]?.string, kinds: kinds.map { Set($0) },
            since: age.map { loop.now - .zero < $0 ? .zero : .zero + (loop.now - .zero - $0) })
        let entries = log.entries(selection)
        for start in stride(from: 0, to: entries.count, by: Self.logPiece) {
            let piece = entries[start..<min(start + Self.logPiece, entries.count)]
            reply.progress([
                "entries": JSON(piece.map { $0.json(since: lab.started) }), "skipped": 0,
            ])
        }
        guard reply["follow"] == true else {
            return reply.finish(["total": JSON(log.total), "dropped": JSON(log.dropped)])
        }
        let key = MeasurementKey(reply)
        followers[key] = LogFollower(reply, selection, start: lab.started)
        reply.onCancel = { [unowned self] in self.followers[key] = nil }
    }

    /// Entries of one message.
    private static let logPiece = 500
}
