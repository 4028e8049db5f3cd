// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Testing

@testable import Runtime

@Suite("A recording")
struct RecordingTests {
    private let configuration = RouterConfiguration(
        name: "r", routerID: IPv4Address(bits: 1),
        interfaces: [
            InterfaceConfiguration(
                name: "lo", addresses: [InterfaceAddress("10.0.0.1/32")].compactMap { $0 },
                isLoopback: true)
        ])

    /// What a recorder would write about a router that starts.
    private var lines: [String] {
        var router = Router(configuration)
        let effects = router.step(.start, at: .zero)
        return [RecordedEvent(at: .zero, event: .start).json.text] + effects.map(\.json.text)
    }

    private func recording(_ lines: [String]) throws -> Recording {
        try Recording(Array(lines.map { $0 + "\n" }.joined().utf8))
    }

    @Test("of a router replays with the same effects")
    func same() throws {
        let recording = try recording(lines)
        #expect(recording.steps.count == 1)
        #expect(recording.steps[0].effects.count == lines.count - 1)
        #expect(recording.replay(Router(configuration)) == nil)
    }

    @Test("shows the first step that another router would have done differently")
    func different() throws {
        var other = configuration
        other.interfaces = []
        let difference = try #require(try recording(lines).replay(Router(other)))
        #expect(difference.step == 0)
        #expect(difference.recorded == Array(lines.dropFirst()))
        #expect(difference.replayed.count < difference.recorded.count)
    }

    @Test("is read up to a last line that was cut off, and refused with any other fault")
    func faults() throws {
        let cut = Array((lines[0] + "\n{\"at\":5,\"ev").utf8)
        #expect(try Recording(cut).steps.count == 1)
        #expect(throws: Recording.Invalid.self) { try recording([lines[0], "{}", lines[0]]) }
        #expect(throws: Recording.Invalid.self) { try recording(["{\"effect\":\"send\"}"]) }
        #expect(throws: Recording.Invalid.self) { try recording(["not JSON"]) }
    }
}
