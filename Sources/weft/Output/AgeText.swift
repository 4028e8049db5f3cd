// SPDX-License-Identifier: Apache-2.0

import Primitives

/// How long ago something happened, as routers write it: 00:03:33, 5d 22:29:55, 1w1d 00:32:28.
enum AgeText {
    static func text(seconds: Int64) -> String {
        let clock = [seconds / 3600 % 24, seconds / 60 % 60, seconds % 60]
            .map { ($0 < 10 ? "0" : "") + String($0) }.joined(separator: ":")
        let days = seconds / 86400
        let weeks = days / 7 > 0 ? "\(days / 7)w" : ""
        return days > 0 ? "\(weeks)\(days % 7)d \(clock)" : clock
    }

    /// An age from a router's answer: a number of seconds, or nil.
    static func text(_ value: JSON?) -> String? {
        guard let value, let seconds = value.double, seconds >= 0, seconds < 1e12 else {
            return nil
        }
        return text(seconds: Int64(seconds))
    }
}
