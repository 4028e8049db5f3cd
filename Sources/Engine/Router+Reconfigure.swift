// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

extension Router {
    /// Takes a new configuration. What is the same in both goes on as if nothing had happened; what
    /// is not says goodbye, and what is new starts. An equal configuration has no effect.
    mutating func reconfigure(_ new: RouterConfiguration, _ step: inout RouterStep) {
        guard new != configuration else { return }
        let kept = retireSessions(for: new, &step)
        let groups = retireVirtualRouters(for: new, &step)
        let advertising = retireAdvertisers(for: new, &step)
        let running = retireProtocols(for: new, &step)
        let established = Set(kept.values.filter(\.isEstablished).map(\.key))
        let outputs = tables.reconfigure(
            new, keeping: established, running.map { ($0.id, $0.contribution) }, at: step.now)
        setSessions(new, kept)
        configuration = new
        virtualRouters = new.vrrpGroups.map { groups[$0] ?? VirtualRouter($0) }
        advertisers = new.routerAdvertisements.map { advertising[$0] ?? RouterAdvertiser($0) }
        let late = setProtocols(new, running)
        take(outputs, &step)
        for position in late { startLate(instance: position, &step) }
        startSessions(kept, &step)
        settleWatches(&step)
        settleTracks(&step)
        for position in virtualRouters.indices
        where groups[virtualRouters[position].configuration] == nil {
            let interface = virtualRouters[position].configuration.interface
            let isUp = tables.resolver.interfaces.isUp(interface) ?? false
            virtualRouters[position].interface(isUp: isUp, at: step.now, &step.effects)
        }
    }

    /// Ends the sessions that cannot go on. What was learned from them is left out of the tables
    /// that are to come, and is not withdrawn here: it may come from elsewhere there.
    /// - Returns: the others.
    private mutating func retireSessions(
        for new: RouterConfiguration, _ step: inout RouterStep
    ) -> [NeighborKey: BGPSession] {
        var kept: [NeighborKey: BGPSession] = [:]
        for position in sessions.indices {
            guard !configuration.keepsSession(sessions[position].neighbor, under: new) else {
                kept[sessions[position].key] = sessions[position]
                continue
            }
            var sessionStep = SessionStep(at: step.now, numbers: numbers)
            sessions[position].retire(&sessionStep)
            numbers = sessionStep.numbers
            retiredGenerations += sessions[position].generation
            for case .effect(let effect) in sessionStep.outputs {
                take(.effect(effect), of: position, &step)
            }
        }
        return kept
    }

    private mutating func retireVirtualRouters(
        for new: RouterConfiguration, _ step: inout RouterStep
    ) -> [VRRPConfiguration: VirtualRouter] {
        var kept: [VRRPConfiguration: VirtualRouter] = [:]
        for position in virtualRouters.indices {
            let configuration = virtualRouters[position].configuration
            if new.vrrpGroups.contains(configuration) {
                kept[configuration] = virtualRouters[position]
            } else {
                virtualRouters[position].shutDown(&step.effects)
                retiredGenerations += virtualRouters[position].generation
            }
        }
        return kept
    }

    private mutating func retireAdvertisers(
        for new: RouterConfiguration, _ step: inout RouterStep
    ) -> [RouterAdvertisementConfiguration: RouterAdvertiser] {
        var kept: [RouterAdvertisementConfiguration: RouterAdvertiser] = [:]
        for position in advertisers.indices {
            let configuration = advertisers[position].configuration
            if new.routerAdvertisements.contains(configuration) {
                kept[configuration] = advertisers[position]
            } else {
                advertisers[position].shutDown(&step.effects)
            }
        }
        return kept
    }

    private mutating func setSessions(
        _ new: RouterConfiguration, _ kept: [NeighborKey: BGPSession]
    ) {
        let connected = owners.mapValues { sessions[$0].key }
        let taken = Dictionary(
            sessions.map { ($0.key, $0.isTakenOut) }, uniquingKeysWith: { first, _ in first })
        sessions = new.neighbors.sorted { $0.key < $1.key }.map { neighbor in
            if var session = kept[neighbor.key] {
                session.neighbor = neighbor
                return session
            }
            return BGPSession(
                neighbor, routerID: new.routerID, isTakenOut: taken[neighbor.key] ?? false)
        }
        positions = Self.positions(sessions)
        owners = connected.compactMapValues { positions[$0] }
    }

    /// New sessions start; kept ones follow what the file says about being in service, and their
    /// interface.
    private mutating func startSessions(
        _ kept: [NeighborKey: BGPSession], _ step: inout RouterStep
    ) {
        for position in sessions.indices {
            let isReachable = tables.isConnected(sessions[position].neighbor)
            let before = kept[sessions[position].key]
            run(position, &step) { session, step in
                session.reachable(isReachable, &step)
                guard let before else {
                    if session.isIdle { session.start(&step) }
                    return
                }
                switch (before.neighbor.isDeactivated, session.neighbor.isDeactivated) {
                case (false, true): session.deactivate(.administrativeShutdown, &step)
                case (true, false): session.activate(&step)
                default: break
                }
            }
        }
    }
}
