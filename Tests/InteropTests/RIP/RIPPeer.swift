// SPDX-License-Identifier: Apache-2.0

import Primitives

/// A RIP daemon that is not ours, at the other end of our link.
struct RIPPeer {
    enum Program: String, CaseIterable, Sendable {
        case frr = "FRR"
        case bird = "BIRD"
    }

    /// How packets are signed, as each names it.
    struct Proof: CustomStringConvertible, Sendable {
        let program: Program
        let ours: String
        let theirs: String
        var description: String { "\(program.rawValue), \(ours)" }

        static let all = [
            Proof(
                program: .frr, ours: "clear",
                theirs: " ip rip authentication mode text\n ip rip authentication key-chain weft"),
            Proof(
                program: .frr, ours: "md5",
                theirs: " ip rip authentication mode md5 auth-length old-ripd\n"
                    + " ip rip authentication key-chain weft"),
            Proof(program: .bird, ours: "clear", theirs: "plaintext"),
            Proof(program: .bird, ours: "md5", theirs: "keyed md5"),
            Proof(program: .bird, ours: "hmac-sha-1", theirs: "hmac sha1"),
            Proof(program: .bird, ours: "hmac-sha-256", theirs: "hmac sha256"),
        ]
    }

    static let node = "theirs"
    static let routes = ["10.77.0.0/16", "2001:db8:77::/48"]

    private let frr: FRR?
    private let bird: BIRD?

    init(_ lab: TestLab, _ program: Program, _ proof: Proof?, password: String = "s3cret") throws {
        var values = ["route": Self.routes[0], "route6": Self.routes[1]]
        switch program {
        case .frr:
            values["authentication"] = proof?.theirs ?? "!"
            values["password"] = password
            let setup = FRR.Setup(
                node: Self.node, configuration: try Template.fill("frr/rip.conf", values),
                daemons: ["zebra", "staticd", "ripd", "ripngd"])
            (frr, bird) = (try FRR.start(lab, [setup])[0], nil)
        case .bird:
            values["router-id"] = "10.0.0.2"
            values["authentication"] = proof.map { Self.bird($0, password) } ?? ""
            bird = try BIRD(
                lab, Self.node, configuration: try Template.fill("bird/rip.conf", values))
            frr = nil
        }
    }

    private static func bird(_ proof: Proof, _ password: String) -> String {
        proof.theirs == "plaintext"
            ? "authentication plaintext; password \"\(password)\";"
            : "authentication cryptographic; password \"\(password)\" "
                + "{ id 7; algorithm \(proof.theirs); };"
    }

    /// The metric of its route to a prefix; nil without one.
    func metric(_ prefix: String) throws -> Int64? {
        let isIPv6 = prefix.contains(":")
        if let frr {
            let family = isIPv6 ? "ipv6" : "ip"
            let table = try frr.json("show \(family) route \(isIPv6 ? "ripng" : "rip") json")
            return table[prefix]?[0]?["metric"]?.int
        }
        let text = try bird?.text("show route protocol rip\(isIPv6 ? 6 : 4)") ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix(prefix + " ") }
        return line?.firstMatch(of: /\(120\/([0-9]+)\)/).flatMap { Int64($0.1) }
    }
}
