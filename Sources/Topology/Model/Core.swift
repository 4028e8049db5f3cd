// SPDX-License-Identifier: Apache-2.0

import Primitives

/// How the provider's core carries packets between provider edges.
package struct Core: Hashable, Sendable {
    package var mode: Mode
    /// Of a signalled core.
    package var igp: IGP?
    /// Whether there are label switched paths.
    package var hasLabels: Bool
    /// The first label of transit paths.
    package var labelBase: Label
    /// The provider's choice: `Transport.mpls`, or a transport of the file.
    package var transport: String
    /// Pairs of PEs that use another.
    package var pairs: [TransportPair]

    package enum Mode: String, Hashable, Sendable, CaseIterable {
        /// Label switched paths computed by the plan along shortest paths, with penultimate-hop
        /// popping, and core routes.
        case `static`
        /// Paths that routers find themselves: an IGP's routes, and label switched paths of LDP.
        case signalled
        /// Core routes, no MPLS: VPNs need a transport of the file.
        case ip
        /// No MPLS and no computed routes.
        case none
    }

    package enum IGP: String, Hashable, Sendable, CaseIterable {
        case isis, ospf
    }

    /// - Parameter hasLabels: nil is what the mode says of itself, with LDP where it is signalled.
    package init(
        mode: Mode = .static, igp: IGP? = nil, hasLabels: Bool? = nil,
        labelBase: Label = Label(1000), transport: String = Transport.mpls,
        pairs: [TransportPair] = []
    ) {
        self.mode = mode
        self.igp = igp
        self.hasLabels = hasLabels ?? (mode == .static || mode == .signalled)
        self.labelBase = labelBase
        self.transport = transport
        self.pairs = pairs
    }
}

/// Two PEs that use a transport of their own choice between them.
package struct TransportPair: Hashable, Sendable {
    /// Node names.
    package var a: String
    package var b: String
    package var transport: String

    package init(a: String, b: String, transport: String) {
        self.a = a
        self.b = b
        self.transport = transport
    }
}

/// A way to carry labelled packets between PEs over plain IP: MPLS in GRE (RFC 4023; Cisco:
/// l3vpn encapsulation ip).
package struct Transport: Hashable, Sendable {
    /// The name of the transport that every topology has: label switched paths.
    package static let mpls = "mpls"

    package var name: String
    package var encapsulation: Encapsulation
    /// The GRE key (RFC 2890).
    package var key: UInt32?
    package var ttl: UInt8
    /// Of the tunnel, in octets; nil is what the smallest core link leaves.
    package var mtu: UInt32?
    /// The IPsec profile that protects it.
    package var ipsec: String?
    /// Whether PEs tell others of it by the Tunnel Encapsulation attribute (RFC 9012).
    package var isAdvertised: Bool
    package var place: Place

    package enum Encapsulation: String, Hashable, Sendable, CaseIterable {
        /// A point-to-point tunnel for each pair of PEs.
        case gre
        /// One multipoint tunnel on each PE.
        case mgre
    }

    package init(
        name: String, encapsulation: Encapsulation, key: UInt32? = nil, ttl: UInt8 = 64,
        mtu: UInt32? = nil, ipsec: String? = nil, isAdvertised: Bool = false, place: Place
    ) {
        self.name = name
        self.encapsulation = encapsulation
        self.key = key
        self.ttl = ttl
        self.mtu = mtu
        self.ipsec = ipsec
        self.isAdvertised = isAdvertised
        self.place = place
    }
}

/// How ESP protects a transport (RFC 4301).
package struct IPsecProfile: Hashable, Sendable {
    package var name: String
    package var keying: Keying
    package var mode: IPsecMode
    package var cipher: ESPCipher
    /// How long an association lives before it is replaced; only with IKE. nil is the daemon's
    /// default.
    package var rekeyTime: Duration?
    /// After this long without a word from the peer, it is asked whether it lives; only with IKE.
    package var deadPeerDelay: Duration
    /// What both ends know: an IKE pre-shared key, or what tells one set of manual keys from
    /// another. nil is one made at random for each lab. Never shown.
    package var secret: String?
    /// Secrets of single nodes, by node name, where they differ: a wrong key.
    package var secrets: [String: String]
    package var place: Place

    package enum Keying: String, Hashable, Sendable, CaseIterable {
        /// Keys drawn at random when the lab is built, the same at both ends.
        case manual
        /// IKEv2 (RFC 7296) by strongSwan's daemon in the node.
        case ike
    }

    package init(
        name: String, keying: Keying = .manual, mode: IPsecMode = .transport,
        cipher: ESPCipher = .aesGCM128, rekeyTime: Duration? = nil,
        deadPeerDelay: Duration = .seconds(2), secret: String? = nil,
        secrets: [String: String] = [:], place: Place
    ) {
        self.name = name
        self.keying = keying
        self.mode = mode
        self.cipher = cipher
        self.rekeyTime = rekeyTime
        self.deadPeerDelay = deadPeerDelay
        self.secret = secret
        self.secrets = secrets
        self.place = place
    }

    /// The secret that a node uses.
    package func secret(of node: String) -> String? { secrets[node] ?? secret }
}
