// SPDX-License-Identifier: Apache-2.0

import Control
import Engine
import Primitives
import Simulation
import Topology
import Verify

/// The model's name for it, out of reach of Swift Testing's own.
typealias LabTest = Test

/// A virtual network that speaks the control protocol, so that the verifier runs a topology's tests
/// on it as on a real lab. Time moves only while the verifier waits.
final class VirtualLab: LabClient {
    private(set) var network: VirtualNetwork
    private var queue: [ControlMessage] = []
    private var lastRequest: UInt64 = 0
    private var watch: UInt64?
    /// How many reports the watcher knows of.
    private var reported = 0
    private var outages: [UInt64: VirtualOutage] = [:]

    init(_ network: VirtualNetwork) { self.network = network }

    var now: Instant { network.now }

    func start(
        _ operation: ControlOperation, _ members: [JSON.Member]
    ) throws(ControlError) -> UInt64 {
        lastRequest += 1
        let id = lastRequest
        let content = answer(operation, JSON.object(members), id)
        if let content { queue.append(ControlMessage(request: id, content: content)) }
        return id
    }

    func next(until deadline: Instant?) throws(ControlError) -> ControlMessage? {
        let end = deadline ?? now + .seconds(30)
        while queue.isEmpty, now < end {
            advance(to: min(end, now + .milliseconds(1)))
            guard let watch, network.reports.count > reported else { continue }
            reported = network.reports.count
            queue.append(ControlMessage(request: watch, content: .progress([:])))
        }
        return queue.isEmpty ? nil : queue.removeFirst()
    }

    private func advance(to moment: Instant) {
        for id in outages.keys.sorted() { outages[id]?.sample(&network, until: moment) }
        network.run(until: moment)
    }

    // MARK: Operations

    private func answer(
        _ operation: ControlOperation, _ request: JSON, _ id: UInt64
    ) -> ControlMessage.Content? {
        switch operation {
        case .watch:
            watch = id
            return nil
        case .show: return show(request)
        case .counters: return .result(["nodes": JSON(network.names.compactMap(counters))])
        case .kernelRoutes: return .result(["routes": JSON(kernelRoutes(request))])
        case .event: return event(request)
        case .ping: return .result(ping(request))
        case .traceroute: return .result(traceroute(request))
        case .outageStart:
            outages[id] = VirtualOutage(request, at: now)
            return .progress(["started": true])
        case .outageStop:
            let measured = outages.removeValue(forKey: UInt64(request["outage"]?.int ?? 0))
            return measured.map { .result($0.json) } ?? .failure("no such outage")
        default: return .failure("not in virtual time")
        }
    }

    private func counters(_ name: String) -> JSON? {
        let counters = network.show(name, .counters)
        return counters == .null ? nil : ["name": .string(name), "counters": counters]
    }

    private func show(_ request: JSON) -> ControlMessage.Content {
        let node = request["node"]?.string ?? ""
        let vrf = request["vrf"]?.string
        let neighbor = request["neighbor"]?.string.flatMap { IPAddress($0) }
            .map { NeighborKey(vrf: vrf, address: $0) }
        let query: Query? =
            switch request["query"]?.string {
            case "neighbors": .neighbors
            case "vrrp": .vrrp
            case "transports": .transports
            case "routes":
                .routes(
                    vrf: vrf, prefix: request["prefix"]?.string.flatMap { IPPrefix($0) },
                    source: nil)
            case "received": neighbor.map { .received($0) }
            case "advertised": neighbor.map { .advertised($0) }
            case let name?: RoutingProtocolID.Kind(rawValue: name).map { .routing($0) }
            default: nil
            }
        guard let query else { return .failure("unknown query") }
        return .result(network.show(node, query))
    }

    private func event(_ request: JSON) -> ControlMessage.Content {
        let name = request["node"]?.string
        let link = request["link"]?.string
        let neighbor = request["neighbor"]?.string.flatMap { IPAddress($0) }
            .map { NeighborKey(vrf: request["vrf"]?.string, address: $0) }
        switch (request["event"]?.string, name, link, neighbor) {
        case ("deactivate", let name?, _, let key?): network.command(name, .deactivate(key))
        case ("activate", let name?, _, let key?): network.command(name, .activate(key))
        case ("link-down", _, let link?, _): network.setLink(link, node: name, isUp: false)
        case ("link-up", _, let link?, _): network.setLink(link, node: name, isUp: true)
        case ("impair", _, let link?, _):
            guard let impairment = try? Impairment(request),
                network.impair(link, node: name, impairment)
            else { return .failure("not in virtual time") }
        case ("repair", _, let link?, _): _ = network.impair(link, node: name, nil)
        case ("kill", let name?, _, _): network.kill(name)
        case ("stop", let name?, _, _): network.stop(name)
        case ("start", let name?, _, _): network.start(name)
        default: return .failure("unknown event")
        }
        // A stopped node is gone a little later than its goodbye.
        advance(to: now + .milliseconds(request["event"] == "stop" ? 10 : 0))
        return .result(["at": JSON(now.nanoseconds)])
    }

    private func ping(_ request: JSON) -> JSON {
        let count = request["count"]?.int ?? 1
        var replies: [JSON] = []
        for sequence in 0..<count {
            if case .answered(let time) = network.echo(request) {
                replies.append([
                    "sequence": JSON(sequence), "rtt-us": JSON(time.nanoseconds / 1000),
                ])
            }
            advance(to: now + .milliseconds(request["interval-ms"]?.int ?? 0))
        }
        return [
            "sent": JSON(count), "received": JSON(replies.count), "replies": JSON(replies),
            "errors": [],
        ]
    }

    private func traceroute(_ request: JSON) -> JSON {
        let probe = VirtualNetwork.Probe(request)
        let trace = network.traceroute(
            from: probe.from, vrf: probe.vrf, source: probe.source, to: probe.to)
        let hops = trace.hops.enumerated().map { number, hop -> JSON in
            let row: JSON = ["hop": JSON(number + 1), "from": JSON(hop)]
            return row.compact
        }
        return ["hops": JSON(hops), "reached": JSON(trace.reached)]
    }

    private func kernelRoutes(_ request: JSON) -> [JSON] {
        guard let prefix = request["prefix"]?.string.flatMap({ IPPrefix($0) }),
            let route = network.forwardingRoute(
                request["node"]?.string ?? "", vrf: request["vrf"]?.string, prefix: prefix)
        else { return [] }
        let hop = route.nextHops.first
        let row: JSON = [
            "prefix": JSON(prefix), "via": JSON(hop?.gateway), "interface": JSON(hop?.interface),
            "labels": JSON((hop?.labels ?? []).map { JSON($0.value) }),
        ]
        return [row.compact]
    }
}

extension VirtualNetwork {
    /// Where a request's probes start and end.
    struct Probe {
        var from: String
        var vrf: String?
        var source: IPAddress?
        var to: IPAddress

        init(_ request: JSON) {
            from = request["node"]?.string ?? ""
            vrf = request["vrf"]?.string
            source = request["source"]?.string.flatMap { IPAddress($0) }
            to = request["to"]?.string.flatMap { IPAddress($0) } ?? .unspecified(.ipv4)
        }
    }

    func echo(_ request: JSON) -> VirtualEcho { echo(Probe(request)) }

    func echo(_ probe: Probe) -> VirtualEcho {
        echo(from: probe.from, vrf: probe.vrf, source: probe.source, to: probe.to)
    }
}

/// Probes at a steady pace, and what they found.
struct VirtualOutage {
    private let probe: VirtualNetwork.Probe
    private let interval: Duration
    private var next: Instant
    private var lastAnswer: Instant
    private var sent = 0
    private var lostForward = 0
    private var lostBack = 0
    private var longestGap = Duration.zero

    init(_ request: JSON, at now: Instant) {
        probe = VirtualNetwork.Probe(request)
        interval = .microseconds(request["interval-us"]?.int ?? 5000)
        next = now
        lastAnswer = now
    }

    /// Moves time on from probe to probe.
    mutating func sample(_ network: inout VirtualNetwork, until moment: Instant) {
        while next <= moment {
            network.run(until: next)
            sent += 1
            switch network.echo(probe) {
            case .answered:
                if next - lastAnswer > interval {
                    longestGap = max(longestGap, next - lastAnswer)
                }
                lastAnswer = next
            case .lostForward: lostForward += 1
            case .lostBack: lostBack += 1
            }
            next = next + interval
        }
    }

    /// The answer of `outage-stop`.
    var json: JSON {
        let open = next - lastAnswer > interval + interval ? next - lastAnswer : .zero
        return [
            "sent": JSON(sent), "lost": JSON(lostForward + lostBack),
            "longest-gap-us": JSON(max(longestGap, open).nanoseconds / 1000),
            "lost-forward": JSON(lostForward), "lost-back": JSON(lostBack), "gaps": [],
        ]
    }
}
