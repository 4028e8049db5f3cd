// SPDX-License-Identifier: Apache-2.0

import Control
import Primitives
import Topology
import Verify

/// The model's name for it, out of reach of Swift Testing's own.
typealias LabTest = Test

/// A lab that answers each operation from a function, at once, with a clock that moves only when
/// somebody waits.
final class ScriptedLab: LabClient {
    typealias Answer = (ControlOperation, JSON) -> ControlMessage.Content

    private(set) var now = Instant.zero
    private(set) var requests: [(operation: ControlOperation, members: JSON)] = []
    private var queue: [ControlMessage] = []
    private var last: UInt64 = 0
    private let answer: Answer

    init(_ answer: @escaping Answer) { self.answer = answer }

    func start(
        _ operation: ControlOperation, _ members: [JSON.Member]
    ) throws(ControlError) -> UInt64 {
        last += 1
        let request = JSON.object(members)
        requests.append((operation, request))
        if operation != .watch {
            queue.append(ControlMessage(request: last, content: answer(operation, request)))
        }
        return last
    }

    func next(until deadline: Instant?) throws(ControlError) -> ControlMessage? {
        if queue.isEmpty {
            now = max(now, deadline ?? now)
            return nil
        }
        return queue.removeFirst()
    }
}
