// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// An IS-IS router: adjacencies, link state databases and shortest paths of one or two levels (ISO
/// 10589, RFC 1195).
///
/// An event only changes what is known; `settle` then does, once for each event, what follows from
/// it: the router's own packets, shortest paths, flooding.
package struct ISISInstance: RoutingProtocol {
    package let configuration: ISISConfiguration
    /// In the configuration's order.
    var circuits: [ISISCircuit]
    var levels: ISISByLevel<ISISLevelState>
    var jitter: Jitter
    /// When the timers that are armed run out.
    var armed: [ISISTimer: Instant] = [:]
    /// Until when the router says that it is overloaded; nil when it is not, or for good.
    var overloadUntil: Instant?
    /// What is told of other sources, by prefix, with its metric.
    var redistributed: [IPPrefix: UInt32] = [:]
    /// What it offers now.
    var routes: OrderedRoutes
    /// What BFD watches for it.
    var watched: [BFDKey: BFDParameters] = [:]
    /// What of it is up.
    var reachable: Set<BFDKey> = []
    package internal(set) var generation: UInt64 = 0
    var isStopped = false

    package init(_ configuration: ISISConfiguration) {
        self.configuration = configuration
        let type = configuration.levels.circuitType
        circuits = configuration.circuits.enumerated().map {
            ISISCircuit($1, position: $0, levels: type)
        }
        levels = ISISByLevel { level in
            let position = Int(level.rawValue) - 1
            let authentication =
                configuration.authentication.indices.contains(position)
                ? configuration.authentication[position] : nil
            return ISISLevelState(level, configuration, key: authentication.map { ISISKey($0) })
        }
        routes = OrderedRoutes(configuration.throttle)
        jitter = Jitter(seed: configuration.systemID.bits)
    }

    package var id: RoutingProtocolID { RoutingProtocolID(.isis) }

    var system: SystemID { configuration.systemID }

    /// The levels that the router takes part in.
    var activeLevels: [ISISLevel] { configuration.levels.circuitType.levels }

    var isOverloaded: Bool { configuration.isOverloaded || overloadUntil != nil }

    func circuit(_ name: String) -> Int? { circuits.firstIndex { $0.name == name } }

    // MARK: Events

    package mutating func start(_ step: inout ProtocolStep) {
        if let duration = configuration.overloadOnStart {
            overload(until: step.now + duration, &step)
        }
        for level in activeLevels { levels[level].isStale = true }
        settle(&step)
    }

    package mutating func interface(_ name: String, isUp: Bool, _ step: inout ProtocolStep) {
        guard let position = circuit(name), circuits[position].isUp != isUp, !isStopped else {
            return
        }
        circuits[position].isUp = isUp
        generation += 1
        if isUp {
            open(position, &step)
        } else {
            close(position, reason: "interface down", &step)
        }
        for level in activeLevels { levels[level].isStale = true }
        settle(&step)
    }

    package mutating func received(_ packet: RoutingPacket, _ step: inout ProtocolStep) {
        guard let name = packet.interface, let position = circuit(name), !isStopped,
            circuits[position].isActive, let source = packet.source.mac
        else { return }
        do throws(WireError) {
            switch try ISISPacket(decoding: packet.payload) {
            case .hello(let hello):
                take(hello, packet.payload, from: source, on: position, &step)
            case .linkState(let lsp):
                take(lsp, packet.payload, from: source, on: position, &step)
            case .sequenceNumbers(let numbers):
                take(numbers, packet.payload, from: source, on: position, &step)
            }
        } catch {
            reject("\(error) from \(source)", on: position)
        }
        // Neighbors are to have the packet before this router has done its sums.
        settle(&step, putsOffPaths: true)
    }

    package mutating func offered(
        _ prefix: IPPrefix, _ route: OfferedRoute?, _ step: inout ProtocolStep
    ) {
        let metric = route.map { min($0.metric, ISISLinkState.linkMetricMax - 1) }
        guard !isStopped, redistributed[prefix] != metric,
            configuration.families.contains(prefix.family)
        else { return }
        redistributed[prefix] = metric
        for level in activeLevels { levels[level].isStale = true }
        settle(&step)
    }

    package mutating func bfd(_ key: BFDKey, isUp: Bool, _ step: inout ProtocolStep) {
        guard !isStopped, let name = key.interface, let position = circuit(name) else { return }
        if isUp {
            reachable.insert(key)
            promote(position, &step)
        } else {
            reachable.remove(key)
            loseReach(to: key.remote, on: position, &step)
        }
        settle(&step)
    }

    package mutating func synchronised(
        _ interface: String, _ isSynchronised: Bool, _ step: inout ProtocolStep
    ) {
        guard let position = circuit(interface), !isStopped,
            circuits[position].isSynchronised != isSynchronised
        else { return }
        circuits[position].isSynchronised = isSynchronised
        for level in activeLevels {
            levels[level].isStale = true
            levels[level].needsPaths = true
        }
        settle(&step)
    }

    /// Tells neighbors that they are not heard any more, and everyone that the router is gone.
    package mutating func shutDown(_ step: inout ProtocolStep) {
        guard !isStopped else { return }
        for level in activeLevels { purgeAll(level, &step) }
        flood(&step)
        for position in circuits.indices where circuits[position].isActive {
            drop(position, reason: "stopped", &step) { _ in true }
            for level in circuits[position].helloLevels { sendHello(position, level, &step) }
        }
        for timer in armed.keys.map(\.routing).sorted() { step.emit(.cancel(timer)) }
        armed = [:]
        routes.removeAll(&step)
        isStopped = true
        generation += 1
    }

    package var contribution: [ProtocolOutput] {
        routes.inOrder.map { .setRoute($0) }
            + watched.keys.sorted().compactMap { key in watched[key].map { .watch(key, $0) } }
    }

    package var isAtRest: Bool {
        !armed.keys.contains { [.originate, .spf, .turn].contains($0.kind) }
    }

    // MARK: What follows

    /// Does what the event led to. Shortest paths may change what the other level tells, which may
    /// change paths again; that second change waits for its time.
    /// - Parameter putsOffPaths: paths that are due now are computed in an event of their own,
    ///   right after this one, unless a neighbor of this router is lost.
    mutating func settle(_ step: inout ProtocolStep, putsOffPaths: Bool = false) {
        guard !isStopped else { return }
        for _ in 0..<2 {
            for level in activeLevels { originateIfDue(level, &step) }
            for level in activeLevels { computeIfDue(level, &step, putsOff: putsOffPaths) }
        }
        settleTurns(&step)
        flood(&step)
    }

    mutating func reject(_ reason: String, on position: Int) {
        circuits[position].lastError = reason
    }

    // MARK: Timers

    mutating func arm(_ timer: ISISTimer, at moment: Instant, _ step: inout ProtocolStep) {
        guard armed[timer] != moment else { return }
        armed[timer] = moment
        step.emit(.arm(timer.routing, at: moment))
    }

    /// Arms a timer unless it runs out before.
    mutating func arm(
        _ timer: ISISTimer, noLaterThan moment: Instant, _ step: inout ProtocolStep
    ) {
        if let known = armed[timer], known <= moment { return }
        arm(timer, at: moment, &step)
    }

    mutating func cancel(_ timer: ISISTimer, _ step: inout ProtocolStep) {
        if armed.removeValue(forKey: timer) != nil { step.emit(.cancel(timer.routing)) }
    }
}

/// What a router knows at one level.
struct ISISLevelState: Sendable {
    let level: ISISLevel
    /// Authenticates link state and sequence numbers packets.
    let key: ISISKey?
    var database = ISISDatabase()
    /// The router's own packets may have to be made anew.
    var isStale = false
    var generation: SPFSchedule
    /// The paths may have to be computed anew.
    var needsPaths = false
    var schedule: SPFSchedule
    /// Since the last run.
    var hasLostNeighbor = false
    /// What the last run saw.
    var seen = SeenNetwork<ISISNodeID>()
    /// When the database last changed.
    var news = Instant.zero
    var runs: UInt64 = 0
    var lastRun: Instant?
    /// What the paths came to.
    var paths = ISISPaths()
    /// Numbers that own packets have to be above: others have seen them.
    var outrun: [LSPID: UInt32] = [:]
    /// Own packets that came to their last number, and when they may begin anew (ISO 10589
    /// §7.3.16.1).
    var exhausted: [LSPID: Instant] = [:]
    /// When own packets were issued.
    var issued: [LSPID: Instant] = [:]

    init(_ level: ISISLevel, _ configuration: ISISConfiguration, key: ISISKey?) {
        self.level = level
        self.key = key
        generation = SPFSchedule(configuration.generation)
        schedule = SPFSchedule(configuration.throttle)
    }
}
