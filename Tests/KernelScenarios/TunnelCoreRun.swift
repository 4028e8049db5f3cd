// SPDX-License-Identifier: Apache-2.0

import Kernel
import KernelObjects
import KernelWitness
import Primitives

/// A core with one transport made real, looked at, and troubled.
final class TunnelCoreRun {
    private let core: TunnelCore
    private let realiser = Realiser()
    private var tables: [String: ForwardingTables] = [:]
    private var found: [JSON.Member] = []

    /// All transports, each in namespaces of its own.
    static func run() throws -> JSON {
        let cores = [
            ("mpls", TunnelCore(transport: .mpls)),
            ("gre", TunnelCore(transport: .gre)),
            ("mgre", TunnelCore(transport: .mgre, key: 1234)),
            ("gcm", TunnelCore(transport: .mgre, key: 1234, cipher: .aesGCM128)),
            ("cbc", TunnelCore(transport: .gre, key: 1234, cipher: .aesCBC256SHA256)),
            (
                "gcm-tunnel",
                TunnelCore(transport: .gre, mode: .tunnel, cipher: .aesGCM256)
            ),
            (
                "cbc-tunnel",
                TunnelCore(transport: .mgre, key: 1, mode: .tunnel, cipher: .aesCBC128SHA256)
            ),
        ]
        return .object(try cores.map { .init($0, try TunnelCoreRun($1).run()) })
    }

    private init(_ core: TunnelCore) { self.core = core }

    private func run() throws -> JSON {
        _ = try realiser.realise(core.objects)
        for name in TunnelCore.nodes {
            tables[name] = try namespace(name).enter { () throws(SystemError) in
                try ForwardingTables()
            }
            try apply(name, core.changes(of: name))
        }
        note("second-time", JSON(try realiser.realise(core.objects)))
        try lookAtTables()
        try lookAtPackets()
        try lookAtSizes()
        if core.transport == .mgre { try removeEndpoint() }
        if core.transport != .mpls { try replaceTunnel() }
        if core.cipher != nil { try replaceKey() }
        return .object(found)
    }

    private func note(_ name: String, _ value: JSON) { found.append(.init(name, value)) }

    private func namespace(_ name: String) throws -> Namespace {
        guard let namespace = realiser.namespace(name) else { throw WitnessFailure("no \(name)") }
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

    // MARK: What iproute2 sees, and what we read back

    private func lookAtTables() throws {
        let pe = try witness("pe1")
        if core.transport != .mpls {
            note("link", JSON(try pe.ip("link", "show", "dev", core.device)))
            note("addresses", JSON(try pe.addresses("show", "dev", core.device)))
        }
        note("links", JSON(try pe.ip("link").map { $0["ifname"] ?? "?" }))
        note("neighbours", JSON(try pe.ip("neighbour", "show", "nud", "permanent")))
        note("route-4", JSON(try pe.ip("route", "show", "2.2.2.2", "vrf", "red")))
        note("route-6", JSON(try pe.ip("-6", "route", "show", "2001:db8:f::2", "vrf", "red")))
        note("states", .string(try pe.run("ip", "xfrm", "state", "list", "nokeys")))
        note("policies", .string(try pe.run("ip", "xfrm", "policy")))
        var written: Set<Route> = []
        for case .set(let route) in core.changes(of: "pe1") { written.insert(route) }
        let read = try AddressFamily.allCases.flatMap { try tables["pe1"]?.routes($0, .own) ?? [] }
        note("routes-equal", .bool(Set(read) == written && read.count == written.count))
        let endpoints = try tables["pe1"]?.endpoints() ?? []
        note("endpoints-equal", .bool(endpoints == core.endpoint(2).map { [$0] } ?? []))
    }

    // MARK: Packets

    private func lookAtPackets() throws {
        let capture = try namespace("p").enter { () throws(SystemError) in try Capture() }
        note("hops-4", JSON(try traceroute("-4", "1.1.1.1", "2.2.2.2")))
        note("hops-6", JSON(try traceroute("-6", "2001:db8:f::1", "2001:db8:f::2")))
        note("passed", JSON(capture.kinds().sorted()))
    }

    private func traceroute(_ family: String, _ from: String, _ to: String) throws -> [JSON] {
        let text = try witness("ce1").run(
            "traceroute", family, "-n", "-q1", "-w2", "-m5", "-s", from, to)
        return text.split(separator: "\n").dropFirst().compactMap {
            $0.split(separator: " ").dropFirst().first.map { .string(String($0)) }
        }
    }

    /// The largest packet passes, and one octet more is answered with what would have passed.
    private func lookAtSizes() throws {
        let headers =
            [("-4", 28, "1.1.1.1", "2.2.2.2")]
            + [("-6", 48, "2001:db8:f::1", "2001:db8:f::2")]
        note("mtu", JSON(core.customerMTU))
        for (family, header, from, to) in headers {
            let outcomes = try [0, 1].map { surplus in
                let size = String(Int(core.customerMTU) + surplus - header)
                return try witness("ce1").result(of: [
                    "ping", family, "-Mdo", "-c1", "-W2", "-s", size, "-I", from, to,
                ])
            }
            note("largest\(family)", JSON(Int(outcomes[0].status)))
            // "Frag needed and DF set (mtu = 1468)", "Packet too big: mtu=1468"
            let words = outcomes[1].text.split { " =()\n".contains($0) }
            let told = words.firstIndex(of: "mtu").map { String(words[$0 + 1]) }
            note("told\(family)", JSON(told.flatMap { Int($0) }))
        }
    }

    // MARK: Trouble

    private func removeEndpoint() throws {
        let removal = RouteChange.removeNeighbour(
            link: core.device, address: IPAddress(TunnelCore.loopback(2)))
        try apply("pe1", [removal, removal])
        note(
            "neighbours-after", JSON(try witness("pe1").ip("neighbour", "show", "nud", "permanent"))
        )
    }

    /// A tunnel to somewhere else in the place of ours is not touched.
    private func replaceTunnel() throws {
        let pe = try witness("pe1")
        try pe.run("ip", "link", "del", core.device)
        try pe.run(
            "ip", "link", "add", core.device, "type", "gre", "local", "10.255.0.1", "key", "99")
        do { _ = try realiser.realise(core.objects) } catch { note("foreign", JSON(error)) }
        try pe.run("ip", "link", "del", core.device)
        note("remade", JSON(try realiser.realise(core.objects)))
    }

    /// An association that somebody keyed otherwise makes way for ours.
    private func replaceKey() throws {
        let words = "src 10.255.0.1 dst 10.255.0.2 proto esp spi 0x102 reqid 7 mode"
        try witness("pe1").run(
            "ip", "xfrm", "state", "del", "dst", "10.255.0.2", "proto", "esp",
            "spi", "0x102")
        let key = String(repeating: "ab", count: 20)
        let other =
            words.split(separator: " ").map(String.init) + [
                core.mode.rawValue, "aead", "rfc4106(gcm(aes))", "0x" + key, "128",
            ]
        let (status, text) = try witness("pe1").result(of: ["ip", "xfrm", "state", "add"] + other)
        guard status == 0 else { throw WitnessFailure(text) }
        note("rekeyed", JSON(try realiser.realise(core.objects)))
    }
}
