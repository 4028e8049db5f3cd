// SPDX-License-Identifier: Apache-2.0

import Foundation
import Plan
import Simulation
import Topology

/// The multihomed lab, from the file that users run.
enum MultihomedLab {
    static let topology: Topology = {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let file = root.appending(path: "Topologies/multihomed-ipvpn.yaml")
        do {
            return try Topology.parse([UInt8](Data(contentsOf: file)))
        } catch {
            preconditionFailure("\(file.path): \(error)")
        }
    }()

    static let plan = LabPlan(topology)

    /// Every node started, nothing has happened yet.
    static func started() -> VirtualNetwork {
        var network = VirtualNetwork(plan)
        network.startAll()
        return network
    }
}
