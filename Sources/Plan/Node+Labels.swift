// SPDX-License-Identifier: Apache-2.0

import Primitives
import Topology

extension Node {
    /// Whether labelled packets arrive by an interface: by those of a labelled core, and by a link
    /// to a neighboring provider that sends labelled routes (RFC 4364 §10 b, c).
    func takesLabels(_ interface: Interface) -> Bool {
        if interface.isLabelled { return true }
        guard interface.vrf == nil, let bgp else { return false }
        return bgp.neighbors.contains { neighbor in
            neighbor.remoteAS != bgp.autonomousSystem && neighbor.multihop == 1
                && neighbor.families.contains(where: \.hasLabels)
                && interface.addresses.contains { $0.prefix.contains(neighbor.address) }
        }
    }

    /// What the kernel is told of an interface, in octets: labels make a packet longer than IP has
    /// it.
    func deviceMTU(_ interface: Interface) -> UInt32 {
        interface.mtu + (takesLabels(interface) ? Self.labelHeadroom : 0)
    }

    /// Room for four labels: core links must carry full-sized customer packets.
    private static var labelHeadroom: UInt32 { 16 }
}
