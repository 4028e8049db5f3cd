// SPDX-License-Identifier: Apache-2.0

import Kernel
import KernelObjects
import KernelWitness
import Primitives

/// The provider's core made real, looked at, and taken apart again.
final class ProviderCoreRun {
    private let realiser = Realiser()
    private var tables: [String: ForwardingTables] = [:]
    private var found: [JSON.Member] = []

    static func run() throws -> JSON { try ProviderCoreRun().run() }

    private func run() throws -> JSON {
        note("features", JSON(KernelFeatures.probe().present.sorted().map(\.rawValue)))
        _ = try realiser.realise(ProviderCore.objects)
        note("second-time", JSON(try realiser.realise(ProviderCore.objects)))
        for name in ProviderCore.nodes {
            tables[name] = try namespace(name).enter { () throws(SystemError) in
                try ForwardingTables()
            }
            try apply(name, ProviderCore.changes(of: name))
        }
        try lookAtObjects()
        try lookAtRoutes()
        try lookAtPackets()
        try shareNextHops()
        try withoutFilter()
        try afterRemoval()
        return .object(found)
    }

    private func note(_ name: String, _ value: JSON) { found.append(.init(name, value)) }

    private func namespace(_ name: String) throws -> Namespace {
        guard let namespace = realiser.namespace(name) else {
            throw WitnessFailure("no \(name)")
        }
        return namespace
    }

    private func witness(_ name: String) throws -> Witness {
        Witness(namespace: try namespace(name))
    }

    private func apply(_ name: String, _ changes: [RouteChange]) throws {
        for (change, error) in try tables[name]?.apply(changes) ?? [] {
            throw WitnessFailure("\(name): \(change): \(error)")
        }
    }

    // MARK: What iproute2 sees

    private func lookAtObjects() throws {
        note("vlan", JSON(try witness("pe2").ip("link", "show", "dev", "ce2.105")))
        note("vrf", JSON(try witness("pe2").ip("link", "show", "dev", "red")))
        note("pop", JSON(try witness("pe2").ip("link", "show", "dev", "pop")))
        note("rules", JSON(try witness("pe2").ip("rule")))
        note("rules-6", JSON(try witness("pe2").ip("-6", "rule")))
    }

    private func lookAtRoutes() throws {
        note("vpn", JSON(try witness("pe1").ip("route", "show", "2.2.2.2", "vrf", "red")))
        for name in ["p", "pe2"] {
            note("mpls-\(name)", JSON(try witness(name).ip("-f", "mpls", "route")))
        }
        for name in ProviderCore.nodes {
            var written: Set<Route> = []
            for case .set(let route) in ProviderCore.changes(of: name) { written.insert(route) }
            let read = try tables[name]?.routes(.ipv4, .own) ?? []
            note("routes-equal-\(name)", .bool(Set(read) == written))
        }
        let labels = try tables["p"]?.labels(.own) ?? []
        note("labels-p", JSON(labels.map { "\($0.0) \($0.1.map(\.labels))" }.sorted()))
    }

    // MARK: Packets

    private func traceroute() throws -> [JSON] {
        let text = try witness("ce1").run(
            "traceroute", "-n", "-q1", "-w2", "-m5", "-s", "1.1.1.1", "2.2.2.2")
        return text.split(separator: "\n").dropFirst().compactMap {
            $0.split(separator: " ").dropFirst().first.map { .string(String($0)) }
        }
    }

    private func lookAtPackets() throws {
        let capture = try namespace("p").enter { () throws(SystemError) in try Capture() }
        try witness("ce1").run("ping", "-c2", "-i0.2", "-W5", "-I", "1.1.1.1", "2.2.2.2")
        note("stacks", JSON(Set(capture.stacks()).sorted()))
        note("traceroute", JSON(try traceroute()))
        let filters = try witness("pe2").run(
            "tc", "-s", "-j", "filter", "show", "dev", "p", "ingress")
        note("filters", try JSON(parsing: filters))
        try witness("ce1").run("ping", "-c1", "-W5", "-I", "1.1.1.1", "10.9.0.2")
    }

    private func shareNextHops() throws {
        guard let pe = tables["pe1"], let p = tables["p"] else { throw WitnessFailure("no tables") }
        var run = GroupRun(
            pe: (pe, try witness("pe1")), p: (p, try witness("p")), ce: try witness("ce1"))
        try run.run()
        found += run.found
        try apply("pe1", ProviderCore.changes(of: "pe1"))
    }

    /// The label's route alone also delivers, but as if from here: no hop is seen. Changing what a
    /// label does takes its filter off.
    private func withoutFilter() throws {
        let hop = RouteNextHop(via: nil, link: "red")
        try apply("pe2", [.setLabel(LabelRoute(label: Label(502), action: .forward([hop])))])
        note("filters-after-change", JSON(try labelFilters("pe2")))
        note("traceroute-without-filter", JSON(try traceroute()))
    }

    private func labelFilters(_ name: String) throws -> [JSON] {
        let text = try witness(name).run("tc", "-j", "filter", "show", "dev", "p", "ingress")
        return try JSON(parsing: text).array.compactMap { $0["options", "keys", "mpls_label"] }
    }

    /// A foreign filter of another kind outlives ours, and so does its hook.
    private func afterRemoval() throws {
        try witness("pe2").run(
            "tc", "filter", "add", "dev", "p", "ingress", "protocol", "mpls_uc", "prio", "5",
            "flower", "mpls_label", "999", "action", "mpls", "pop", "protocol", "ip")
        try apply("pe2", [ProviderCore.changes(of: "pe2")[3]])
        note("filters-again", JSON(try labelFilters("pe2")))
        try apply("pe2", [.removeLabel(Label(502)), .removeLabel(Label(502))])
        note("filters-after-removal", JSON(try labelFilters("pe2")))
        note("mpls-after-removal", JSON(try witness("pe2").ip("-f", "mpls", "route")))
        // What a router finds that was killed and started again: it knows of no filter.
        try apply("pe2", [ProviderCore.changes(of: "pe2")[3]])
        let heir = try namespace("pe2").enter { () throws(SystemError) in try ForwardingTables() }
        try heir.removeFilters(on: ["p", "ce2.105", "nowhere"])
        note("filters-after-restart", JSON(try labelFilters("pe2")))
        let failures = try heir.apply([ProviderCore.changes(of: "pe2")[3]])
        note("failures-after-restart", JSON(failures.map(\.1)))
    }
}
