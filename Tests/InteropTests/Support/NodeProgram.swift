// SPDX-License-Identifier: Apache-2.0

import Control
import Foundation
import Primitives

/// A program that runs in a node of a lab, and what it has printed so far. It ends with its lab.
final class NodeProgram {
    private let connection: ControlConnection
    private let request: UInt64
    private let title: String
    private(set) var output: [UInt8] = []
    private(set) var errors: [UInt8] = []
    private var status: Int?

    init(_ lab: TestLab, _ node: String, _ words: [String]) throws {
        connection = lab.connection
        title = "\(node)# \(words.joined(separator: " "))"
        request = try connection.start(
            .exec, [.init("node", .string(node)), .init("argv", JSON(words))])
    }

    /// Writes its whole standard input.
    func send(_ input: String) throws {
        if !input.isEmpty { try connection.sendInput(Array(input.utf8), to: request) }
        try connection.sendInput([], to: request)
    }

    /// Waits until it has said something on standard error, where programs tell that they are
    /// ready.
    func waitForError(containing text: String) throws {
        let deadline = connection.now + TestLab.patience
        while !errors.text.contains(text) {
            guard status == nil else { throw Failure("\(title) ended: \(errors.text)") }
            try step(until: deadline)
        }
    }

    /// Waits for its end.
    /// - Returns: its status, or 128 more than the signal that ended it.
    func finish() throws -> Int {
        let deadline = connection.now + TestLab.patience
        while true {
            if let status { return status }
            try step(until: deadline)
        }
    }

    /// Waits for its end, which must be a good one.
    /// - Returns: what it printed.
    func succeed() throws -> String {
        let status = try finish()
        guard status == 0 else {
            throw Failure("\(title): status \(status): \(output.text)\(errors.text)")
        }
        return output.text
    }

    /// Interrupts it as Ctrl-C does, and waits for its end.
    func interrupt() throws {
        try connection.sendMore(["signal": JSON(Int(SIGINT))], about: request)
        _ = try finish()
    }

    private func step(until deadline: Instant) throws {
        guard let message = try connection.next(of: request, until: deadline) else {
            throw Failure("\(title) takes too long: \(output.text)\(errors.text)")
        }
        switch message.content {
        case .data(.standardOutput, let bytes): output += bytes
        case .data(_, let bytes): errors += bytes
        case .result(let answer):
            status = Int(answer["status"]?.int ?? 128 + (answer["signal"]?.int ?? 0))
        case .failure(let text): throw Failure("\(title): \(text)")
        case .progress: break
        }
    }
}

extension [UInt8] {
    var text: String { String(decoding: self, as: UTF8.self) }
}
