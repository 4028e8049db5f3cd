// SPDX-License-Identifier: Apache-2.0

import Kernel
import Primitives
import Runtime
import Wire

enum WireScenarios {
    /// Two nodes and a cable, across which the left one pings.
    static func limits() throws -> JSON { try limits(device: "eth0") }

    /// The same with a VLAN on the cable, which is captured below it.
    static func limitsBelowVLAN() throws -> JSON { try limits(device: "eth0.105") }

    private static func limits(device: String) throws -> JSON {
        let left = try Node("left")
        let right = try Node("right")
        try Node.connect((left, "eth0"), (right, "eth0"))
        for (node, host) in [(left, 1), (right, 2)] {
            try node.ip("link set eth0 up")
            if device != "eth0" {
                try node.ip("link add link eth0 name \(device) type vlan id 105")
                try node.ip("link set \(device) up")
            }
            try node.ip("address add 10.1.0.\(host)/24 dev \(device)")
            try node.ip("address add fd01::\(host)/64 dev \(device) nodad")
        }
        let never = ["10.1.0.0/24"].compactMap { IPPrefix($0) }
        return [
            "holds": try capture(left, WireJudge(only: [.icmp], some: [.icmp])) {
                try ping(left, "10.1.0.2")
                try ping(left, "fd01::2")
            },
            "offends": try capture(left, WireJudge(only: [.esp], some: [.esp])) {
                try ping(left, "10.1.0.2")
            },
            "never": try capture(left, WireJudge(never: never)) {
                try ping(left, "fd01::2")
                try ping(left, "10.1.0.2")
            },
            "cut": try capture(left, WireJudge(some: [.icmp])) {
                try right.ip("link set eth0 down")
                try right.ip("link set eth0 up")
                try left.ip("link set eth0 down")
                try left.ip("link set eth0 up")
                try ping(left, "10.1.0.2")
            },
        ]
    }

    /// Captures the cable while something happens.
    static func capture(
        _ left: Node, _ judge: WireJudge, _ body: () throws -> Void
    ) throws -> JSON {
        let end = WireEnd(device: "eth0", node: "left", peer: "right")
        let probe = try ProbeHandle(left, .wire(end, judge))
        guard try probe.progress()["started"] == true else { throw Failure("not started") }
        try body()
        return try probe.stop()
    }

    /// Three echo requests.
    /// - Parameter answers: how many must be answered.
    static func ping(_ node: Node, _ to: String, answers: Int = 3) throws {
        let path = ProbePath(destination: try address(to))
        let answer = try ProbeHandle(
            node, .ping(path, count: 3, interval: .milliseconds(5), timeout: .milliseconds(500))
        ).result()
        guard answer["received"] == JSON(answers) else { throw Failure("\(to): \(answer.text)") }
    }
}
