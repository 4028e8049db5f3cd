// SPDX-License-Identifier: Apache-2.0

import Engine
import Kernel
import KernelObjects
import Primitives

/// Keeps the kernel's forwarding tables as the engine wants them.
///
/// Writes happen at once, so that forwarding stands before it is advertised. What the kernel
/// refuses is kept and tried again when links or addresses change; what it may have dropped is
/// found by comparing.
final class ForwardingWriter {
    let tables: ForwardingTables
    private(set) var translation: ForwardingTranslation
    private let families: [AddressFamily] = [.ipv4, .ipv6]
    private var desired = DesiredForwarding()
    /// Refusals that were told, so that each is told once.
    private var told: Set<ForwardingKey> = []
    /// From so many routes of groups on, the kernel is to tell of them in few words: nobody reads
    /// so many in full.
    private static let readableCountMax = 1_000
    private var isQuiet = false

    /// Opens the tables of the namespace that the process is in.
    init(_ configuration: RouterConfiguration) throws(SystemError) {
        tables = try ForwardingTables()
        translation = ForwardingTranslation(configuration, hasGroups: tables.hasGroups)
    }

    // MARK: A step of the engine

    /// Takes over what the effects of one step change.
    func step(_ effects: [Effect]) -> ForwardingStep {
        var step = ForwardingStep()
        for case .forwarding(let change) in effects {
            for (key, entry) in translation.translate(change) {
                desired.want(entry, for: key)
                step.add(key, entry)
            }
        }
        return step
    }

    /// Takes another configuration, under which the same effects may mean other kernel objects:
    /// VRFs have other tables, labels arrive on other links.
    /// - Parameter all: everything that the engine wants now.
    func reconfigure(
        _ configuration: RouterConfiguration, _ all: [ForwardingChange]
    ) -> ForwardingStep {
        translation = translation.reconfigured(configuration)
        var wanted: [ForwardingKey: ForwardingEntry] = [:]
        for (key, entry) in all.flatMap({ translation.translate($0) }) { wanted[key] = entry }
        return desired.replace(by: wanted)
    }

    /// Writes to the kernel.
    /// - Returns: what it refused, in words, each entry once until it is in.
    func write(_ changes: ForwardingChanges) -> [String] {
        guard !changes.isEmpty else { return [] }
        if !isQuiet, desired.groupedCount > Self.readableCountMax {
            isQuiet = true
            // Without it, moving a group takes longer, and that is all.
            try? tables.quieten()
        }
        // What is new stands before what is old goes: an endpoint outlives routes that leave it.
        let kernelChanges = changes.set.map(Self.change) + changes.remove.map(Self.change)
        do throws(SystemError) {
            let failures = try tables.apply(kernelChanges)
            let failed = failures.map { (Self.key($0.0), $0.1) }
            let failedKeys = Set(failed.map(\.0))
            told.subtract(changes.set.map(\.key).filter { !failedKeys.contains($0) })
            note(failures: failed.map(\.0))
            return failed.filter { told.insert($0.0).inserted }.map(\.1.description)
        } catch {
            note(failures: changes.set.map(\.key))
            return [error.description]
        }
    }

    private func note(failures: [ForwardingKey]) {
        desired.note(failures: failures)
        for key in failures { translation.lose(key) }
    }

    private static func change(_ key: ForwardingKey) -> RouteChange {
        switch key {
        case .route(let key): .remove(key)
        case .label(let label): .removeLabel(label)
        case .endpoint(let interface, let overlay):
            .removeNeighbour(link: interface, address: overlay)
        case .nextHop(let id), .group(let id): .removeNextHop(id)
        }
    }

    private static func change(_ entry: ForwardingEntry) -> RouteChange {
        switch entry {
        case .route(let route): .set(route)
        case .label(let route): .setLabel(route)
        case .endpoint(let neighbour): .setNeighbour(neighbour)
        case .nextHop(let object): .setNextHop(object)
        case .group(let group): .setGroup(group)
        }
    }

    private static func key(_ change: RouteChange) -> ForwardingKey {
        switch change {
        case .set(let route): .route(route.key)
        case .remove(let key): .route(key)
        case .setLabel(let route): .label(route.label)
        case .removeLabel(let label): .label(label)
        case .setNeighbour(let neighbour):
            .endpoint(interface: neighbour.link, overlay: neighbour.address)
        case .removeNeighbour(let link, let address):
            .endpoint(interface: link, overlay: address)
        case .setNextHop(let object): .nextHop(object.id)
        case .setGroup(let group): .group(group.id)
        // Removals that fail are not tried again, so that it does not matter which it was.
        case .removeNextHop(let id): .nextHop(id)
        }
    }

    // MARK: Coming to terms with the kernel

    /// Takes away what a router that was killed left behind.
    func start() -> [String] {
        do throws(SystemError) {
            try tables.removeFilters(on: translation.labelLinks)
            return reconcile()
        } catch {
            return [error.description]
        }
    }

    /// A link went down, and with it the kernel has deleted all next hops by it, in silence.
    func linkLost(_ link: String) { translation.lose(link: link) }

    /// Tries again what was refused.
    func retry() -> [String] { write(desired.retries()) }

    /// Compares with what the kernel has of ours, and puts right what differs.
    func reconcile() -> [String] {
        do throws(SystemError) {
            try tables.refreshLinks()
            var present: [ForwardingEntry] = []
            for family in families {
                present += try tables.routes(family, .own).map { .route(Self.comparable($0)) }
            }
            present += try labels()
            present += try tables.endpoints().map { .endpoint($0) }
            let (hops, groups) = try tables.nextHops()
            present += hops.map { .nextHop($0) } + groups.map { .group($0) }
            return write(desired.difference(from: present))
        } catch {
            return [error.description]
        }
    }

    /// A kernel without MPLS has no label routes to list.
    private func labels() throws(SystemError) -> [ForwardingEntry] {
        guard tables.hasLabels else { return [] }
        return try tables.labels(.own).map { label, hops in
            .label(LabelRoute(label: label, action: .forward(hops)))
        }
    }

    /// The kernel does not tell the flag of every next hop; ours all have it.
    private static func comparable(_ route: Route) -> Route {
        guard case .forward(let hops) = route.action else { return route }
        var route = route
        route.action = .forward(
            hops.map {
                RouteNextHop(via: $0.via, link: $0.link, labels: $0.labels, isOnLink: true)
            })
        return route
    }

    /// Links came or went: their indexes are other ones now.
    func refreshLinks() throws(SystemError) { try tables.refreshLinks() }

    // MARK: Show

    /// {routes: [{prefix, table, via?, interface?, labels: []}]}: what the kernel has for a prefix,
    /// whoever installed it.
    func kernelRoutes(vrf: String?, _ prefix: IPPrefix) throws(SystemError) -> JSON {
        guard let table = translation.table(vrf) else { return ["routes": []] }
        let rows = try tables.routes(prefix.family, .all)
            .filter { $0.key.table == table && $0.key.prefix == prefix }
            .map(resolved).flatMap(Self.rows)
        return ["routes": JSON(rows)]
    }

    /// A route of a group with the next hops that its packets take now.
    func resolved(_ route: Route) throws(SystemError) -> Route {
        guard case .group(let id) = route.action else { return route }
        let (hops, groups) = try tables.nextHops()
        let legs = groups.first { $0.id == id }?.legs ?? []
        let used = legs.filter { $0.role == legs.first?.role && $0.role != .parked }
        let found = used.compactMap { leg in hops.first { $0.id == leg.nextHop }?.hop }
        var route = route
        route.action = found.isEmpty ? .blackhole : .forward(found)
        return route
    }

    private static func rows(_ route: Route) -> [JSON] {
        let place: [JSON.Member] = [
            .init("prefix", JSON(route.key.prefix)), .init("table", JSON(route.key.table)),
        ]
        guard case .forward(let hops) = route.action else {
            return [.object(place + [.init("labels", [])])]
        }
        return hops.map { hop in
            .object(
                place + [
                    .init("via", JSON(hop.via)), .init("interface", .string(hop.link)),
                    .init("labels", JSON(hop.labels.map { JSON($0.value) })),
                ]
            ).compact
        }
    }
}
