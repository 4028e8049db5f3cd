// SPDX-License-Identifier: Apache-2.0

import Glibc
import Primitives

/// The time of day, for people, who may set it back; everything that is measured is on the
/// monotonic clock.
package enum WallClock {
    package static var now: WallTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return WallTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    /// `2026-03-01 14:05:09 CET`, in the user's time zone.
    package static var text: String {
        var now = time(nil)
        var parts = tm()
        localtime_r(&now, &parts)
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { octets in
            let count = strftime(octets.baseAddress, octets.count, "%Y-%m-%d %H:%M:%S %Z", &parts)
            return String(decoding: octets[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }
}
