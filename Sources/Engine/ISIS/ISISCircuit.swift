// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// An interface that IS-IS runs on, with its neighbors and what is to be flooded to them.
struct ISISCircuit: Sendable {
    let configuration: ISISCircuitConfiguration
    /// What LANs of this router are told apart by, 1 to 255; nil for further circuits, on which
    /// this router is never the designated one.
    let number: UInt8?
    /// Authenticates hellos.
    let key: ISISKey?
    /// The levels of the circuit that the router has too.
    let levels: ISISCircuitType
    var isUp = false
    /// In the order of levels, then of addresses; on a point-to-point circuit there is one.
    var adjacencies: [ISISAdjacency] = []
    /// The LAN as its designated router named it; nil on point-to-point circuits and where nobody
    /// is heard.
    var lanIDs = ISISByLevel<ISISNodeID?> { _ in nil }
    var flooding = ISISByLevel { _ in ISISFlooding() }
    /// LDP can carry labelled packets here (RFC 5443).
    var isSynchronised = false
    /// The latest packet that was of no use, in words.
    var lastError: String?

    /// How many neighbors of a level may be on one LAN: those whose addresses a hello can list.
    static let neighborsMax = 200

    init(
        _ configuration: ISISCircuitConfiguration, position: Int, levels: ISISCircuitType
    ) {
        self.configuration = configuration
        number = UInt8(exactly: position + 1)
        extendedID = UInt32(position + 1)
        key = configuration.authentication.map { ISISKey($0) }
        self.levels = levels.intersection(configuration.levels.circuitType)
    }

    var name: String { configuration.interface }

    /// RFC 5303 §3.
    let extendedID: UInt32

    /// The levels of hellos: all of them in one on a point-to-point circuit, else one each.
    var helloLevels: [ISISLevel?] {
        configuration.isPointToPoint ? [nil] : levels.levels.map { $0 }
    }

    var isActive: Bool { isUp && !configuration.isPassive }

    func hasNeighbor(_ level: ISISLevel) -> Bool { adjacencies.contains { $0.isUp(level) } }

    /// The metric of the circuit's adjacencies: the largest that is still used while LDP is not
    /// ready (RFC 5443 §2).
    var metric: UInt32 {
        configuration.isLDPSynchronised && !isSynchronised
            ? ISISLinkState.linkMetricMax - 1
            : min(configuration.metric, ISISLinkState.linkMetricMax - 1)
    }

    /// The one of the configuration, or what the kernel makes of the hardware address.
    private var linkLocal: IPAddress {
        configuration.addresses.first { $0.address.isLinkLocal }?.address
            ?? .linkLocal(of: configuration.mac)
    }

    /// The circuit's own address that a neighbor's is in the subnet of.
    func local(for gateway: IPAddress) -> IPAddress? {
        if gateway.isLinkLocal { return linkLocal }
        return configuration.addresses.first { $0.prefix.contains(gateway) }?.address
    }

    /// The addresses of the circuit that hellos tell, of one family: the link-local one of IPv6.
    func addresses(_ family: AddressFamily) -> [IPAddress] {
        if family == .ipv6 { return [linkLocal] }
        return configuration.addresses.map(\.address).filter { $0.family == family }
    }

    /// Octets that a PDU may have here.
    var octetsMax: Int { Int(configuration.mtu) }
}

/// What is to go out of a circuit at one level.
struct ISISFlooding: Sendable {
    /// SRM flags: LSPs that are to be sent.
    var queue: Set<LSPID> = []
    /// Those that were sent and wait for an answer, on point-to-point circuits, with the moment of
    /// their next sending.
    var unacknowledged: [LSPID: Instant] = [:]
    /// SSN flags: what the next PSNP tells.
    var acknowledgements: [LSPID: LSPEntry] = [:]
    /// Before it no more LSPs leave.
    var pause: Instant?

    var isIdle: Bool { queue.isEmpty && unacknowledged.isEmpty && acknowledgements.isEmpty }

    /// Takes the next of the queue out, in the order of identifiers.
    mutating func takeBurst(_ count: Int) -> [LSPID] {
        let burst = queue.sorted().prefix(count)
        queue.subtract(burst)
        return Array(burst)
    }

    /// Forgets an LSP: the neighbors have it.
    mutating func clear(_ id: LSPID) {
        queue.remove(id)
        unacknowledged[id] = nil
    }
}
