// SPDX-License-Identifier: Apache-2.0

import Control
import Primitives

/// A running lab, as the test runner sees it: requests out, messages back, one clock. The control
/// connection is one; unit tests bring their own.
package protocol LabClient {
    /// The monotonic clock that deadlines are on.
    var now: Instant { get }

    /// Sends a request and returns its id.
    /// - Throws: when the lab is gone or does not speak the protocol; no test can go on.
    mutating func start(
        _ operation: ControlOperation, _ members: [JSON.Member]
    ) throws(ControlError) -> UInt64

    /// The next message of any request, or nil when the deadline passes first.
    mutating func next(until deadline: Instant?) throws(ControlError) -> ControlMessage?
}

extension ControlConnection: LabClient {}
