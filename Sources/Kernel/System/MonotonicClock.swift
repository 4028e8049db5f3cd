// SPDX-License-Identifier: Apache-2.0

import CLinux
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

/// The clock that people set. It may be set back.
package enum WallClock {
    package static var now: WallTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return WallTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }
}

/// The counter that the processor's clock drives.
package enum CycleCounter {
    /// Only x86 processors have the one that is meant.
    package static var exists: Bool { weft_cycles() != 0 }

    /// How fast it counts, in kHz, measured for a hundredth of a second; nil where there is none.
    package static func frequency() -> UInt64? {
        let (firstCount, first) = (weft_cycles(), MonotonicClock.now)
        usleep(10_000)
        let (lastCount, last) = (weft_cycles(), MonotonicClock.now)
        let time = (last - first).nanoseconds
        guard lastCount > firstCount, time > 0 else { return nil }
        return (lastCount - firstCount) * 1_000_000 / UInt64(time)
    }
}
