// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// LDP (RFC 5036) for IPv4: downstream unsolicited, ordered control, liberal retention.
///
/// Peers are discovered by hellos on links or to targets; the one with the higher transport address
/// connects. A prefix of the table is a FEC: a label is bound to it when its next hop's label is
/// known, and told to every peer. As labels of peers that are not the next hop are kept, another
/// next hop's label is there when the route changes.
package struct LDPInstance: RoutingProtocol {
    package let configuration: LDPConfiguration
    package internal(set) var generation: UInt64 = 0
    var interfacesUp: Set<String> = []
    var adjacencies: [LDPAdjacency.Key: LDPAdjacency] = [:]
    var peers: [LDPIdentifier: LDPPeer] = [:]
    /// Connections from addresses that have not yet said hello.
    var strangers: [ConnectionID: Stranger] = [:]
    var fecs: [IPPrefix: LDPFEC] = [:]
    /// FECs whose way on may be another one, and which no route has been offered for since.
    var unsettled: Set<IPPrefix> = []
    var labels: LabelAllocator
    var jitter: Jitter
    /// Interfaces that the interior protocols may use as they like (RFC 5443).
    var synchronised: Set<String> = []
    var lastMessageID: UInt32 = 0
    /// What could not be taken as it was, most recently, in words.
    var lastError: String?
    var isStopped = false

    /// A connection whose peer is not known yet.
    struct Stranger: Hashable, Sendable {
        var address: IPv4Address
        var octets: [UInt8] = []
    }

    /// Bounds of what others can make us keep.
    enum Limit {
        static let strangers = 32
        static let strangerOctets = 8192
        static let adjacencies = 4096
        static let addresses = 4096
        /// Of one peer.
        static let bindings = 100_000
    }

    package init(_ configuration: LDPConfiguration) {
        self.configuration = configuration
        labels = LabelAllocator(configuration.labelRange)
        jitter = Jitter(seed: UInt64(configuration.routerID.bits))
    }

    package var id: RoutingProtocolID { RoutingProtocolID(.ldp) }

    var identifier: LDPIdentifier { LDPIdentifier(configuration.routerID) }

    /// The label that asks the last router but one to pop, or to leave that to us.
    var nullLabel: Label { configuration.isExplicitNull ? .ipv4ExplicitNull : .implicitNull }

    // MARK: Events

    package mutating func start(_ step: inout ProtocolStep) {
        for interface in configuration.interfaces {
            step.emit(.synchronised(interface: interface.interface, false))
        }
        for target in configuration.targets { sendHello(to: target, &step) }
    }

    package mutating func interface(
        _ name: String, isUp: Bool, _ step: inout ProtocolStep
    ) {
        guard !isStopped, configuration.interfaces.contains(where: { $0.interface == name }),
            interfacesUp.contains(name) != isUp
        else { return }
        generation += 1
        if isUp {
            interfacesUp.insert(name)
            sendHello(on: name, &step)
        } else {
            interfacesUp.remove(name)
            step.emit(.cancel(Timers.hello(name)))
            for key in adjacencies.keys.sorted() where key.place == .link(name) {
                step.emit(.cancel(Timers.adjacency(key)))
                loseAdjacency(key, "interface \(name) is down", &step)
            }
        }
        finish(&step)
    }

    package mutating func received(_ packet: RoutingPacket, _ step: inout ProtocolStep) {
        guard !isStopped else { return }
        receivedHello(packet, &step)
        finish(&step)
    }

    package mutating func timer(_ timer: RoutingTimer, _ step: inout ProtocolStep) {
        guard !isStopped else { return }
        fired(timer, &step)
        finish(&step)
    }

    package mutating func connection(
        _ id: ConnectionID, _ event: ConnectionEvent, _ step: inout ProtocolStep
    ) {
        guard !isStopped else { return }
        switch event {
        case .accepted(.ldp(let address)): accepted(id, from: address, &step)
        case .accepted(.bgp): break
        case .connected: connected(id, &step)
        case .received(let octets): received(octets, on: id, &step)
        case .failed(let reason), .closed(let reason): lost(id, reason, &step)
        }
        finish(&step)
    }

    package mutating func offered(
        _ prefix: IPPrefix, _ route: OfferedRoute?, _ step: inout ProtocolStep
    ) {
        guard !isStopped else { return }
        offer(prefix, route, &step)
        finish(&step)
    }

    package mutating func shutDown(_ step: inout ProtocolStep) {
        for identifier in peers.keys.sorted() {
            end(identifier, telling: LDPStatus(.shutdown), "shut down", &step)
        }
        for id in strangers.keys.sorted() { step.emit(.close(id)) }
        for prefix in fecs.keys.sorted() { remove(prefix, &step) }
        adjacencies = [:]
        strangers = [:]
        peers = [:]
        settleSynchronisation(&step)
        isStopped = true
        generation += 1
    }

    /// Ends an event: what it has changed is told to peers and to the interior protocols.
    private mutating func finish(_ step: inout ProtocolStep) {
        settleSynchronisation(&step)
        for identifier in peers.keys.sorted() { flush(identifier, &step) }
    }

    package var isAtRest: Bool {
        unsettled.isEmpty && fecs.values.allSatisfy { $0.lingersUntil == nil }
    }

    // MARK: What stands

    package var contribution: [ProtocolOutput] {
        var outputs: [ProtocolOutput] = configuration.interfaces.map {
            .synchronised(interface: $0.interface, synchronised.contains($0.interface))
        }
        for (prefix, fec) in fecs.sorted(by: { $0.key < $1.key }) where !fec.nextHops.isEmpty {
            if let label = fec.label, fec.isTransit {
                outputs.append(.setLabel(label, .forward(fec.nextHops)))
            }
            outputs.append(.setPath(fec.path(to: prefix)))
        }
        return outputs
    }
}

extension LDPFEC {
    func path(to prefix: IPPrefix) -> LabelSwitchedPath {
        LabelSwitchedPath(destination: prefix, nextHops: nextHops, metric: metric)
    }
}
