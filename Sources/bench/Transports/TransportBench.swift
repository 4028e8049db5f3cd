// SPDX-License-Identifier: Apache-2.0

import Kernel
import Primitives

/// How much a VPN carries over each transport, beside the same kernel objects made by hand.
enum TransportBench {
    static let bench = Bench(
        name: "transports",
        explanation: """
            one VPN between two customers over pe1, p and pe2, in one microVM: megabits a second
            of a TCP stream and packets a second of 64-byte UDP, over each transport. Beside it
            the same objects made with iproute2 in the same machine; the ratio should be 1. What
            is compared is what the kernel does with what we made: nothing of ours touches a
            packet.
            """,
        run: { try TransportWay.allCases.flatMap(run) })

    /// Rounds alternate, so that a busy moment of the machine hits both.
    private static let rounds = 3

    private static func run(_ way: TransportWay) throws -> [Figure] {
        let lab = try TransportLab(way)
        defer { lab.end() }
        var (stream, packets) = (Comparison(), Comparison())
        for _ in 0..<rounds {
            let (ours, byHand) = (try lab.measureOurs(), try lab.measureHandmade())
            stream.add(ours.megabits, byHand.megabits)
            packets.add(ours.packets, byHand.packets)
        }
        return [
            stream.figure("\(way.rawValue), TCP", unit: "Mbit/s"),
            packets.figure("\(way.rawValue), 64-byte UDP", unit: "packets/s"),
        ]
    }

    private struct Comparison {
        private var ours: Samples = []
        private var byHand: Samples = []

        mutating func add(_ ours: Double, _ byHand: Double) {
            self.ours.add(ours)
            self.byHand.add(byHand)
        }

        func figure(_ name: String, unit: String) -> Figure {
            Figure(name: name, unit: unit, ours: ours, baselines: [("iproute2", byHand)])
        }
    }
}
