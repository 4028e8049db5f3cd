// SPDX-License-Identifier: Apache-2.0

import Kernel
import Primitives

/// A running lab ce1–pe1–p–pe2–ce2. The same network made by hand comes and goes inside its node p,
/// so that both are measured in one machine.
struct TransportLab {
    struct Measurement {
        /// A second, of a TCP stream.
        var megabits: Double
        /// A second, of UDP that arrived.
        var packets: Double
    }

    private let lab: BenchedLab
    private let way: TransportWay

    /// Builds the lab and waits until a packet passes.
    init(_ way: TransportWay) throws {
        self.way = way
        lab = try BenchedLab("bench-transports", way.topology)
        do {
            try lab.exec("ce2", "iperf3 -s -D")
            try lab.exec("ce1", HandmadeNetwork.waiting)
        } catch {
            lab.end()
            throw error
        }
    }

    func end() { lab.end() }

    func measureOurs() throws -> Measurement {
        try measurement { try lab.exec("ce1", $0) }
    }

    func measureHandmade() throws -> Measurement {
        let network = HandmadeNetwork(way)
        return try measurement {
            try lab.exec("p", "unshare --mount sh -ec '\(network.script)\n\(network.inCE1($0))'")
        }
    }

    private func measurement(_ client: (String) throws -> String) throws -> Measurement {
        let stream = try JSON(parsing: try client("iperf3 -c \(HandmadeNetwork.target) -t 2 -J"))
        let flood = try JSON(
            parsing: try client("iperf3 -c \(HandmadeNetwork.target) -u -b 0 -l 64 -t 2 -J"))
        let bits = stream["end"]?["sum_received"]?["bits_per_second"]?.double ?? 0
        let sum = flood["end"]?["sum"]
        let arrived = (sum?["packets"]?.double ?? 0) - (sum?["lost_packets"]?.double ?? 0)
        return Measurement(
            megabits: bits / 1e6, packets: arrived / (sum?["seconds"]?.double ?? 1))
    }
}
