// SPDX-License-Identifier: Apache-2.0

import Control
import Kernel
import Plan
import Primitives
import Topology

/// `weft up` on a lab that is running: it becomes what the file says.
struct LabUpdate {
    private let file: TopologyText
    private let lab: LabDirectory
    private let connection: ControlConnection
    private let hello: JSON

    init(_ file: TopologyText, _ lab: LabDirectory, substrate: String?) throws {
        self.file = file
        self.lab = lab
        connection = try lab.connect()
        hello = try connection.call(.hello)
        guard hello["state"]?.string == "running" else {
            throw Failure("a lab named \(lab.name) is being built or taken down just now")
        }
        let present = hello["substrate"]?.string ?? ""
        if let substrate, substrate != "auto", substrate != present {
            throw Failure(
                "\(lab.name) runs on substrate \(present), which stays the same while it runs",
                code: .wrongInput)
        }
    }

    func run() throws -> ExitCode {
        let running = RunningText(hello)
        let unfinished = hello["unfinished"]?.string
        let change = LabChange(from: try running.plan(), to: LabPlan(file.topology))
        if change.isEmpty, unfinished == nil, running.text == file.text {
            Terminal.write("nothing to change: \(running.equalityText(file.text))")
            return .passed
        }
        if let unfinished { Terminal.note("\(lab.name) is unfinished: \(unfinished)") }
        Terminal.write(change.text(Terminal.style))
        let began = MonotonicClock.now
        try apply()
        let time = (MonotonicClock.now - began).secondsText
        Terminal.write(
            change.isEmpty && unfinished == nil
                ? "nothing to change: \(running.equalityText(file.text))"
                : "lab \(lab.name) is as \(file.path) says, after \(time) s\n")
        return .passed
    }

    private func apply() throws {
        let request = try connection.start(
            .apply,
            [.init("topology", .string(file.text)), .init("file", .string(file.path))])
        while true {
            guard let message = try connection.next(until: nil), message.request == request else {
                continue
            }
            switch message.content {
            case .progress(let news): Terminal.note(news["text"]?.string ?? "")
            case .failure(let text): throw Failure("\(lab.name) is not as the file says: \(text)")
            case .result: return
            case .data: continue
            }
        }
    }
}
