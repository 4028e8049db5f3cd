// SPDX-License-Identifier: Apache-2.0

import KernelObjects
import Primitives
import Topology

/// A remote provider edge to which a transport is protected by IPsec, as one node sees it.
package struct IPsecPeer: Hashable, Sendable {
    /// The peer's name.
    package var node: String
    /// The name of the transport.
    package var transport: String
    package var profile: IPsecProfile
    /// Ends of the associations, and of the GRE tunnel inside.
    package var local: IPv4Address
    package var remote: IPv4Address
    /// The secret that this node uses; nil is one drawn at random for `keyName`. Never shown.
    package var secret: String?
    /// The same at both ends, unless their secrets differ.
    package var keyName: String
    /// With manual keys: of the association from the peer, and from here.
    package var manualSPIs: SPIs?

    package struct SPIs: Hashable, Sendable {
        package var incoming: UInt32
        package var outgoing: UInt32
    }
}

/// Numbers of one transport's associations on one node. They depend only on positions in the file.
struct IPsecIdentifiers {
    /// RFC 4303 §2.1: 1 to 255 are reserved.
    private static let firstSPI: UInt32 = 0x100

    private let node: Int
    private let transport: Int
    private let transportCount: Int

    init(_ topology: Topology, _ transport: Transport, node: Int) {
        self.node = node
        self.transport = topology.transports.firstIndex { $0.name == transport.name } ?? 0
        transportCount = topology.transports.count
    }

    /// What the sender tells the receiver: no two senders or transports have the same.
    private func spi(sender: Int) -> UInt32 {
        Self.firstSPI + UInt32(sender * transportCount + transport)
    }

    func spis(with peer: NodeTransport.Peer) -> IPsecPeer.SPIs {
        IPsecPeer.SPIs(incoming: spi(sender: peer.place), outgoing: spi(sender: node))
    }
}

extension NodeTransport {
    /// The transport's peers where it is protected; else none.
    var ipsecPeers: [IPsecPeer] {
        guard let profile else { return [] }
        return peers.map { peer in
            let ends = [node, peer.name].sorted().joined(separator: "-")
            return IPsecPeer(
                node: peer.name, transport: transport.name, profile: profile, local: source,
                remote: peer.address, secret: profile.secret(of: node),
                keyName: "\(profile.name) \(ends) \(profile.secretNumber(of: node))",
                manualSPIs: profile.keying == .manual ? identifiers.spis(with: peer) : nil)
        }
    }

    /// Both directions to every peer where keys are manual.
    var securityAssociations: [SecurityAssociation] {
        manualPeers.flatMap { peer, profile, spis in
            let directions = [
                (source, peer.address, spis.outgoing, "\(node)>\(peer.name)"),
                (peer.address, source, spis.incoming, "\(peer.name)>\(node)"),
            ]
            let secret = profile.secretNumber(of: node)
            return directions.map { from, to, spi, direction in
                SecurityAssociation(
                    source: IPAddress(from), destination: IPAddress(to), spi: spi,
                    requestID: spis.incoming, mode: profile.mode, cipher: profile.cipher,
                    keyName: "\(profile.name) \(transport.name) \(direction) \(secret)")
            }
        }
    }

    /// All GRE between the two ends, or what has the transport's key.
    var securityPolicies: [SecurityPolicy] {
        manualPeers.flatMap { peer, profile, spis in
            let directions = [
                (SecurityPolicy.Direction.out, source, peer.address),
                (SecurityPolicy.Direction.in, peer.address, source),
            ]
            return directions.map { direction, from, to in
                SecurityPolicy(
                    direction: direction, source: IPPrefix(host: IPAddress(from)),
                    destination: IPPrefix(host: IPAddress(to)), ipProtocol: Self.gre,
                    greKey: transport.key, tunnelSource: IPAddress(from),
                    tunnelDestination: IPAddress(to), requestID: spis.incoming, mode: profile.mode)
            }
        }
    }

    /// IANA's number of GRE among IP's protocols.
    private static let gre: UInt8 = 47

    private var manualPeers: [(Peer, IPsecProfile, IPsecPeer.SPIs)] {
        guard let profile, profile.keying == .manual else { return [] }
        return peers.map { ($0, profile, identifiers.spis(with: $0)) }
    }
}

extension IPsecProfile {
    /// The same for nodes with the same secret, which cannot be read from it.
    fileprivate func secretNumber(of node: String) -> Int {
        let own = secrets.sorted { $0.key < $1.key }.map { Optional($0.value) }
        return ([secret] + own).firstIndex(of: secret(of: node)) ?? 0
    }
}
