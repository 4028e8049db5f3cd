// SPDX-License-Identifier: Apache-2.0

import Control
import Kernel
import Primitives

/// Probes: each runs in a child of its own inside the node that sends.
extension Supervisor {
    func probe(_ reply: Reply, _ lab: RunningLab) {
        reply.fail("probes are not available")
    }

    func startOutage(_ reply: Reply, _ lab: RunningLab) {
        reply.fail("probes are not available")
    }

    func stopOutage(_ reply: Reply) {
        reply.fail("probes are not available")
    }
}

/// A running outage measurement.
final class OutageProbe {}
