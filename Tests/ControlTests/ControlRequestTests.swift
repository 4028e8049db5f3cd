// SPDX-License-Identifier: Apache-2.0

import Control
import Primitives
import Testing

@Suite struct ControlRequestTests {
    @Test func `a request reads back from its message`() throws {
        let message: JSON = ["id": 3, "op": "show", "node": "luna"]
        let request = try #require(ControlRequest(message))
        #expect(request.operation == "show")
        #expect(request.members["node"] == "luna")
        #expect(request.message == message)
        #expect(request.error("no") == ["id": 3, "error": "no"])
    }

    @Test(
        arguments: [
            ["op": "show"], ["id": 3], ["id": "3", "op": "show"], ["id": -1, "op": "show"],
            ["id": 0x1_0000_0000, "op": "show"], nil, [1],
        ] as [JSON])
    func `a message without id or operation is no request`(message: JSON) {
        #expect(ControlRequest(message) == nil)
    }
}
