// SPDX-License-Identifier: Apache-2.0

import Foundation
import Kernel
import Primitives
import Testing

/// The labs under Topologies/ on the kernels that carry them, by the program that users run. Their
/// own tests say what must hold; here it is seen to that all of them took place. RootlessTests do
/// the same as an ordinary user.
@Suite(.serialized) struct TopologiesTests {
    private struct Lab: CustomStringConvertible {
        var name: String
        var substrate: String
        /// How many checks its file has.
        var checks: Int64
        var description: String { "\(name) on \(substrate)" }
    }

    private static let labs = [
        Lab(name: "multihomed-ipvpn", substrate: "microvm", checks: 29),
        Lab(name: "l3vpn-over-gre-ipsec", substrate: "microvm", checks: 31),
        Lab(name: "ce-bgp-vrrp", substrate: "host", checks: 13),
        Lab(name: "ce-bgp-vrrp", substrate: "microvm", checks: 13),
        Lab(name: "l3vpn-over-gre", substrate: "microvm", checks: 24),
        Lab(name: "l3vpn-over-mgre", substrate: "microvm", checks: 31),
        Lab(name: "6vpe", substrate: "microvm", checks: 23),
        Lab(name: "rip-pe-ce", substrate: "microvm", checks: 21),
        Lab(name: "huawei-l3vpn", substrate: "microvm", checks: 22),
        Lab(name: "inter-as-a", substrate: "microvm", checks: 8),
        Lab(name: "inter-as-b", substrate: "microvm", checks: 8),
        Lab(name: "inter-as-c", substrate: "microvm", checks: 17),
        Lab(name: "ospf-pe-ce", substrate: "microvm", checks: 32),
    ]

    @Test(arguments: labs)
    private func `every check of a lab passes`(lab: Lab) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let file = root.appending(path: "Topologies/\(lab.name).yaml").path
        let report = try TemporaryFile()
        let outcome = try WeftRun.run([
            "test", file, "--substrate", lab.substrate, "--json", report.path,
        ])
        #expect(outcome.status == 0, "\(outcome.output)\n\(outcome.complaint)")
        let json = try JSON(parsing: String(contentsOfFile: report.path, encoding: .utf8))
        #expect(json["passed"]?.bool == true)
        #expect(json["checks-passed"]?.int == lab.checks)
    }
}
