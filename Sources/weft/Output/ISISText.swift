// SPDX-License-Identifier: Apache-2.0

import Primitives

/// IS-IS: neighbors, interfaces and the link state database.
enum ISISText {
    /// - Parameter answer: that of `Query.routing(.isis)`.
    static func text(_ answer: JSON, _ style: Style = .plain) -> String {
        let instances = answer["instances"]?.array ?? []
        guard !instances.isEmpty else { return "no IS-IS\n" }
        return instances.map { instance(_: $0, style) }.joined(separator: "\n")
    }

    private static func instance(_ instance: JSON, _ style: Style) -> String {
        let overload = instance["overloaded"]?.bool == true ? ", overloaded" : ""
        let head =
            "System ID \(StateText.string(instance["system-id"])), "
            + "areas \(StateText.list(instance["areas"])), "
            + "level \(StateText.string(instance["levels"]))\(overload), "
            + "\(StateText.number(instance["routes"])) routes\n"
        let parts = [adjacencies(instance, style), interfaces(instance, style)]
        return ([head] + parts + databases(instance, style)).joined(separator: "\n")
    }

    private static func adjacencies(_ instance: JSON, _ style: Style) -> String {
        let rows = (instance["adjacencies"]?.array ?? []).map { adjacency in
            [
                StateText.string(adjacency["neighbor"]), StateText.string(adjacency["interface"]),
                StateText.list(adjacency["levels"]), StateText.string(adjacency["state"]),
                seconds(adjacency["hold-time"]), seconds(adjacency["uptime"]),
                StateText.list(adjacency["next-hops"]),
            ]
        }
        guard !rows.isEmpty else { return "no neighbors\n" }
        return StateText.table(
            ["Neighbor", "Interface", "Levels", "State", "Hold", "Up for", "Next hops"], rows,
            style, stateColumn: 3)
    }

    private static func interfaces(_ instance: JSON, _ style: Style) -> String {
        let rows = (instance["interfaces"]?.array ?? []).map { interface in
            let lans = (interface["lans"]?.array ?? []).map {
                "L\(StateText.number($0["level"])) \(StateText.string($0["designated"]))"
            }
            return [
                StateText.string(interface["name"]), StateText.string(interface["type"]),
                StateText.list(interface["levels"]), interface["up"]?.bool == true ? "up" : "down",
                StateText.number(interface["metric"]),
                lans.isEmpty ? "-" : lans.joined(separator: ", "),
                StateText.string(interface["last-error"]),
            ]
        }
        return StateText.table(
            ["Interface", "Type", "Levels", "State", "Metric", "Designated", "Last error"], rows,
            style, stateColumn: 3)
    }

    private static func databases(_ instance: JSON, _ style: Style) -> [String] {
        (instance["database"]?.array ?? []).map { database in
            let rows = (database["lsps"]?.array ?? []).map { packet in
                [
                    StateText.string(packet["name"]), StateText.number(packet["sequence"]),
                    seconds(packet["lifetime"]), flags(packet),
                ]
            }
            let title =
                "Level \(StateText.number(database["level"])): "
                + "\(StateText.number(database["reached"])) nodes reached, "
                + "\(StateText.number(database["spf-runs"])) runs of SPF\n"
            return title
                + StateText.table(["Packet", "Sequence", "Lifetime", "Flags"], rows, style)
        }
    }

    private static func flags(_ packet: JSON) -> String {
        let flags = ["own", "attached", "overloaded"].filter { packet[$0]?.bool == true }
        return flags.isEmpty ? "-" : flags.joined(separator: " ")
    }

    private static func seconds(_ value: JSON?) -> String {
        value?.int.map { "\($0)s" } ?? "-"
    }
}
