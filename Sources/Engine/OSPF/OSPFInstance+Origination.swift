// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// What we want an LSA of ours to say.
struct OSPFOriginal: Hashable, Sendable {
    var contents: OSPFLSAContents
    /// Of version 2's header.
    var options: OSPFOptions
}

/// How often an own LSA has changed of late.
struct OSPFOrigination: Hashable, Sendable {
    var last: Instant
    /// How long the next one has to wait.
    var interval: Duration
}

/// LSAs of version 3 whose Link State ID is only a number.
enum OSPFNumbered: Hashable, Sendable {
    case summary(IPv4Address, IPPrefix)
    case external(IPPrefix)
}

/// Keeping what we have said like what we want to say (RFC 2328 §12.4).
extension OSPFInstance {
    /// Brings own LSAs, paths and routes up to date, and sends what there is to flood. Ends every
    /// event.
    mutating func settle(_ step: inout ProtocolStep) {
        // Own LSAs change paths, paths change summaries, and being an AS boundary router changes
        // the router LSA: two rounds, and one in reserve.
        for _ in 0..<4 {
            removeExpired(at: step.now)
            guard isTopologyDirty || areRoutesDirty || isDerivedDirty else { break }
            if isTopologyDirty {
                isTopologyDirty = false
                originateTopology(&step)
                areRoutesDirty = true
            }
            if areRoutesDirty {
                areRoutesDirty = false
                scheduleShortestPaths(&step)
            }
            if isDerivedDirty {
                isDerivedDirty = false
                originateDerived(&step)
            }
        }
        settleTurns(&step)
        sendFlooding(&step)
    }

    private mutating func scheduleShortestPaths(_ step: inout ProtocolStep) {
        let isDue = schedule.due != nil
        let moment = schedule.trigger(at: step.now)
        if moment <= step.now {
            runShortestPaths(&step)
        } else if !isDue {
            step.emit(.arm(RoutingTimer("spf"), at: moment))
        }
    }

    private mutating func originateTopology(_ step: inout ProtocolStep) {
        let wanted = wantedTopology()
        if wanted != topology { news = step.now }
        topology = wanted
        reconcile(topology, &step) { Self.topologyTypes.contains($0) }
    }

    private mutating func originateDerived(_ step: inout ProtocolStep) {
        let wasBoundary = isBoundary
        let wanted = wantedDerived()
        isBoundary = wanted.keys.contains { $0.key.type == .external }
        if isBoundary != wasBoundary { isTopologyDirty = true }
        reconcile(wanted, &step) { !Self.topologyTypes.contains($0) }
    }

    static let topologyTypes: Set<OSPFLSAType> = [.router, .network, .link, .intraAreaPrefix]

    private mutating func reconcile(
        _ wanted: [OSPFPlace: OSPFOriginal], _ step: inout ProtocolStep,
        types: (OSPFLSAType) -> Bool
    ) {
        for place in own.sorted() where types(place.key.type) && wanted[place] == nil {
            expire(place, &step)
        }
        for place in wanted.keys.sorted() {
            if let original = wanted[place] { originate(place, original, &step) }
        }
    }

    /// Says it, unless that is what we have said, or said a moment ago.
    private mutating func originate(
        _ place: OSPFPlace, _ original: OSPFOriginal, _ step: inout ProtocolStep
    ) {
        let entry = entry(place)
        if let entry, !entry.isMaxAge(at: step.now), !contested.contains(place),
            entry.contents == original.contents, entry.lsa.header.options == original.options,
            entry.age(at: step.now) < Self.refreshAge
        {
            return
        }
        if let entry, entry.lsa.header.sequence == OSPFLSAHeader.maximumSequence {
            // The numbers have run out: it has to be gone everywhere first (§12.1.6).
            return expire(place, &step)
        }
        let before = originations[place]
        if let before, step.now < before.last + before.interval {
            return wait(until: before.last + before.interval, &step)
        }
        let sequence = entry.map { $0.lsa.header.sequence + 1 } ?? OSPFLSAHeader.initialSequence
        guard
            let lsa = try? OSPFLSA(
                place.key, original.contents, version: version, options: original.options,
                sequence: sequence)
        else { return }
        originations[place] = Self.next(after: before, at: step.now)
        contested.remove(place)
        let fresh = OSPFEntry(lsa, version, at: step.now)
        install(fresh, place, &step)
        flood(fresh, place, from: nil, &step)
    }

    /// The pause after an origination. RFC 2328 §B always waits MinLSInterval, 5 s, which makes the
    /// second failure in a row one of seconds; here the pause is short, doubles a few times in a
    /// storm, and is short again after that interval without a change. Neighbors come up in such a
    /// storm, and what fails right after is not to wait for long.
    private static func next(
        after before: OSPFOrigination?, at now: Instant
    ) -> OSPFOrigination {
        let (least, most) = (Duration.milliseconds(100), Duration.milliseconds(400))
        guard let before, now - before.last < minimumInterval else {
            return OSPFOrigination(last: now, interval: least)
        }
        let isStorm = now - before.last < before.interval * 2
        return OSPFOrigination(
            last: now, interval: isStorm ? min(before.interval * 2, most) : before.interval)
    }

    /// MinLSInterval.
    private static let minimumInterval = Duration.seconds(5)

    private mutating func wait(until moment: Instant, _ step: inout ProtocolStep) {
        guard nextOrigination.map({ moment < $0 }) ?? true else { return }
        nextOrigination = moment
        step.emit(.arm(RoutingTimer("origination"), at: moment))
    }

    /// Takes an LSA out of all databases: premature aging, or its end (§14).
    mutating func expire(_ place: OSPFPlace, _ step: inout ProtocolStep) {
        guard let entry = entry(place), !expiring.contains(place) else { return }
        var lsa = entry.lsa
        lsa.header.age = OSPFLSAHeader.maximumAge
        let last = OSPFEntry(lsa, version, at: step.now)
        contested.remove(place)
        install(last, place, &step)
        flood(last, place, from: nil, &step)
    }

    // MARK: The topology

    /// The router, network, link and intra-area prefix LSAs that we want to be known.
    private func wantedTopology() -> [OSPFPlace: OSPFOriginal] {
        var wanted: [OSPFPlace: OSPFOriginal] = [:]
        func want(_ scope: OSPFScope, _ key: OSPFLSAKey, _ contents: OSPFLSAContents) {
            let options: OSPFOptions
            if version == .v2, case .area(let area) = scope {
                options = self.options(area)
            } else {
                options = []
            }
            wanted[OSPFPlace(scope: scope, key: key)] = OSPFOriginal(
                contents: contents, options: options)
        }
        for area in activeAreas {
            for (key, contents) in wantedTopology(of: area) { want(.area(area), key, contents) }
        }
        for position in interfaces.indices where interfaces[position].isActive {
            if let (key, contents) = dialect.link(
                interfaces[position], options: options(interfaces[position].area))
            {
                want(.link(position), key, contents)
            }
        }
        return wanted
    }

    private func wantedTopology(of area: IPv4Address) -> [(OSPFLSAKey, OSPFLSAContents)] {
        var wanted: [(OSPFLSAKey, OSPFLSAContents)] = []
        var flags: OSPFRouterLSA.Flags = []
        if isAreaBorder || configuration.providerEdge != nil { flags.insert(.border) }
        if takesExternals(area), isBoundary || configuration.providerEdge != nil {
            flags.insert(.boundary)
        }
        let positions = interfaces.indices.filter {
            interfaces[$0].area == area && interfaces[$0].state != .down
        }
        let router = OSPFRouterLSA(
            flags: flags, options: version == .v3 ? options(area) : [],
            links: positions.flatMap { links(of: $0) }
                + positions.flatMap {
                    dialect.stubs(of: interfaces[$0])
                })
        wanted.append((dialect.routerKey, .router(router)))
        wanted += dialect.prefixes(of: positions.map { interfaces[$0] })
        for position in positions where interfaces[position].isDesignatedWithNeighbors {
            let interface = interfaces[position]
            wanted.append(dialect.network(interface, options: options(area)))
            let scope = OSPFScope.link(position)
            let links = (databases[scope]?.entries(of: .link) ?? []).filter {
                !expiring.contains(OSPFPlace(scope: scope, key: $0.lsa.key))
            }
            wanted += dialect.networkPrefixes(interface, links: links)
        }
        return wanted
    }

    /// The links to other routers by an interface, as the router LSA has them.
    func links(of position: Int) -> [OSPFRouterLSA.Link] { dialect.links(of: interfaces[position]) }
}

extension OSPFInterface {
    /// Whether it has a network LSA to tell (§12.4.2).
    var isDesignatedWithNeighbors: Bool {
        state == .designatedRouter && neighbors.values.contains { $0.state == .full }
    }

    /// Whether the network is one that paths may lead through, and no mere subnet (§12.4.1.2).
    var isTransit: Bool {
        guard isActive, !isPointToPoint else { return false }
        if state == .designatedRouter { return isDesignatedWithNeighbors }
        return designated?.state == .full
    }

    /// The neighbor that speaks for the network.
    var designated: OSPFNeighbor? {
        neighbors.values.first { $0.designation == designatedRouter }
    }
}
