// SPDX-License-Identifier: Apache-2.0

import Control
import Primitives
import Testing

/// A client whose lab is the test itself: answers are sent before they are waited for, since ids
/// count from 1.
@Suite struct ControlConnectionTests {
    let lab: FrameChannel
    let client: ControlConnection

    init() throws {
        let (lab, other) = try FrameChannel.pair()
        self.lab = lab
        client = ControlConnection(other)
    }

    func say(_ messages: JSON...) throws {
        for message in messages { try lab.send(.message(message)) }
    }

    @Test func `a call returns its result after its progress`() throws {
        try say(
            ["id": 1, "progress": ["text": "links"]], ["id": 1, "progress": ["text": "routers"]],
            ["id": 1, "result": ["changes": 3]])
        var seen: [String] = []
        let answer = try client.call(.build, [.init("file", "a.yaml")]) {
            seen.append($0["text"]?.string ?? "")
        }
        #expect(answer == ["changes": 3])
        #expect(seen == ["links", "routers"])
        #expect(
            try lab.receive() == [.message(["id": 1, "op": "build", "file": "a.yaml"])])
    }

    @Test func `a refused call throws the lab's own words`() throws {
        try say(["id": 1, "error": "no node is called moon"])
        #expect(throws: CallError.refused("no node is called moon")) { try client.call(.show) }
    }

    @Test func `messages of other requests wait for whoever asks for them`() throws {
        let watch = try client.start(.watch)
        try say(
            ["id": 1, "progress": ["node": "luna"]], ["id": 2, "result": "pong"],
            ["id": 1, "progress": ["node": "orcus"]])
        #expect(try client.call(.ping) == "pong")
        #expect(
            try client.next(until: nil)
                == ControlMessage(request: watch, content: .progress(["node": "luna"])))
        #expect(
            try client.next(until: nil)
                == ControlMessage(request: watch, content: .progress(["node": "orcus"])))
        #expect(try client.next(until: client.now) == nil)
    }

    @Test func `a command's bytes arrive with their stream and its end`() throws {
        try lab.send(.data(request: 1, stream: .standardError, bytes: [1, 2]))
        try lab.send(.data(request: 1, stream: .standardError, bytes: []))
        let id = try client.start(.exec)
        #expect(
            try client.next(until: nil)
                == ControlMessage(request: id, content: .data(.standardError, [1, 2])))
        #expect(
            try client.next(until: nil)
                == ControlMessage(request: id, content: .data(.standardError, [])))
        try client.sendInput([7], to: id)
        #expect(
            try lab.receive().last == .data(request: 1, stream: .standardInput, bytes: [7]))
    }

    @Test func `a lab that goes away fails the calls under way after what it still said`() throws {
        var lab: FrameChannel?
        let client: ControlConnection
        do {
            let (one, other) = try FrameChannel.pair()
            (lab, client) = (one, ControlConnection(other))
        }
        try lab?.send(.message(["id": 7, "progress": 1]))
        lab = nil
        #expect(throws: CallError.lost(ControlError("the lab has closed the connection"))) {
            try client.call(.hello)
        }
        #expect(throws: ControlError.self) { try client.start(.hello) }
    }

    @Test func `a call may be given only so much time`() throws {
        #expect(throws: CallError.lost(ControlError("the lab does not answer"))) {
            try client.call(.hello, within: .zero)
        }
        try say(["id": 2, "result": "late"])
        #expect(try client.call(.hello, within: .seconds(60)) == "late")
    }

    @Test func `messages without an id are passed over`() throws {
        try say(["no": "id"], ["id": 1, "result": 1])
        #expect(try client.call(.hello) == 1)
    }

    @Test func `frames of many megabytes cross a small socket`() throws {
        let bytes = [UInt8](repeating: 3, count: 5 << 20)
        try lab.send(.data(request: 1, stream: .standardOutput, bytes: bytes))
        #expect(lab.hasBacklog)
        let id = try client.start(.exec)
        var message: ControlMessage?
        while message == nil {
            lab.flush()
            message = try client.next(until: client.now)
        }
        #expect(message == ControlMessage(request: id, content: .data(.standardOutput, bytes)))
        #expect(!lab.hasBacklog)
    }
}
