// SPDX-License-Identifier: Apache-2.0

import Control
import Primitives

/// A running lab, as the test runner sees it: requests out, messages back, one clock. The control
/// connection is one; unit tests bring their own.
package protocol LabClient {
    /// The monotonic clock that deadlines are on.
    var now: Instant { get }

    /// Sends a request and returns its id.
    mutating func start(
        _ operation: ControlOperation, _ members: [JSON.Member]
    ) throws(LabClientError) -> UInt64

    /// The next message of any request, or nil when the deadline passes first.
    mutating func next(until deadline: Instant) throws(LabClientError) -> LabMessage?
}

/// A message from the lab about an earlier request.
package struct LabMessage: Sendable {
    package var request: UInt64
    package var content: Content

    package enum Content: Sendable {
        case progress(JSON)
        case result(JSON)
        /// The request failed; the text is for people.
        case failure(String)
    }

    package init(request: UInt64, content: Content) {
        self.request = request
        self.content = content
    }
}

/// The lab is gone or does not speak the protocol: no test can go on.
package struct LabClientError: Error, Sendable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) { self.description = description }
}
