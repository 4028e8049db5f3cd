// SPDX-License-Identifier: Apache-2.0

import Control
import Primitives
import Topology

/// What is measured during a whole step of the tests, and judged at its end.
enum Limit {
    case outage(OutageLimit)
    case wire(WireLimit)

    fileprivate var result: CheckResult {
        switch self {
        case .outage(let limit):
            CheckResult(
                title: limit.title, place: limit.place, status: .failed, wanted: limit.wantedText,
                seen: "")
        case .wire(let limit):
            CheckResult(
                title: limit.title, place: limit.place, status: .failed, wanted: limit.wantedText,
                seen: "")
        }
    }

    fileprivate var start: (ControlOperation, [JSON.Member]) {
        switch self {
        case .outage(let limit): (.outageStart, limit.request)
        case .wire(let limit): (.wireStart, limit.request)
        }
    }

    /// The request that ends what the request of this id began.
    fileprivate func stop(_ id: UInt64) -> (ControlOperation, [JSON.Member]) {
        switch self {
        case .outage: (.outageStop, [.init("outage", JSON(id))])
        case .wire: (.wireStop, [.init("wire", JSON(id))])
        }
    }

    /// Judges what was measured.
    fileprivate func judge(_ answer: JSON, _ result: inout CheckResult) {
        switch self {
        case .outage(let limit):
            let outage = OutageMeasurement(answer)
            result.outage = outage
            result.seen = outage.text
            result.status = outage.isWithin(limit) ? .passed : .failed
        case .wire:
            let wire = WireMeasurement(answer)
            result.wire = wire
            result.seen = wire?.text ?? "no capture"
            result.status = wire?.isWithinLimits == true ? .passed : .failed
        }
    }
}

/// A measurement under way.
struct RunningLimit {
    fileprivate var limit: Limit
    fileprivate var request: UInt64
    /// Why it did not begin.
    fileprivate var failure: String?
}

extension TestRunner {
    /// Begins to measure; returns when all measurements run, or will not.
    mutating func start(_ limits: [Limit]) throws(ControlError) -> [RunningLimit] {
        var running: [RunningLimit] = []
        for limit in limits {
            let (operation, members) = limit.start
            running.append(
                RunningLimit(limit: limit, request: try session.start(operation, members)))
        }
        for index in running.indices {
            let first = try session.message(
                of: running[index].request, until: session.now + LabSession<Client>.patience)
            if case .progress = first { continue }
            if case .failure(let text) = first {
                running[index].failure = text
            } else {
                running[index].failure = "the measurement did not start"
            }
        }
        return running
    }

    mutating func stop(_ running: [RunningLimit]) throws(ControlError) -> [CheckResult] {
        var results: [CheckResult] = []
        for measurement in running {
            let result = try stop(measurement)
            observer(.checkFinished(result))
            results.append(result)
        }
        return results
    }

    private mutating func stop(_ running: RunningLimit) throws(ControlError) -> CheckResult {
        var result = running.limit.result
        if let failure = running.failure {
            result.seen = failure
            return result
        }
        let (operation, members) = running.limit.stop(running.request)
        switch try session.call(operation, members) {
        case .failure(let failure): result.seen = failure.text
        case .success(let answer): running.limit.judge(answer, &result)
        }
        return result
    }
}
