// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Events in words.
enum EventText {
    /// What an event has brought about: "link juno-luna at juno is down".
    /// - Parameter event: the members of the request for it.
    static func past(_ event: JSON) -> String {
        func word(_ name: String) -> String { event[name]?.string ?? "" }
        let node = word("node")
        switch event["event"]?.string {
        case "deactivate": return "neighbor \(neighbor(event)) of \(node) is deactivated"
        case "activate": return "neighbor \(neighbor(event)) of \(node) is activated"
        case "link-down": return "link \(link(event)) is down"
        case "link-up": return "link \(link(event)) is up"
        case "impair":
            let what = (try? Impairment(event))?.text ?? ""
            return "link \(link(event)) is impaired: \(what)"
        case "repair": return "link \(link(event)) is repaired"
        case "kill": return "\(node) is killed"
        case "stop": return "\(node) is stopped"
        case "start": return "\(node) is started"
        case "rekey": return "\(node) has rekeyed with \(word("peer"))"
        case let other: return other ?? ""
        }
    }

    private static func neighbor(_ event: JSON) -> String {
        let vrf = event["vrf"]?.string.map { " in VRF \($0)" } ?? ""
        return (event["neighbor"]?.string ?? "") + vrf
    }

    private static func link(_ event: JSON) -> String {
        (event["link"]?.string ?? "") + (event["node"]?.string.map { " at \($0)" } ?? "")
    }
}
