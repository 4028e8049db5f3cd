// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Testing

@Suite("VPN: labels")
struct LabelTests {
    private static let range = Label(16)...Label(18)

    private func owner(_ vrf: String) -> LabelAllocator.Owner {
        .vrf(vrf, .ipv4)
    }

    private func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }

    @Test func labelsAreGivenOutLowestFirstUntilThereAreNone() {
        var labels = LabelAllocator(Self.range)
        let given = ["a", "b", "c", "d"].map { labels.allocate(for: owner($0))?.value }
        #expect(given == [16, 17, 18, nil])
    }

    @Test func aFreedLabelIsNotReusedBeforeItsQuarantineEnds() {
        var labels = LabelAllocator(Self.range)
        for vrf in ["a", "b"] { _ = labels.allocate(for: owner(vrf)) }
        labels.release(Label(16), from: owner("a"), at: at(10))
        #expect(labels.allocate(for: owner("c")) == Label(18))
        #expect(labels.nextExpiry == at(70))
        #expect(labels.expire(at: at(69)).isEmpty)
        #expect(labels.allocate(for: owner("d")) == nil)
        #expect(labels.expire(at: at(70)) == [Label(16)])
        #expect(labels.nextExpiry == nil)
        #expect(labels.allocate(for: owner("d")) == Label(16))
    }

    @Test func theSameOwnerGetsItsLabelBackFromQuarantine() {
        var labels = LabelAllocator(Self.range)
        for vrf in ["a", "b"] { _ = labels.allocate(for: owner(vrf)) }
        labels.release(Label(17), from: owner("b"), at: at(10))
        labels.release(Label(16), from: owner("a"), at: at(11))
        #expect(labels.allocate(for: owner("b")) == Label(17))
        #expect(labels.expire(at: at(100)) == [Label(16)])
    }

    // MARK: In the tables

    private func bench(_ names: [String], labels: ClosedRange<Label> = range) -> RouterBench {
        RouterBench(
            names.enumerated().map { RouterBench.neighbor($0 + 1, 65001, vrf: $1) },
            vrfs: names.enumerated().map { VPNBench.vrf($1, "1:\($0 + 1)") }, labels: labels)
    }

    private func labels(_ bench: RouterBench) -> [String: Int64] {
        let rows = bench.tables.show(.vrfs, at: bench.now)["vrfs"]?.array ?? []
        return Dictionary(
            uniqueKeysWithValues: rows.compactMap { row in
                guard let name = row["name"]?.string, let label = row["label"]?.int else {
                    return nil
                }
                return (name, label)
            })
    }

    @Test func aVRFHasALabelWhileItExportsAndItsEntryOutlivesTheExport() {
        var bench = bench(["a", "b"])
        #expect(labels(bench) == ["a": 16, "b": 17])
        #expect(bench.kernel.labels[Label(16)] == .lookUp(vrf: "a", family: .ipv4))
        bench.link("eth1", isUp: false)
        #expect(labels(bench) == ["b": 17])
        let expiry = bench.now + LabelAllocator.quarantine
        #expect(bench.outputs.contains(.arm(.labelQuarantine, at: expiry)))
        #expect(bench.kernel.labels[Label(16)] == .lookUp(vrf: "a", family: .ipv4))
        bench.now = expiry
        bench.act { tables, now in tables.timer(.labelQuarantine, at: now) }
        #expect(bench.kernel.labels[Label(16)] == nil)
        #expect(bench.kernel.labels[Label(17)] == .lookUp(vrf: "b", family: .ipv4))
    }

    @Test func aShortOutageKeepsTheLabelAndCancelsTheTimer() {
        var bench = bench(["a"])
        bench.link("eth1", isUp: false)
        bench.link("eth1", isUp: true)
        #expect(labels(bench) == ["a": 16])
        #expect(bench.outputs.contains(.cancel(.labelQuarantine)))
    }

    @Test func eachFamilyHasALabelOfItsOwnWhileItExports() {
        let configuration = RouterConfiguration(
            name: "r", routerID: value("10.9.9.9"),
            interfaces: [
                InterfaceConfiguration(name: "eth1", vrf: "a", addresses: [value("10.0.1.1/24")]),
                InterfaceConfiguration(
                    name: "eth2", vrf: "a", addresses: [value("2001:db8:2::1/64")]),
            ], vrfs: [VPNBench.vrf("a", "1:1")])
        var bench = RouterBench(configuration)
        bench.start()
        func shown() -> JSON? { bench.tables.show(.vrfs, at: bench.now)["vrfs"]?[0] }
        #expect(shown()?["label"] == 16)
        #expect(shown()?["label-ipv6"] == 17)
        #expect(
            bench.kernel.labels == [
                Label(16): .lookUp(vrf: "a", family: .ipv4),
                Label(17): .lookUp(vrf: "a", family: .ipv6),
            ])
        #expect(bench.paths("2001:db8:2::/64", "bgp.l3vpn-inet6.0")[0]["vpn-label"] == 17)
        bench.link("eth1", isUp: false)
        #expect(shown()?["label"] == nil)
        #expect(shown()?["label-ipv6"] == 17)
    }

    @Test func aVRFThatFoundNoLabelGetsOneWhenOneIsFreed() {
        var bench = bench(["a", "b"], labels: Label(16)...Label(16))
        #expect(labels(bench) == ["a": 16])
        bench.link("eth1", isUp: false)
        #expect(labels(bench) == [:])
        bench.now = bench.now + LabelAllocator.quarantine
        bench.act { tables, now in tables.timer(.labelQuarantine, at: now) }
        #expect(labels(bench) == ["b": 16])
        #expect(bench.kernel.labels[Label(16)] == .lookUp(vrf: "b", family: .ipv4))
    }
}
