// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The time of day, for people; everything that is measured is on the monotonic clock.
package enum WallClock {
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
