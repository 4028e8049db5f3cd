// SPDX-License-Identifier: Apache-2.0

import KernelObjects
import Plan
import Primitives
import Topology

extension LabPlan {
    /// What routes on a node, where that is not our own engine.
    private func otherEngine(of node: String) -> String? {
        let engine = topology.node(node)?.engine ?? .weft
        return engine == .weft ? nil : engine.rawValue
    }

    /// The whole plan, or one namespace of it.
    /// - Parameters:
    ///   - name: a node's name or that of a LAN's namespace; nil for all.
    ///   - instances: of templates.
    func json(only name: String? = nil, _ instances: [TemplateInstance] = []) -> JSON {
        let chosen = objects.namespaces.filter { name == nil || $0.name == name }
        let roles = Dictionary(
            topology.nodes.map { ($0.name, $0.role.rawValue) },
            uniquingKeysWith: { first, _ in first })
        let namespaces = chosen.map { namespace in
            JSON.present([
                ("name", JSON(namespace.name)), ("role", JSON(roles[namespace.name])),
                ("engine", JSON(otherEngine(of: namespace.name))),
                ("kernel", namespace.json), ("router", router(namespace.name)?.json ?? .null),
                ("ipsec", JSON(ipsecPeers(of: namespace.name).map(\.json))),
            ])
        }
        return JSON.present([
            ("lab", JSON(topology.name)), ("description", JSON(topology.description)),
            ("instances", InstanceText.json(instances)),
            ("needs", JSON(features.sorted().map(\.rawValue))), ("namespaces", JSON(namespaces)),
        ])
    }

    /// The same for people.
    func text(only name: String? = nil, _ style: Style = .plain) -> String {
        let plan = json(only: name)
        let links = objects.namespaces.reduce(0) { $0 + $1.links.count }
        let count = objects.namespaces.count
        let needs = (plan["needs"]?.array ?? []).compactMap(\.string).joined(separator: ", ")
        var text = style.bold("\(topology.name): \(count) namespaces, \(links) links") + "\n"
        text += "needs of the kernel: \(needs)".wrapped(to: Table.widthMax).joined(separator: "\n")
        text += "\n"
        for namespace in plan["namespaces"]?.array ?? [] {
            let marks = ["role", "engine"].compactMap { namespace[$0]?.string }
            let role = marks.isEmpty ? "" : " (\(marks.joined(separator: ", ")))"
            text += "\n" + style.bold((namespace["name"]?.string ?? "") + role) + "\n"
            let parts = ["kernel", "router", "ipsec"].compactMap { part in
                namespace[part].map { JSON.Member(part, $0) }
            }
            OutlineText.write(.object(parts), margin: 2, to: &text)
        }
        return text
    }
}
