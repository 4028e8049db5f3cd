// SPDX-License-Identifier: Apache-2.0

import Primitives
import Topology

/// What happened during one test, on one clock whose zero is the first event: probes, and what
/// every router reported.
struct TimeLine {
    /// A moment of one router.
    struct Moment {
        enum Kind: Int {
            case linkUp, linkDown, sessionUp, sessionDown, vrrp, malformed, routes
        }

        var kind: Kind
        /// On the time line's clock.
        var at: Duration
        /// A word to write beside it; empty for none.
        var label: String
        var words: String
    }

    struct Lane {
        var node: String
        var moments: [Moment]
    }

    private(set) var marks: [EventMark]
    private(set) var outages: [(title: String, measurement: OutageMeasurement)]
    private(set) var lanes: [Lane] = []
    private(set) var zero = Instant.zero
    /// What is shown, on the time line's clock.
    private(set) var range = Duration.zero...Duration.zero

    /// nil where nothing happened and nothing was measured.
    /// - Parameter nodes: all of the lab, in the order in which to show them.
    init?(_ test: TestResult, nodes: [String]) {
        marks = test.marks
        outages = test.checks.compactMap { check in
            check.outage.flatMap { $0.samples.isEmpty ? nil : (check.title, $0) }
        }
        guard !marks.isEmpty || !outages.isEmpty else { return nil }
        let samples = outages.flatMap { $0.measurement.samples.map(\.at) }
        guard let first = marks.map(\.at).min() ?? samples.min() else { return nil }
        zero = first
        let known = Set(nodes)
        let names = nodes + Set(test.news.map(\.node)).subtracting(known).sorted()
        lanes = names.compactMap { name in lane(name, test.news.filter { $0.node == name }) }
        setRange(samples, test.news)
    }

    /// From a little before the first event to a little after the last change: how probes fare
    /// long after that is of no interest.
    private mutating func setRange(_ samples: [Instant], _ news: [RouterNews]) {
        let gaps = outages.flatMap { $0.measurement.gaps.map { $0.at + $0.duration } }
        let last = (marks.map(\.at) + news.map(\.at) + gaps).max() ?? zero
        let changes = max(last - zero, .milliseconds(50))
        // Without an event, the probes are all there is.
        let probes = samples.max().map { $0 - zero } ?? .zero
        let tail = marks.isEmpty ? probes : min(changes * 1.3, max(probes, changes * 1.05))
        let lead = samples.min().map { min(zero - $0, tail * 0.2) } ?? .zero
        range = .zero - max(lead, tail * 0.04)...tail
    }

    /// The beginning alone, where most happens within a small part of the whole: milliseconds of a
    /// failover beside seconds of a timer. nil where the whole shows it well enough.
    var closeUp: TimeLine? {
        let whole = range.upperBound
        let ends = outages.flatMap { $0.measurement.gaps.map { $0.at + $0.duration - zero } }
        let changes = lanes.flatMap { $0.moments.map(\.at) } + ends
        guard !marks.isEmpty, let last = changes.filter({ $0 < whole * 0.2 }).max() else {
            return nil
        }
        let end = max(last * 1.4, .milliseconds(10))
        guard end < whole * 0.12 else { return nil }
        let shown = max(range.lowerBound, .zero - end * 0.15)...end
        var copy = self
        copy.range = shown
        copy.outages = outages.map { title, measurement in
            var part = measurement
            part.gaps = part.gaps.filter { gap in
                gap.at - zero <= end && gap.at + gap.duration - zero >= shown.lowerBound
            }
            part.samples = part.samples.filter { shown.contains($0.at - zero) }
            return (title, part)
        }
        copy.marks = marks.filter { shown.contains($0.at - zero) }
        copy.lanes = lanes.compactMap { lane in
            let moments = lane.moments.filter { shown.contains($0.at) }
            return moments.isEmpty ? nil : Lane(node: lane.node, moments: moments)
        }
        return copy
    }

    private func lane(_ node: String, _ news: [RouterNews]) -> Lane? {
        guard !news.isEmpty else { return nil }
        var states: [String: String] = [:]
        var moments: [Moment] = []
        for item in news {
            let at = item.at - zero
            let report = item.report
            let vrf = report["vrf"]?.string.map { " in \($0)" } ?? ""
            switch report["type"]?.string {
            case "session":
                guard let moment = session(report, vrf, at, &states) else { continue }
                moments.append(moment)
            case "vrrp":
                let state = report["state"]?.string ?? ""
                let group = report["group"]?.int ?? 0
                moments.append(
                    Moment(
                        kind: .vrrp, at: at, label: state,
                        words: "VRRP group \(group) is \(state)"))
            case "link":
                let isUp = report["up"]?.bool == true
                let interface = report["interface"]?.string ?? ""
                moments.append(
                    Moment(
                        kind: isUp ? .linkUp : .linkDown, at: at, label: "",
                        words: "interface \(interface) goes \(isUp ? "up" : "down")"))
            case "adjacency":
                let state = report["state"]?.string ?? ""
                let name = report["protocol"]?.string ?? ""
                let neighbor = report["neighbor"]?.string ?? ""
                moments.append(
                    Moment(
                        kind: state == "up" ? .linkUp : .linkDown, at: at, label: "",
                        words: "\(name) neighbor \(neighbor)\(vrf) is \(state)"))
            case "malformed":
                let text = report["text"]?.string ?? ""
                moments.append(
                    Moment(kind: .malformed, at: at, label: "", words: "malformed message: \(text)")
                )
            case "route":
                moments.append(
                    Moment(
                        kind: .routes, at: at, label: "",
                        words: (report["prefix"]?.string ?? "") + vrf))
            default: continue
            }
        }
        return moments.isEmpty ? nil : Lane(node: node, moments: moments)
    }

    /// A session that comes up, or that is lost; the steps between are of no interest.
    private func session(
        _ report: JSON, _ vrf: String, _ at: Duration, _ states: inout [String: String]
    ) -> Moment? {
        let neighbor = report["neighbor"]?.string ?? ""
        let state = report["state"]?.string ?? ""
        let before = states.updateValue(state, forKey: neighbor + vrf)
        if state == "established" {
            return Moment(
                kind: .sessionUp, at: at, label: "",
                words: "session with \(neighbor)\(vrf) is established")
        }
        let reason = report["reason"]?.string
        guard before == "established" || before == nil && reason != nil else { return nil }
        return Moment(
            kind: .sessionDown, at: at, label: "",
            words: "session with \(neighbor)\(vrf) is lost" + (reason.map { ": \($0)" } ?? ""))
    }
}
