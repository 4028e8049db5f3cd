// SPDX-License-Identifier: Apache-2.0

import Kernel
import Primitives
import Runtime

/// An outage meter between two hosts: numbered datagrams there and back in a steady rhythm.
final class Meter {
    private let near: BenchChild
    private let far: BenchChild

    /// - Parameters:
    ///   - source: what the probes come from; nil lets the kernel choose.
    ///   - interval: between two probes: the resolution of what it finds.
    init(
        _ lab: BenchLab, from: String, _ source: IPAddress? = nil, to: String,
        _ address: IPAddress, interval: Duration = .microseconds(250)
    ) throws {
        far = try BenchChild("answer", in: lab.namespace(to)) {
            Probe.answer(device: nil, address: address).main(control: $0)
        }
        let number = try far.wait(for: "progress")["port"]?.int ?? 0
        guard let port = UInt16(exactly: number) else { throw Failure("no port \(number)") }
        near = try BenchChild("probe", in: lab.namespace(from)) {
            Probe.outage(
                ProbePath(source: source, destination: address), port: port, interval: interval
            ).main(control: $0)
        }
    }

    /// Waits for the first answer.
    /// - Returns: when the probe left that it answers.
    func firstAnswered() throws -> Instant {
        let news = try near.wait(for: "progress") { $0["answered"] == true }
        return Instant(nanoseconds: news["sent-at"]?.int ?? 0)
    }

    /// Ends the measurement.
    /// - Returns: the longest time without an answer.
    func longestGap() throws -> Duration {
        try near.send(["stop": true])
        let sent = try near.wait(for: "result")
        try far.send(["stop": true])
        let result = OutageResult.join(near: sent, far: try far.wait(for: "result"))
        return .microseconds(result["longest-gap-us"]?.int ?? 0)
    }
}
