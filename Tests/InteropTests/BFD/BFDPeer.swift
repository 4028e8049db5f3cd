// SPDX-License-Identifier: Apache-2.0

import Primitives

/// A BFD daemon that is not ours, at the other end of our session.
struct BFDPeer {
    enum Program: String, CaseIterable, Sendable {
        case frr = "FRR"
        case bird = "BIRD"
    }

    /// What a session is like.
    struct Session: Sendable {
        var isMultihop = false
        /// Of the daemon, and of ours.
        var interval: (theirs: Int, ours: Int) = (100, 100)
        var multiplier: (theirs: Int, ours: Int) = (3, 3)
        /// As BIRD's and as our file names it.
        var authentication: (bird: String, ours: String)?
        var password = "s3cret"
    }

    let lab: TestLab
    private let program: Program
    private let bird: BIRD?
    private let frr: FRR?

    static let node = "theirs"

    init(_ lab: TestLab, _ program: Program, _ session: Session) throws {
        self.lab = lab
        self.program = program
        var values = [
            "neighbor": session.isMultihop ? "10.0.0.1" : "192.0.2.1",
            "interval": "\(session.interval.theirs)", "multiplier": "\(session.multiplier.theirs)",
        ]
        switch program {
        case .bird:
            values["router-id"] = "10.0.0.2"
            values["way"] = session.isMultihop ? "local 10.0.0.2 multihop yes" : "dev \"eth1\""
            values["authentication"] =
                session.authentication.map {
                    "authentication \($0.bird); password \"\(session.password)\" { id 7; };"
                } ?? ""
            bird = try BIRD(
                lab, Self.node, configuration: try Template.fill("bird/bfd.conf", values))
            frr = nil
        case .frr:
            values["way"] =
                session.isMultihop ? "multihop local-address 10.0.0.2" : "interface eth1"
            frr = try FRR.start(
                lab,
                [
                    FRR.Setup(
                        node: Self.node,
                        configuration: try Template.fill("frr/bfd.conf", values),
                        daemons: ["zebra", "bfdd"])
                ])[0]
            bird = nil
        }
    }

    /// `up`, `down` and the like.
    func state() throws -> String {
        if let frr { return try frr.json("show bfd peers json")[0]?["status"]?.string ?? "-" }
        let lines = try bird?.text("show bfd sessions").split(separator: "\n") ?? []
        let line = lines.first { $0.contains("192.0.2.1 ") || $0.contains("10.0.0.1 ") }
        let words = line?.split(separator: " ").map(String.init) ?? []
        return words.count > 2 ? words[2].lowercased() : "-"
    }

    /// It says and hears nothing for a while.
    func freeze() throws { try signal("STOP") }
    func thaw() throws { try signal("CONT") }

    private func signal(_ name: String) throws {
        let file = program == .frr ? "/run/frr/bfdd.pid" : "/run/bird.pid"
        try lab.shell(Self.node, "kill -\(name) $(cat \(file))")
    }
}
