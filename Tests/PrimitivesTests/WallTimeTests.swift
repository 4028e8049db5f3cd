// SPDX-License-Identifier: Apache-2.0

import Foundation
import Primitives
import Testing

@Suite struct WallTimeTests {
    /// Foundation's calendar is the other way to know.
    @Test func `dates and times are those of another calendar`() {
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        var seconds: Int64 = -9_000_000_000
        while seconds < 9_000_000_000 {
            let date = Date(timeIntervalSince1970: Double(seconds))
            let time = WallTime(nanoseconds: seconds * 1_000_000_000)
            #expect(time.description == formatter.string(from: date))
            seconds += 7_654_321
        }
    }

    @Test func `milliseconds are cut, not rounded`() {
        let time = WallTime(nanoseconds: 1_700_000_000_999_999_999)
        #expect(time.description == "2023-11-14T22:13:20.999Z")
        #expect(time.time == "22:13:20.999")
    }
}
