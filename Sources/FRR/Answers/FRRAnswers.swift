// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives

/// What a node with FRR answers to `Query`, in the shapes of our own router: FRR's own words,
/// translated. What FRR is not asked for is refused by name.
struct FRRAnswers {
    let router: RouterConfiguration
    /// What a daemon prints for a command.
    let ask: (FRRDaemon, String) throws(FRRError) -> String

    init(
        _ router: RouterConfiguration,
        ask: @escaping (FRRDaemon, String) throws(FRRError) -> String =
            { daemon, command throws(FRRError) in try Vty.ask(daemon, [command]) }
    ) {
        self.router = router
        self.ask = ask
    }

    func answer(_ query: Query) throws(FRRError) -> JSON {
        switch query {
        case .interfaces: return try interfaces()
        // Nothing is known of what is under way: who waits for rest waits until its time is up.
        case .counters: return ["generation": 0, "sessions": []]
        case .neighbors: return try neighbors()
        case .routes(let vrf, let prefix, let source): return try routes(vrf, prefix, source)
        case .received(let key): return try received(key)
        case .advertised(let key): return try advertised(key)
        case .routing(.isis): return try isis()
        case .routing(.ospf): return try ospf()
        case .routing(.ldp): return try ldp()
        case .routing(.bfd): return try bfd()
        case .vrrp: return ["groups": []]
        case .transports: return ["transports": []]
        case .routing: return ["instances": []]
        case .vrfs, .mpls, .lookUp: throw FRRError("a node with FRR does not answer this")
        }
    }

    /// What a daemon answers in JSON.
    func json(_ daemon: FRRDaemon, _ command: String) throws(FRRError) -> JSON {
        let text = try ask(daemon, command)
        do throws(JSON.ParseError) { return try JSON(parsing: text) } catch {
            throw FRRError("\(daemon.rawValue) answers '\(command)' with no JSON: \(error)")
        }
    }

    // MARK: Interfaces

    private func interfaces() throws(FRRError) -> JSON {
        let seen = try json(.zebra, "show interface vrf all json")
        let rows = router.interfaces.map { interface -> JSON in
            let state = seen[interface.name]
            let isUp = [state?["administrativeStatus"], state?["operationalStatus"]]
                .allSatisfy { $0?.string == "up" }
            let row: JSON = [
                "name": .string(interface.name), "vrf": JSON(interface.vrf),
                "up": JSON(isUp || interface.isLoopback),
                "addresses": JSON(interface.addresses.map { "\($0)" }),
            ]
            return row.compact
        }
        return ["interfaces": JSON(rows)]
    }
}
