// SPDX-License-Identifier: Apache-2.0

import Kernel
import Primitives

extension LinkMonitor {
    /// Reads events until one is wanted.
    /// - Returns: false when none came within ten seconds.
    func waits(for isWanted: (Event) -> Bool) throws -> Bool {
        let poller = try Poller()
        try poller.add(descriptor, token: 0)
        let deadline = MonotonicClock.now + .seconds(10)
        while MonotonicClock.now < deadline {
            _ = try poller.wait(until: deadline)
            if try events().contains(where: isWanted) { return true }
        }
        return false
    }
}
