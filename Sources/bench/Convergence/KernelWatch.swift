// SPDX-License-Identifier: Apache-2.0

import Kernel
import KernelObjects
import Primitives

/// Gateways of equal cost, by address that they lead to.
typealias Gateways = [IPAddress: Set<IPAddress>]

/// The main tables of several kernels, each of which tells of its changes itself: the same meter
/// for every routing engine.
final class KernelWatch {
    private let names: [String]
    private let monitors: [RouteMonitor]
    private let poller: Poller
    /// By node and address: the gateways of the routes to it alone, by their metrics.
    private var tables: [[IPAddress: [UInt32: Set<IPAddress>]]]
    private var wanted: [Gateways] = []
    /// By node: the addresses to which it has not the way that it should have.
    private var missing: [Set<IPAddress>] = []

    init(_ lab: BenchLab, _ names: [String]) throws {
        self.names = names
        monitors = try names.map { name in
            try lab.namespace(name).enter { () throws(SystemError) in try RouteMonitor(.ipv4) }
        }
        poller = try Poller()
        for (node, monitor) in monitors.enumerated() {
            try poller.add(monitor.descriptor, token: UInt64(node))
        }
        tables = names.map { _ in [:] }
        for node in monitors.indices {
            for change in try monitors[node].list() { take(change, of: node) }
        }
    }

    /// Says what is to be waited for: by node, all that matters.
    func want(_ wanted: [Gateways]) {
        self.wanted = wanted
        missing = wanted.indices.map { node in
            Set(wanted[node].keys.filter { wanted[node][$0] != used(tables[node][$0]) })
        }
    }

    /// Waits until all kernels have said that they have it.
    /// - Returns: when the last one had said so.
    func wait(for patience: Duration) throws -> Instant {
        let deadline = MonotonicClock.now + patience
        while missing.contains(where: { !$0.isEmpty }) {
            guard MonotonicClock.now < deadline else { throw Failure("\(complaint)") }
            for ready in try poller.wait(until: deadline) {
                let node = Int(ready.token)
                for change in try monitors[node].changes() { take(change, of: node) }
            }
        }
        return MonotonicClock.now
    }

    /// Looks whether the kernels have in fact what they said.
    func verify() throws {
        for node in monitors.indices {
            tables[node] = [:]
            for change in try monitors[node].list() { take(change, of: node) }
        }
        want(wanted)
        guard missing.allSatisfy(\.isEmpty) else { throw Failure("after all, \(complaint)") }
    }

    private var complaint: String {
        guard let node = missing.firstIndex(where: { !$0.isEmpty }),
            let address = missing[node].min()
        else { return "nothing is missing" }
        let nodes = missing.filter { !$0.isEmpty }.count
        return "\(names[node]) has no right way to \(address), and \(nodes - 1) others neither"
    }

    /// The best of the routes to an address.
    private func used(_ routes: [UInt32: Set<IPAddress>]?) -> Set<IPAddress>? {
        routes?.min { $0.key < $1.key }?.value
    }

    private func take(_ change: RouteMonitor.Change, of node: Int) {
        let key = change.key
        guard key.table == RoutingTable.main, Int(key.prefix.length) == key.prefix.family.bitWidth
        else { return }
        let address = key.prefix.address
        tables[node][address, default: [:]][key.metric] = change.nextHops.map {
            Set($0.compactMap(\.via))
        }
        guard wanted.indices.contains(node), let right = wanted[node][address] else { return }
        if used(tables[node][address]) == right {
            missing[node].remove(address)
        } else {
            missing[node].insert(address)
        }
    }
}
