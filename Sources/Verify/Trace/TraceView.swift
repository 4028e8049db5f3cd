// SPDX-License-Identifier: Apache-2.0

import Primitives

/// What a packet is looked up by at a node.
package enum TraceLookUp: Hashable, Sendable {
    case address(IPAddress, vrf: String?)
    case label(Label)

    /// The members of a request besides the node.
    package var members: [JSON.Member] {
        switch self {
        case .address(let address, let vrf):
            [.init("address", JSON(address))] + (vrf.map { [.init("vrf", .string($0))] } ?? [])
        case .label(let label): [.init("label", JSON(label.value))]
        }
    }
}

/// What becomes of a packet by one table: the engine's or the kernel's.
package struct TraceView: Hashable, Sendable, CustomStringConvertible {
    package var result: Result
    /// Of the route that was found.
    package var prefix: IPPrefix?
    /// To look the packet up in.
    package var vrf: String?
    package var hops: [Hop]

    package enum Result: String, Hashable, Sendable {
        case local, forward, discard
        case lookUp = "look-up"
        case nothing = "none"
    }

    package struct Hop: Hashable, Sendable {
        /// nil: the destination is on the link.
        package var gateway: IPAddress?
        package var interface: String
        /// Pushed, top first.
        package var labels: [Label]
        package var isUp: Bool

        var text: String {
            let words = labels.isEmpty ? "" : " with " + labels.text
            return "by \(interface)" + (gateway.map { " to \($0)" } ?? "") + words
        }
    }

    /// - Parameter json: as Engine's Query.lookUp says; nil where it is not.
    package init?(_ json: JSON) {
        guard let result = json["result"]?.string.flatMap(Result.init) else { return nil }
        self.result = result
        prefix = json["prefix"]?.string.flatMap { IPPrefix($0) }
        vrf = json["vrf"]?.string
        hops = (json["next-hops"]?.array ?? []).map { hop in
            Hop(
                gateway: hop["gateway"]?.string.flatMap { IPAddress($0) },
                interface: hop["interface"]?.string ?? "?",
                labels: (hop["labels"]?.array ?? []).compactMap {
                    $0.int.flatMap { Label("\($0)") }
                },
                isUp: hop["up"]?.bool != false)
        }
    }

    /// In words, for a sentence that sets two views against each other.
    package var description: String {
        switch result {
        case .local: "delivers it"
        case .discard: "discards it"
        case .nothing: "has nothing for it"
        case .lookUp: "looks it up in VRF \(vrf ?? "?")"
        case .forward: "sends it " + hops.map(\.text).sorted().joined(separator: " or ")
        }
    }

    /// Whether both do the same with a packet. That the destination is the node itself is not in
    /// the tables that the kernel is asked for.
    func agrees(with kernel: TraceView) -> Bool {
        result == .local || description == kernel.description
    }
}

extension [Label] {
    /// `100003/17`, top first.
    package var text: String { map(\.description).joined(separator: "/") }
}
