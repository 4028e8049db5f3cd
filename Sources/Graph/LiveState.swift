// SPDX-License-Identifier: Apache-2.0

import Primitives

/// What a running lab says of itself, laid over the drawing of its file.
extension Drawing {
    /// - Parameter nodes: those of the control protocol's `hello`: [{name, state}].
    package mutating func mark(nodes: JSON) {
        for node in nodes.array where node["state"]?.string != "running" {
            guard let index = index(node["name"]) else { continue }
            self.nodes[index].isStopped = true
        }
    }

    /// - Parameters:
    ///   - node: whose answers these are.
    ///   - interfaces: of the query `interfaces`: {interfaces: [{name, up}]}.
    ///   - neighbors: of the query `neighbors`: {neighbors: [{address, local-address, state}]}.
    package mutating func mark(node: String, interfaces: JSON, neighbors: JSON) {
        guard let position = index(.string(node)) else { return }
        let down = Set(
            (interfaces["interfaces"]?.array ?? []).filter { $0["up"]?.bool == false }
                .compactMap { $0["name"]?.string })
        func lower(_ end: inout End) {
            if end.node == position, down.contains(end.interface) { end.isDown = true }
        }
        for index in links.indices {
            lower(&links[index].a)
            lower(&links[index].b)
        }
        for index in lans.indices {
            for end in lans[index].ends.indices { lower(&lans[index].ends[end]) }
        }
        for neighbor in neighbors["neighbors"]?.array ?? [] { mark(neighbor, of: position) }
    }

    /// The worse of what both ends say counts.
    private mutating func mark(_ neighbor: JSON, of node: Int) {
        let (far, near) = (neighbor["address"]?.string, neighbor["local-address"]?.string)
        let isDeactivated = neighbor["deactivated"]?.bool == true
        guard let state = isDeactivated ? "deactivated" : neighbor["state"]?.string else { return }
        for index in sessions.indices {
            let session = sessions[index]
            let (a, b) = (session.addressOfA.description, session.addressOfB.description)
            let isMine =
                session.a == node && a == near && b == far
                || session.b == node && b == near && a == far
            guard isMine, session.state == nil || session.state == "established" else { continue }
            sessions[index].state = state
        }
    }

    private func index(_ name: JSON?) -> Int? { nodes.firstIndex { $0.name == name?.string } }
}
