// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// A neighbor on a circuit, and what its latest hello told.
struct ISISAdjacency: Hashable, Sendable {
    let system: SystemID
    /// Where its frames come from; on a LAN that is what tells neighbors apart.
    let address: MACAddress
    /// On a LAN one, as each level has adjacencies of its own there.
    var levels: ISISCircuitType
    var state: State
    /// It has said that it hears us. That it is not up all the same may be for BFD's sake.
    var hearsUs = false
    /// Families that it has BFD for, of those that this router has it for too.
    var bfdFamilies: [AddressFamily] = []
    /// Of the latest change of state.
    var since: Instant
    /// When it is given up, unless it is heard of before.
    var holdUntil: Instant
    var areas: [AreaAddress]
    var families: [AddressFamily]
    /// Next hops to it, at most one of each family: IPv4 in a subnet of the circuit, IPv6
    /// link-local.
    var gateways: [IPAddress]
    /// Of a LAN.
    var priority: UInt8 = 0
    /// What a LAN's neighbor takes for the LAN's ID.
    var lanID: ISISNodeID?
    /// Its number of a point-to-point circuit (RFC 5303).
    var circuitID: UInt32?

    enum State: String, Hashable, Sendable {
        /// It is heard, and is not known to hear us, or BFD has not found the way to it.
        case initializing
        case up
    }

    func isUp(_ level: ISISLevel) -> Bool { state == .up && levels.contains(level) }
}

/// A value for each of the two levels.
struct ISISByLevel<Value> {
    private var one: Value
    private var two: Value

    init(_ make: (ISISLevel) -> Value) {
        one = make(.one)
        two = make(.two)
    }

    subscript(level: ISISLevel) -> Value {
        get { level == .one ? one : two }
        _modify {
            if level == .one { yield &one } else { yield &two }
        }
    }
}

extension ISISByLevel: Sendable where Value: Sendable {}

extension ISISLevels {
    /// As PDUs have it.
    var circuitType: ISISCircuitType {
        switch self {
        case .level1: .one
        case .level2: .two
        case .both: .both
        }
    }
}

extension ISISKey {
    /// - Parameter authentication: its methods that IS-IS does not have stand for the nearest of
    ///   those that it has.
    init(_ authentication: Authentication) {
        let password = Array(authentication.password.utf8)
        func keyed(_ algorithm: DigestAlgorithm) -> ISISKey {
            .keyed(algorithm, id: authentication.keyID, password)
        }
        self =
            switch authentication.method {
            case .clear: .clearText(password)
            case .md5, .meticulousMD5, .hmacMD5: .hmacMD5(password)
            case .sha1, .meticulousSHA1, .hmacSHA1: keyed(.sha1)
            case .hmacSHA224: keyed(.sha224)
            case .hmacSHA256: keyed(.sha256)
            case .hmacSHA384: keyed(.sha384)
            case .hmacSHA512: keyed(.sha512)
            }
    }
}
