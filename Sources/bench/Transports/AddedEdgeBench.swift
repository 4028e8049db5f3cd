// SPDX-License-Identifier: Apache-2.0

import Control
import Kernel
import Primitives

/// How long it takes until a PE that joins an mGRE core can be reached.
enum AddedEdgeBench {
    private static let sizes = [2, 200]
    private static let rounds = 3
    private static let patience = Duration.seconds(120)

    static let bench = Bench(
        name: "added-edge",
        explanation: """
            milliseconds from the start of the last PE's router, in a multipoint GRE core of so many
            PEs, until pe1 has the tunnel endpoint and the route: session to the reflector, routes
            there and back, one neighbour entry and one route in the kernel. In the microVM.
            """,
        run: { try sizes.map(run) })

    private static func run(_ size: Int) throws -> Figure {
        let lab = try BenchedLab("bench-added-edge", topology(size))
        defer { lab.end() }
        let connection = try LabDirectory(lab: lab.name).connect()
        let watch = try connection.start(.watch, [])
        try wait(size, connection, watch, isPresent: true)
        var samples: Samples = []
        for _ in 0..<rounds {
            _ = try event("stop", size, connection)
            try wait(size, connection, watch, isPresent: false)
            let began = MonotonicClock.now
            _ = try event("start", size, connection)
            try wait(size, connection, watch, isPresent: true)
            samples.add((MonotonicClock.now - began).seconds * 1000)
        }
        return Figure(name: "PE number \(size)", unit: "ms", ours: samples)
    }

    private static func event(
        _ name: String, _ number: Int, _ connection: ControlConnection
    ) throws -> JSON {
        try connection.call(
            .event,
            [.init("event", .string(name)), .init("node", .string("pe\(number)"))])
    }

    /// Waits, woken by pe1's reports, until its endpoints have the last PE or have it no more.
    private static func wait(
        _ number: Int, _ connection: ControlConnection, _ watch: UInt64, isPresent: Bool
    ) throws {
        let deadline = MonotonicClock.now + patience
        while try endpoints(connection).contains(loopback(number)) != isPresent {
            guard try connection.next(of: watch, until: deadline) != nil else {
                throw Failure("pe1 saw nothing of pe\(number) within \(patience)")
            }
        }
    }

    private static func endpoints(_ connection: ControlConnection) throws -> [String] {
        let answer = try connection.call(
            .show, [.init("node", "pe1"), .init("query", "transports")])
        return answer["transports"]?[0]?["endpoints"]?.array.compactMap { $0["overlay"]?.string }
            ?? []
    }

    private static func loopback(_ number: Int) -> String { "10.0.0.\(number)" }

    /// All PEs around one P router, and a reflector for them. pe1 has the routes of all, the others
    /// only its, so that the kernel's tables stay small.
    private static func topology(_ size: Int) -> String {
        let links = (1...size).map { "  - {endpoints: [pe\($0), p]}" }
        return """
            core: {mode: ip}
            transports: {cloud: {encapsulation: mgre, key: 1234}}
            bgp-groups:
              edge: {families: [vpnv4], route-reflector-client: true}
              reflector: {families: [vpnv4]}
            nodes:
              p: {role: p, loopback: 10.255.0.1}
            \((1...size).map(edge).joined(separator: "\n"))
            \(reflector(size))
            links:
              - {endpoints: [rr, p]}
            \(links.joined(separator: "\n"))
            """
    }

    private static func edge(_ number: Int) -> String {
        let targets =
            number == 1
            ? "import-target: \"1:1\", export-target: \"1:2\""
            : "import-target: \"1:2\", export-target: \"1:1\""
        return """
              pe\(number):
                role: pe
                loopback: \(loopback(number))
                bgp: {as: 1, neighbors: {rr: reflector}}
                vrfs: {red: {rd: "1:\(number)", \(targets), loopback: 10.1.0.\(number)}}
            """
    }

    private static func reflector(_ size: Int) -> String {
        let clients = (1...size).map { "        pe\($0): edge" }
        return """
              rr:
                role: rr
                loopback: 10.255.0.2
                bgp:
                  as: 1
                  neighbors:
            \(clients.joined(separator: "\n"))
            """
    }
}
