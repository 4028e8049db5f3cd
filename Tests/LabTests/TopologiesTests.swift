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
        /// How many its file has.
        var checks: Int64
        /// A node whose engine is FRR.
        var other: String?
        /// What stands in place of the file's core.
        var core: String?

        var description: String {
            "\(name), \(substrate)" + (other.map { ", FRR on \($0)" } ?? "")
                + (core == nil ? "" : ", over another core")
        }

        private var settings: [String] {
            [other.map { "nodes.\($0).engine=frr" }, core.map { "core=\($0)" }].compactMap(\.self)
        }

        func run() throws -> (outcome: WeftRun.Outcome, report: JSON) {
            let root = URL(filePath: #filePath).deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent()
            let file = root.appending(path: "Topologies/\(name).yaml").path
            let report = try TemporaryFile()
            let outcome = try WeftRun.run(
                ["test", file, "--substrate", substrate, "--json", report.path]
                    + settings.flatMap { ["--set", $0] })
            return (
                outcome, try JSON(parsing: String(contentsOfFile: report.path, encoding: .utf8))
            )
        }
    }

    /// The multihomed lab's core with OSPF in the place of IS-IS.
    private static let overOSPF = """
        {igp: ospf, ospf: {authentication: {type: md5, password: ospf-secret}}, \
        ldp: {password: ldp-secret, synchronization: true, track-igp-metric: true}, \
        bfd: {interval: 100ms, multiplier: 3}}
        """

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
        Lab(name: "multihomed-ipvpn", substrate: "microvm", checks: 29, other: "mars"),
        Lab(name: "multihomed-ipvpn", substrate: "microvm", checks: 29, other: "janus"),
        Lab(name: "multihomed-ipvpn", substrate: "microvm", checks: 29, other: "juno"),
        Lab(name: "multihomed-ipvpn", substrate: "microvm", checks: 29, other: "liber"),
        Lab(
            name: "multihomed-ipvpn", substrate: "microvm", checks: 29, other: "janus",
            core: overOSPF),
        Lab(name: "huawei-l3vpn", substrate: "microvm", checks: 22, other: "pe1"),
    ]

    @Test(arguments: labs)
    private func `every check of a lab passes`(lab: Lab) throws {
        let (outcome, report) = try lab.run()
        #expect(outcome.status == 0, "\(outcome.output)\n\(outcome.complaint)")
        #expect(report["passed"]?.bool == true)
        #expect(report["checks-passed"]?.int == lab.checks)
    }

    /// Its outages are measured here and asserted in virtual time (`StoryTests`): how many
    /// milliseconds a machine of unknown load needs is no test.
    @Test func `every failure of the multihomed core is survived`() throws {
        let lab = Lab(name: "multihomed-core-failures", substrate: "microvm", checks: 396)
        let (outcome, report) = try lab.run()
        let checks = (report["tests"]?.array ?? []).flatMap { $0["checks"]?.array ?? [] }
        #expect(Int64(checks.count) == lab.checks)
        for check in checks where check["status"]?.string != "passed" {
            #expect(
                check["outage"]?["longest-gap-us"]?.int != nil,
                "\(check)\n\(outcome.output)\n\(outcome.complaint)")
        }
    }
}
