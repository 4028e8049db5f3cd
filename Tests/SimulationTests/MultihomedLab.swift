// SPDX-License-Identifier: Apache-2.0

import Foundation
import Plan
import Simulation
import Topology

/// The multihomed lab of `Topologies`: four P, four PE of which two reflect, and the customers,
/// fifteen nodes.
enum MultihomedLab {
    /// On paths computed beforehand and without BFD, so that nothing moves but BGP and VRRP.
    static let topology = topology(named: "multihomed-ipvpn", settings: computed)
    static let computed = ["core=static", "bgp-groups.core.bfd=none"]
    /// With IS-IS and LDP.
    static let signalled = topology(
        named: "multihomed-ipvpn", settings: ["core.bfd=none", "bgp-groups.core.bfd=none"])
    static let plan = LabPlan(topology)

    /// Every node started, nothing has happened yet.
    static func started() -> VirtualNetwork {
        var network = VirtualNetwork(plan)
        network.startAll()
        return network
    }

    /// - Parameter settings: in place of what the file says, as `weft test --set` has them.
    static func topology(named name: String, settings: [String] = []) -> Topology {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Topologies/\(name).yaml")
        do {
            let text = try TopologySetting.text(
                of: Array(Data(contentsOf: file)), with: settings.compactMap(TopologySetting.init))
            return try Topology.parse(Array(text.utf8))
        } catch {
            preconditionFailure("\(file.path): \(error)")
        }
    }
}
