// SPDX-License-Identifier: Apache-2.0

import Primitives

/// When shortest paths are computed: after a quiet time at once, in a storm ever more seldom.
package struct SPFThrottle: Hashable, Sendable {
    /// Between a trigger and its run after a quiet time; zero runs at once.
    package var initialDelay: Duration
    /// Between the first run and the second; doubled with each further one.
    package var minimumInterval: Duration
    /// The doubling ends here, and after as long without a trigger all begins again.
    package var maximumInterval: Duration

    package init(
        initialDelay: Duration = .zero, minimumInterval: Duration = .milliseconds(50),
        maximumInterval: Duration = .milliseconds(200)
    ) {
        self.initialDelay = initialDelay
        self.minimumInterval = minimumInterval
        self.maximumInterval = maximumInterval
    }
}

/// The times at which one instance ran.
package struct SPFSchedule: Hashable, Sendable {
    private let throttle: SPFThrottle
    private var interval: Duration
    private var lastRun: Instant?
    /// When the run that has been asked for is due; nil where none has.
    package private(set) var due: Instant?

    package init(_ throttle: SPFThrottle) {
        self.throttle = throttle
        interval = throttle.minimumInterval
    }

    /// Something that paths depend on has changed.
    /// - Returns: when to run: `now` means in this event.
    package mutating func trigger(at now: Instant) -> Instant {
        if let due { return due }
        var moment = now + throttle.initialDelay
        if let lastRun {
            if now - lastRun > throttle.maximumInterval {
                interval = throttle.minimumInterval
            } else {
                moment = max(moment, lastRun + interval)
            }
        }
        due = moment
        return moment
    }

    /// A run happens.
    package mutating func ran(at now: Instant) {
        if let lastRun, now - lastRun <= throttle.maximumInterval {
            interval = min(interval * 2, throttle.maximumInterval)
        }
        lastRun = now
        due = nil
    }
}
