// SPDX-License-Identifier: Apache-2.0

import Glibc
import Primitives

/// The clock of the kernel that only goes forward. All processes of a machine see the same.
package enum MonotonicClock {
    package static var now: Instant {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}
