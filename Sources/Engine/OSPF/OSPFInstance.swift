// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// An OSPF router of one VRF, version 2 (RFC 2328) or 3 (RFC 5340).
///
/// Whatever happens changes interfaces, neighbors and databases; at the end of the event `settle`
/// compares what this router should say with what it has said, computes paths if they may have
/// changed, and floods. Where the versions differ is OSPFDialect.
package struct OSPFInstance: RoutingProtocol, Sendable {
    package let configuration: OSPFConfiguration
    package let id: RoutingProtocolID
    let dialect: OSPFDialect
    /// In the configuration's order, sham links behind.
    var interfaces: [OSPFInterface]
    var databases: [OSPFScope: OSPFDatabase] = [:]
    /// What stands in the databases with our name on it, and is not on its way out.
    var own: Set<OSPFPlace> = []
    /// What is on its way out: of MaxAge, and not yet acknowledged by all.
    var expiring: Set<OSPFPlace> = []
    /// Own LSAs of another life that a neighbor had newer than ours.
    var contested: Set<OSPFPlace> = []
    /// When and how often own LSAs were originated of late.
    var originations: [OSPFPlace: OSPFOrigination] = [:]
    /// Numbers for Link State IDs that mean nothing (RFC 5340 §4.4.3.4).
    var numbers: [OSPFNumbered: UInt32] = [:]
    /// What we want to be known of the topology, of the last origination.
    var topology: [OSPFPlace: OSPFOriginal] = [:]
    /// Active routes of other sources in this VRF.
    var offers: [IPPrefix: OfferedRoute] = [:]
    var schedule: SPFSchedule
    var result = OSPFRoutes()
    /// What the router was given, by prefix.
    var routes: OrderedRoutes
    /// What the last computation saw, by area.
    var seen: [IPv4Address: SeenNetwork<OSPFGraph.Vertex>] = [:]
    /// When what paths are computed from last changed.
    var news = Instant.zero
    /// When the first of the routes that wait has its turn.
    var nextTurn: Instant?
    /// What may have changed and is not yet acted upon.
    var isTopologyDirty = false
    /// We have external LSAs to tell.
    var isBoundary = false
    var isDerivedDirty = false
    var areRoutesDirty = false
    /// When the next LSA has to be looked at for its age.
    var nextAging: Instant?
    /// When the first of the originations that wait may happen.
    var nextOrigination: Instant?
    var jitter: Jitter
    package var generation: UInt64 = 0
    /// How many times shortest paths were computed.
    var runs: UInt64 = 0
    /// MinLSArrival: the shortest pause after which one of us tells an LSA anew.
    var arrivalInterval = Duration.milliseconds(100)
    /// How many instances are listened to within it: two that were told apart may come together.
    var arrivalsMax = 2
    private var isStopped = false

    package init(_ configuration: OSPFConfiguration) {
        self.configuration = configuration
        let version = OSPFVersion(configuration.family)
        id = RoutingProtocolID(version == .v2 ? .ospf : .ospf3, vrf: configuration.vrf)
        dialect = OSPFDialect(version: version, routerID: configuration.routerID)
        let shamLinks = configuration.providerEdge?.shamLinks ?? []
        let ordinary = configuration.interfaces.enumerated().map {
            OSPFInterface($1, number: UInt32($0 + 1))
        }
        interfaces =
            ordinary
            + shamLinks.enumerated().map {
                OSPFInterface($1, number: UInt32(ordinary.count + $0 + 1))
            }
        schedule = SPFSchedule(configuration.throttle)
        routes = OrderedRoutes(configuration.throttle)
        jitter = Jitter(seed: UInt64(configuration.routerID.bits))
    }

    /// How many LSAs are kept; what comes beyond is not acknowledged.
    static let advertisementsMax = 200_000
    /// How many routers are listened to by one interface.
    static let neighborsMax = 256

    var version: OSPFVersion { dialect.version }
    var routerID: IPv4Address { configuration.routerID }

    // MARK: RoutingProtocol

    package mutating func start(_ step: inout ProtocolStep) {
        isTopologyDirty = true
        isDerivedDirty = true
        settle(&step)
    }

    package mutating func interface(
        _ name: String, isUp: Bool, _ step: inout ProtocolStep
    ) {
        guard !isStopped else { return }
        for position in interfaces.indices
        where interfaces[position].sham == nil && interfaces[position].name == name {
            setInterface(position, isUp: isUp, &step)
        }
        settle(&step)
    }

    package mutating func received(_ packet: RoutingPacket, _ step: inout ProtocolStep) {
        guard !isStopped else { return }
        take(packet, &step)
        settle(&step)
    }

    package mutating func timer(_ timer: RoutingTimer, _ step: inout ProtocolStep) {
        guard !isStopped else { return }
        act(on: timer, &step)
        settle(&step)
    }

    package mutating func offered(
        _ prefix: IPPrefix, _ route: OfferedRoute?, _ step: inout ProtocolStep
    ) {
        guard !isStopped, offers[prefix] != route else { return }
        offers[prefix] = route
        isDerivedDirty = true
        for position in interfaces.indices {
            // A sham link is as good as the VPN's route to its other end (RFC 4577 §4.2.7.1).
            guard let sham = interfaces[position].sham, prefix == IPPrefix(host: sham.remote)
            else { continue }
            setInterface(position, isUp: route?.isFromVPN == true, &step)
        }
        settle(&step)
    }

    package mutating func bfd(_ key: BFDKey, isUp: Bool, _ step: inout ProtocolStep) {
        guard !isStopped else { return }
        for position in interfaces.indices {
            for neighbor in interfaces[position].neighborsInOrder where neighbor.watch == key {
                let peer = OSPFPeer(position: position, router: neighbor.routerID)
                if isUp { findReach(peer, &step) } else { loseReach(peer, &step) }
            }
        }
        settle(&step)
    }

    package mutating func synchronised(
        _ interface: String, _ isSynchronised: Bool, _ step: inout ProtocolStep
    ) {
        guard !isStopped else { return }
        for position in interfaces.indices where interfaces[position].name == interface {
            interfaces[position].isSynchronised = isSynchronised
            isTopologyDirty = true
            generation += 1
        }
        settle(&step)
    }

    /// Takes back what it has said, and tells neighbors that it no longer hears them.
    package mutating func shutDown(_ step: inout ProtocolStep) {
        guard !isStopped else { return }
        for place in own.sorted() { expire(place, &step) }
        sendFlooding(&step)
        for position in interfaces.indices where interfaces[position].isActive {
            sendHello(position, isFarewell: true, &step)
            for neighbor in interfaces[position].neighborsInOrder {
                unwatch(neighbor.routerID, position, &step)
            }
        }
        isStopped = true
        generation += 1
    }

    package var contribution: [ProtocolOutput] {
        routes.inOrder.map { .setRoute($0) }
    }

    package var isAtRest: Bool {
        schedule.due == nil && nextTurn == nil && nextOrigination == nil
    }

    // MARK: Areas

    func area(_ id: IPv4Address) -> OSPFAreaConfiguration {
        configuration.areas.first { $0.id == id } ?? OSPFAreaConfiguration(id: id)
    }

    /// Areas with an interface that is up, in order.
    var activeAreas: [IPv4Address] {
        Set(interfaces.filter { $0.state != .down }.map(\.area)).sorted()
    }

    /// Attached to several areas.
    var isAreaBorder: Bool { activeAreas.count > 1 }

    static let backbone = IPv4Address(bits: 0)

    /// Whether external LSAs are flooded in an area.
    func takesExternals(_ id: IPv4Address) -> Bool { area(id).kind == .normal }

    /// What the Options field says of us on an area's links.
    func options(_ area: IPv4Address) -> OSPFOptions {
        let external: OSPFOptions = takesExternals(area) ? .external : []
        return version == .v2 ? external : external.union([.v6, .router])
    }

    /// The scopes whose LSAs pass by an interface.
    func scopes(of position: Int) -> [OSPFScope] {
        let area = interfaces[position].area
        let link: [OSPFScope] =
            version == .v3 && interfaces[position].sham == nil ? [.link(position)] : []
        return (takesExternals(area) ? [.autonomousSystem] : []) + [.area(area)] + link
    }

    /// Where an LSA belongs that came by an interface, or is to go by it; none where it must not.
    func place(of key: OSPFLSAKey, _ position: Int) -> OSPFPlace? {
        let area = interfaces[position].area
        switch dialect.scope(of: key.type) {
        case .link:
            return interfaces[position].sham == nil
                ? OSPFPlace(scope: .link(position), key: key) : nil
        case .area: return OSPFPlace(scope: .area(area), key: key)
        case .autonomousSystem:
            return takesExternals(area) ? OSPFPlace(scope: .autonomousSystem, key: key) : nil
        case nil: return nil
        }
    }

    func entry(_ place: OSPFPlace) -> OSPFEntry? { databases[place.scope]?[place.key] }

    func report(
        _ position: Int, _ neighbor: IPv4Address, _ state: String, _ reason: String?,
        _ step: inout ProtocolStep
    ) {
        step.emit(
            .report(
                .adjacency(
                    id, interface: interfaces[position].name, neighbor: neighbor.description,
                    state: state, reason: reason)))
    }
}
