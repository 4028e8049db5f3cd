// SPDX-License-Identifier: Apache-2.0

import Control
import Primitives

/// A client with what the runner needs on top: answers awaited by request, and a count of reports,
/// so that a check can wait for news instead of sleeping.
struct LabSession<Client: LabClient> {
    private var client: Client
    private var watch: UInt64?
    private var pending: [UInt64: [ControlMessage.Content]] = [:]
    /// Reports of any router since the session began.
    private(set) var reports = 0
    /// What they said, since it was last taken.
    private var news: [RouterNews] = []
    /// A lab that never rests must not fill the memory; what comes after is only counted.
    private static var newsMax: Int { 20_000 }

    /// How long a request may take beyond what it is asked to do.
    static var patience: Duration { .seconds(30) }

    init(_ client: Client) { self.client = client }

    var now: Instant { client.now }

    /// Begins to count reports.
    mutating func startWatching() throws(ControlError) {
        watch = try client.start(.watch, [])
    }

    mutating func start(
        _ operation: ControlOperation, _ members: [JSON.Member]
    ) throws(ControlError) -> UInt64 {
        let id = try client.start(operation, members)
        pending[id] = []
        return id
    }

    /// The outcome of a whole request; a failure's text is the error of the Result.
    mutating func call(
        _ operation: ControlOperation, _ members: [JSON.Member]
    ) throws(ControlError) -> Result<JSON, RequestFailure> {
        let id = try start(operation, members)
        return try finish(id)
    }

    /// Waits for the end of a request begun earlier.
    mutating func finish(_ id: UInt64) throws(ControlError) -> Result<JSON, RequestFailure> {
        let deadline = now + Self.patience
        while true {
            switch try message(of: id, until: deadline) {
            case .result(let json): return end(id, .success(json))
            case .failure(let text): return end(id, .failure(RequestFailure(text: text)))
            case .progress, .data: continue
            case nil: return end(id, .failure(RequestFailure(text: "no answer from the lab")))
            }
        }
    }

    /// What the kernel refused so far, as the lab's log has it.
    mutating func problems() throws(ControlError) -> [TestReport.Problem] {
        let id = try start(.logs, [.init("kinds", ["problem"])])
        let deadline = now + Self.patience
        var problems: [TestReport.Problem] = []
        while case .progress(let piece)? = try message(of: id, until: deadline) {
            problems += (piece["entries"]?.array ?? []).map { entry in
                TestReport.Problem(
                    node: entry["node"]?.string ?? "", text: entry["text"]?.string ?? "",
                    seconds: entry["seconds"]?.double ?? 0)
            }
        }
        pending[id] = nil
        return problems
    }

    /// Waits for the first message of a request; nil when the deadline passes.
    mutating func message(
        of id: UInt64, until deadline: Instant
    ) throws(ControlError) -> ControlMessage.Content? {
        while pending[id]?.isEmpty ?? false {
            guard try receive(until: deadline) else { return nil }
        }
        return pending[id]?.removeFirst()
    }

    /// Returns when a report comes that was not counted in `seen`, or at the deadline.
    mutating func waitForReport(after seen: Int, until deadline: Instant) throws(ControlError) {
        while reports == seen, try receive(until: deadline) {}
    }

    /// What routers reported since the last call.
    mutating func takeNews() -> [RouterNews] {
        defer { news = [] }
        return news
    }

    private mutating func end(
        _ id: UInt64, _ outcome: Result<JSON, RequestFailure>
    ) -> Result<JSON, RequestFailure> {
        pending[id] = nil
        return outcome
    }

    /// Takes one message in; false at the deadline.
    private mutating func receive(until deadline: Instant) throws(ControlError) -> Bool {
        guard let message = try client.next(until: deadline) else { return false }
        if message.request == watch {
            reports += 1
            if case .progress(let report) = message.content, news.count < Self.newsMax {
                news.append(RouterNews(report))
            }
        } else {
            pending[message.request]?.append(message.content)
        }
        return true
    }
}

/// Why the lab refused or could not do something.
struct RequestFailure: Error {
    var text: String
}
