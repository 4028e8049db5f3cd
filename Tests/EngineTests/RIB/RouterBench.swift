// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Wire

/// One router's tables with neighbors that the test speaks for.
///
/// Neighbors are named n1, n2 …: nK is 10.0.K.2 on interface ethK, where the router is 10.0.K.1.
/// The router is AS 65000, its identifier 10.9.9.9, and its loopback as well.
struct RouterBench {
    static let localAS = ASNumber(65000)
    private(set) var tables: RoutingTables
    let configuration: RouterConfiguration
    var now = Instant(nanoseconds: 1_000_000_000)
    /// Of the last event.
    private(set) var outputs: [RoutingOutput] = []
    /// Of all events.
    private(set) var kernel = KernelModel()
    /// What each neighbor holds by the messages it got, as received attributes.
    private(set) var held: [NeighborKey: [NLRI: PathAttributes]] = [:]
    private(set) var messages: [(neighbor: String, update: BGPUpdate)] = []
    /// How often a neighbor was told what it held already, or to forget what it did not hold.
    private(set) var idleTalk = 0

    init(_ configuration: RouterConfiguration) {
        self.configuration = configuration
        tables = RoutingTables(configuration)
    }

    /// A router with these neighbors, started, its interfaces up, no session yet.
    init(
        _ neighbors: [NeighborConfiguration], policies: [Policy] = [],
        vrfs: [VRFConfiguration] = [], statics: [StaticRouteConfiguration] = [],
        tunnels: [TunnelConfiguration] = [], labels: ClosedRange<Label> = Label(16)...Label(999),
        interfaces: [InterfaceConfiguration] = [], transports: [TransportConfiguration] = [],
        choice: TransportChoice = TransportChoice(), isDualStack: Bool = false
    ) {
        let loopback = InterfaceConfiguration(
            name: "lo", addresses: [value("10.9.9.9/32")], isLoopback: true)
        let links = neighbors.enumerated().filter {
            !interfaces.map(\.name).contains(Self.link($1))
        }
        .map { _, neighbor in
            InterfaceConfiguration(
                name: Self.link(neighbor), vrf: neighbor.vrf,
                addresses: Self.addresses(neighbor, isDualStack: isDualStack))
        }
        self.init(
            RouterConfiguration(
                name: "r", routerID: value("10.9.9.9"), autonomousSystem: Self.localAS,
                interfaces: [loopback] + interfaces + links, vrfs: vrfs, staticRoutes: statics,
                tunnels: tunnels, transports: transports, transportChoice: choice,
                labelRange: labels, neighbors: neighbors,
                policies: policies + [Self.transit]))
        start()
    }

    /// Decides nothing: BGP routes pass, the router's own do not.
    private static let transit = Policy(name: "transit", terms: [])

    private static func link(_ neighbor: NeighborConfiguration) -> String {
        "eth" + neighbor.name.dropFirst()
    }

    /// Of the link to a neighbor; 10.0.K.1 has 2001:db8:K::1 beside it if both families are wanted.
    private static func addresses(
        _ neighbor: NeighborConfiguration, isDualStack: Bool
    ) -> [InterfaceAddress] {
        let number = neighbor.name.dropFirst()
        let own = neighbor.localAddress
        let both: [InterfaceAddress] = [
            value("10.0.\(number).1/24"), value("2001:db8:\(number)::1/64"),
        ]
        if isDualStack { return both.sorted { a, _ in a.address == own } }
        return [InterfaceAddress(own, length: own.family == .ipv4 ? 24 : 64)]
    }

    /// nK in AS `asNumber`; of our own AS it is internal.
    static func neighbor(
        _ number: Int, _ asNumber: UInt32, vrf: String? = nil,
        families: [BGPFamily] = [.ipv4Unicast], client: Bool = false,
        _ change: (inout NeighborConfiguration) -> Void = { _ in }
    ) -> NeighborConfiguration {
        let isInternal = ASNumber(asNumber) == localAS
        var neighbor = NeighborConfiguration(
            name: "n\(number)", vrf: vrf, address: value("10.0.\(number).2"),
            localAddress: value("10.0.\(number).1"), remoteAS: ASNumber(asNumber),
            localAS: localAS, families: families, isRouteReflectorClient: client,
            importPolicy: isInternal ? [] : ["accept"],
            exportPolicy: isInternal ? [] : [transit.name])
        change(&neighbor)
        return neighbor
    }

    // MARK: Events

    mutating func act(_ body: (inout RoutingTables, Instant) -> [RoutingOutput]) {
        outputs = body(&tables, now)
        messages = []
        for output in outputs {
            switch output {
            case .forwarding(let change): kernel.apply(change)
            case .message(let key, let octets): deliver(octets, to: key)
            default: break
            }
        }
    }

    mutating func start() {
        act { tables, now in tables.start(at: now) }
        for interface in configuration.interfaces where !interface.isLoopback {
            link(interface.name, isUp: true)
        }
    }

    mutating func link(_ name: String, isUp: Bool) {
        act { tables, now in tables.interface(name, isUp: isUp, at: now) }
    }

    /// Brings sessions up; the router ID of nK is 1.1.1.K.
    mutating func up(_ names: String...) {
        for name in names {
            let neighbor = neighbor(name)
            let families = Set(neighbor.families)
            let session = NegotiatedSession(
                families: neighbor.families, isFourOctetAS: true, canRefresh: true,
                routerID: value("1.1.1." + name.dropFirst()),
                receivesPathIDs: neighbor.addPath?.receives == true ? families : [],
                sendsPathIDs: neighbor.addPath?.sendCount ?? 0 > 0 ? families : [])
            held[neighbor.key] = [:]
            act { tables, now in tables.sessionUp(neighbor.key, session, at: now) }
        }
    }

    mutating func down(_ name: String) {
        let key = neighbor(name).key
        held[key] = nil
        act { tables, now in tables.sessionDown(key, at: now) }
    }

    /// Routes from a neighbor; next hop and, of external ones, AS path are what it would send.
    mutating func announce(
        _ name: String, _ prefixes: [String], path: String? = nil, rd: String? = nil,
        label: UInt32? = nil, pathID: UInt32? = nil,
        _ change: (inout PathAttributes) -> Void = { _ in }
    ) {
        let neighbor = neighbor(name)
        let family = family(prefixes, rd, neighbor)
        let ownPath = neighbor.isInternal ? "" : neighbor.remoteAS.description
        var attributes = PathAttributes(
            asPath: value(path ?? ownPath), nextHop: Self.nextHop(neighbor, family),
            localPreference: neighbor.isInternal ? 100 : nil)
        change(&attributes)
        let nextHop = attributes.nextHop ?? neighbor.address
        let linkLocal = attributes.linkLocalNextHop
        attributes.nextHop = nil
        attributes.linkLocalNextHop = nil
        let nlri = prefixes.map { prefix in
            NLRI(
                rd: rd.map { value($0) }, labels: label.map { [Label($0)] } ?? [],
                prefix: value(prefix), pathID: pathID)
        }
        let update = BGPUpdate(
            announced: [
                BGPUpdate.Announcement(
                    family: family, nextHop: nextHop, linkLocalNextHop: linkLocal, nlri: nlri)
            ],
            attributes: attributes)
        act { tables, now in tables.received(update, from: neighbor.key, at: now) }
    }

    mutating func withdraw(
        _ name: String, _ prefixes: [String], rd: String? = nil, pathID: UInt32? = nil
    ) {
        let nlri = prefixes.map {
            NLRI(rd: rd.map { value($0) }, prefix: value($0), pathID: pathID)
        }
        let family = family(prefixes, rd, self.neighbor(name))
        let update = BGPUpdate(
            withdrawn: [BGPUpdate.Withdrawal(family: family, nlri: nlri)])
        let key = neighbor(name).key
        act { tables, now in tables.received(update, from: key, at: now) }
    }

    /// A neighbor's address of the family of a unicast route.
    static func nextHop(_ neighbor: NeighborConfiguration, _ family: BGPFamily) -> IPAddress {
        guard !family.isVPN, neighbor.address.family != family.family else {
            return neighbor.address
        }
        let number = neighbor.name.dropFirst()
        return value(family.family == .ipv4 ? "10.0.\(number).2" : "2001:db8:\(number)::2")
    }

    /// The family that carries some prefixes.
    private func family(
        _ prefixes: [String], _ rd: String?, _ neighbor: NeighborConfiguration
    ) -> BGPFamily {
        let destination = Destination(
            rd: rd.map { value($0) }, prefix: value(prefixes.first ?? "0.0.0.0/0"))
        return destination.family(among: neighbor.families)
    }

    func neighbor(_ name: String) -> NeighborConfiguration {
        guard let neighbor = configuration.neighbors.first(where: { $0.name == name }) else {
            preconditionFailure("no neighbor \(name)")
        }
        return neighbor
    }

    private mutating func deliver(_ octets: [UInt8], to key: NeighborKey) {
        guard let neighbor = configuration.neighbors.first(where: { $0.key == key }),
            case .update(let update)? = try? BGPMessage(
                decoding: octets,
                in: BGPCodecContext(
                    fourOctetAS: true, isInternal: neighbor.isInternal,
                    receivesPathIDs: neighbor.addPath?.sendCount ?? 0 > 0
                        ? Set(neighbor.families) : []))
        else { preconditionFailure("something that is no UPDATE was sent to \(key)") }
        messages.append((neighbor.name, update))
        for withdrawal in update.withdrawn {
            for nlri in withdrawal.nlri {
                if held[key]?.removeValue(forKey: nlri.unlabelled) == nil { idleTalk += 1 }
            }
        }
        for announcement in update.announced {
            for nlri in announcement.nlri {
                let attributes = update.attributes(for: announcement)
                let holds = held[key]?[nlri.unlabelled] != nil
                if holds, held[key]?[nlri.unlabelled] == attributes, nlri.labels.isEmpty {
                    idleTalk += 1
                }
                held[key]?[nlri.unlabelled] = attributes
            }
        }
    }

    // MARK: What is shown

    /// What a neighbor holds for a prefix.
    func held(_ name: String, _ prefix: String, rd: String? = nil) -> PathAttributes? {
        held[neighbor(name).key]?[NLRI(rd: rd.map { value($0) }, prefix: value(prefix))]
    }

    func prefixes(heldBy name: String) -> [String] {
        (held[neighbor(name).key] ?? [:]).keys.sorted().map { nlri in
            (nlri.rd.map { "\($0):" } ?? "") + nlri.prefix.description
        }
    }

    func paths(_ prefix: String, _ table: String = "inet.0") -> [JSON] {
        let answer = tables.show(
            .routes(vrf: nil, prefix: value(prefix), source: nil), at: now)
        let found = answer["tables"]?.array.first { $0["name"]?.string == table }
        return found?["entries"]?[0]?["paths"]?.array ?? []
    }

    func received(_ name: String) -> [JSON] {
        tables.show(.received(neighbor(name).key), at: now)["routes"]?.array ?? []
    }
}
