// SPDX-License-Identifier: Apache-2.0

import Primitives
import Verify

/// What `weft trace` prints.
enum TraceText {
    static func text(_ ways: [TraceWay], _ style: Style = .plain) -> String {
        ways.enumerated().map { number, way in
            let head = ways.count > 1 ? style.bold("way \(number + 1) of \(ways.count)") + "\n" : ""
            return head + text(way, style)
        }.joined(separator: "\n")
    }

    private static func text(_ way: TraceWay, _ style: Style) -> String {
        let rows = way.steps.map { step in
            [step.node, packet(step), action(step), step.interface ?? "-", step.next ?? "-"]
        }
        let table =
            rows.isEmpty
            ? "" : StateText.table(["Node", "Packet", "Action", "Interface", "Next"], rows, style)
        let end = way.fault.map { style.state("broken") + ": \($0)\n" } ?? ""
        return table + end
    }

    /// What comes in: its labels, or the route that it matches.
    private static func packet(_ step: TraceWay.Step) -> String {
        guard step.labels.isEmpty else { return step.labels.text }
        let place = step.vrf.map { "VRF \($0) " } ?? ""
        return place + (step.prefix?.description ?? "IP")
    }

    private static func action(_ step: TraceWay.Step) -> String {
        switch step.action {
        case .push: "push \(step.out.text)"
        case .swap: "swap to \(Array(step.out.dropLast(step.labels.count - 1)).text)"
        case .pop: "pop"
        case .lookUp: "look up in VRF \(step.vrf ?? "-")"
        case .forward: "forward"
        case .deliver: "deliver"
        }
    }
}
