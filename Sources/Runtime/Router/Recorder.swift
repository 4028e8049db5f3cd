// SPDX-License-Identifier: Apache-2.0

import Engine
import Kernel
import Primitives

/// Writes a router's life as JSON lines: every event with its moment, and after each the effects
/// that it had. The events replay; the effects say what must come of it.
final class Recorder {
    private let file: FileDescriptor
    private var lines: [UInt8] = []
    private static let bufferSize = 64 << 10

    /// Takes the descriptor over.
    init(descriptor: Int32) { file = FileDescriptor(owning: descriptor) }

    func record(_ event: Event, at now: Instant, _ effects: [Effect]) throws(SystemError) {
        write(RecordedEvent(at: now, event: event).json)
        for effect in effects { write(effect.json) }
        if lines.count >= Self.bufferSize { try flush() }
    }

    /// Puts out what is buffered; done before every wait, so that a killed router's recording ends
    /// with its last event.
    func flush() throws(SystemError) {
        guard !lines.isEmpty else { return }
        try file.write(lines, to: "the recording")
        lines.removeAll(keepingCapacity: true)
    }

    private func write(_ json: JSON) {
        lines += Array(json.text.utf8)
        lines.append(UInt8(ascii: "\n"))
    }
}

/// A recording, read again.
package struct Recording {
    /// An event and the texts of the effects that it had when it was recorded.
    package struct Step: Hashable, Sendable {
        package var event: RecordedEvent
        package var effects: [String]
    }

    package private(set) var steps: [Step] = []
    /// The router took a new configuration, which is in no recording: what came after it is left
    /// out.
    package private(set) var endsAtNewConfiguration = false

    /// Why a text is not a recording.
    package struct Invalid: Error, Hashable, Sendable, CustomStringConvertible {
        package let line: Int
        package let reason: String
        package var description: String { "line \(line): \(reason)" }
    }

    /// - Parameter text: lines as the recorder wrote them; a last one without an end was cut off
    ///   and is left out.
    package init(_ text: [UInt8]) throws(Invalid) {
        let newline = UInt8(ascii: "\n")
        let whole = text.lastIndex(of: newline).map { text[..<$0] } ?? []
        for (index, line) in whole.split(separator: newline).enumerated() {
            try add(Array(line), number: index + 1)
        }
    }

    private mutating func add(_ line: [UInt8], number: Int) throws(Invalid) {
        let json: JSON
        do throws(JSON.ParseError) { json = try JSON(parsing: line) } catch {
            throw Invalid(line: number, reason: error.description)
        }
        if json["event"]?.string == Event.reconfigureName { endsAtNewConfiguration = true }
        if endsAtNewConfiguration { return }
        if let event = RecordedEvent(json: json) {
            steps.append(Step(event: event, effects: []))
        } else if json["effect"] != nil, !steps.isEmpty {
            steps[steps.count - 1].effects.append(json.text)
        } else {
            throw Invalid(line: number, reason: "neither an event nor an effect of one")
        }
    }

    /// A step whose effects were different this time.
    package struct Difference: Hashable, Sendable {
        package var step: Int
        package var recorded: [String]
        package var replayed: [String]
    }

    /// Lives the recorded life again.
    /// - Returns: the first step that differs; nil when all are the same.
    package func replay<Machine: RouterMachine>(_ machine: Machine) -> Difference? {
        var machine = machine
        for (index, step) in steps.enumerated() {
            let effects = machine.step(step.event.event, at: step.event.at).map(\.json.text)
            guard effects == step.effects else {
                return Difference(step: index, recorded: step.effects, replayed: effects)
            }
        }
        return nil
    }
}
