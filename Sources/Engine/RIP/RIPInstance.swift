// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// A RIP router of one VRF: version 2 (RFC 2453), or RIPng (RFC 2080) where the family is IPv6. It
/// splits horizons with poisoned reverse, and tells changes at once.
package struct RIPInstance: RoutingProtocol {
    package let id: RoutingProtocolID
    let configuration: RIPConfiguration
    /// Interfaces of it that can forward.
    var live: Set<String> = []
    /// Subnets of its live interfaces, with the interface.
    var direct: [IPPrefix: String] = [:]
    /// Of other sources, as its export policy lets them through.
    var redistributed: [IPPrefix: RIPRedistribution] = [:]
    /// The best of what neighbors tell; all can be reached.
    var learned: [IPPrefix: RIPRoute] = [:]
    /// What can be reached no more and is told of as such, until a moment.
    var gone: [IPPrefix: Instant] = [:]
    /// What is to be told in the next triggered update.
    var changed: Set<IPPrefix> = []
    var neighbors: [RIPNeighbor.Key: RIPNeighbor] = [:]
    var keys: [String: RIPAuthenticationKey] = [:]
    var jitter: Jitter
    /// Until when changes wait to be told together; nil when one may be told at once.
    var isHoldingChanges = false
    /// When the timer of ages is armed for.
    var ageDue: Instant?
    package var generation: UInt64 = 0
    /// The latest packet or route that was of no use, in words.
    var lastError: String?

    /// How many routes neighbors can make us keep, and how many neighbors an interface may have.
    static let routesMax = 20_000
    static let neighborsMax = 250

    package init(_ configuration: RIPConfiguration) {
        self.configuration = configuration
        id = RoutingProtocolID(
            configuration.family == .ipv4 ? .rip : .ripng, vrf: configuration.vrf)
        for interface in configuration.interfaces {
            keys[interface.interface] = interface.authentication
                .flatMap(RIPAuthenticationKey.init)
        }
        let seed = configuration.interfaces.lazy.compactMap(\.addresses.first).first
        jitter = Jitter(seed: UInt64(truncatingIfNeeded: seed?.address.bits ?? 0))
    }

    var family: AddressFamily { configuration.family }

    func interface(_ name: String?) -> RIPInterfaceConfiguration? {
        configuration.interfaces.first { $0.interface == name }
    }

    // MARK: Events

    package mutating func start(_ step: inout ProtocolStep) { armUpdate(&step) }

    package mutating func interface(
        _ name: String, isUp: Bool, _ step: inout ProtocolStep
    ) {
        guard let interface = interface(name), live.contains(name) != isUp else { return }
        generation += 1
        if isUp {
            live.insert(name)
            for prefix in interface.subnets where direct[prefix] == nil {
                direct[prefix] = name
                appeared(prefix)
            }
            if !interface.isPassive { ask(interface, &step) }
        } else {
            live.remove(name)
            for prefix in direct.keys.sorted() where direct[prefix] == name {
                direct[prefix] = liveInterface(with: prefix)
                if direct[prefix] == nil { vanished(prefix, &step) }
            }
            for prefix in learned.keys.sorted() where learned[prefix]?.interface == name {
                forget(prefix, &step)
            }
            neighbors = neighbors.filter { $0.key.interface != name }
        }
        tellChanges(&step)
    }

    private func liveInterface(with prefix: IPPrefix) -> String? {
        configuration.interfaces.first {
            live.contains($0.interface) && $0.subnets.contains(prefix)
        }?.interface
    }

    package mutating func offered(
        _ prefix: IPPrefix, _ route: OfferedRoute?, _ step: inout ProtocolStep
    ) {
        guard prefix.family == family, RIPEntry.isRoutable(prefix) else { return }
        let new = route.map(RIPRedistribution.init)
        guard new != redistributed[prefix] else { return }
        redistributed[prefix] = new
        if new == nil { vanished(prefix, &step) } else { appeared(prefix) }
        tellChanges(&step)
    }

    package mutating func timer(_ timer: RoutingTimer, _ step: inout ProtocolStep) {
        switch timer {
        case .update:
            tellAll(&step)
            armUpdate(&step)
        case .triggered:
            isHoldingChanges = false
            tellChanges(&step)
        case .age: age(&step)
        default: break
        }
    }

    /// What was reached by us is reached by us no more.
    package mutating func shutDown(_ step: inout ProtocolStep) {
        for prefix in everything where advertised(prefix) != nil { gone[prefix] = step.now }
        (direct, redistributed, learned) = ([:], [:], [:])
        tellAll(&step)
        for timer in [RoutingTimer.update, .triggered, .age] { step.emit(.cancel(timer)) }
        live = []
    }
}

/// A route of another source.
struct RIPRedistribution: Hashable, Sendable {
    var metric: UInt8
    var nextHop: ForwardingNextHop?

    /// The metric is the MED, which the export policy may have set, and which carries the metric
    /// of another site of the VPN; without one that can be a metric it is 1.
    init(_ route: OfferedRoute) {
        let distance = route.attributes.med ?? 0
        metric = 1..<16 ~= distance ? UInt8(distance) : 1
        nextHop = route.nextHops.count == 1 ? route.nextHops.first : nil
    }
}

/// A route that a neighbor told.
struct RIPRoute: Hashable, Sendable {
    /// Its own metric and the interface's cost; 1 to 15.
    var metric: UInt8
    var tag: UInt16
    var gateway: IPAddress
    var interface: String
    /// Who told it.
    var source: IPAddress
    /// Without word of it until then it is dead.
    var expires: Instant
}

/// A router that was heard.
struct RIPNeighbor: Hashable, Sendable {
    struct Key: Hashable, Sendable, Comparable {
        var interface: String
        var address: IPAddress

        static func < (a: Self, b: Self) -> Bool {
            (a.interface, a.address) < (b.interface, b.address)
        }
    }

    var lastHeard: Instant
    /// The latest of its sequence numbers.
    var sequence: UInt32?
    var badPackets = 0
    var badRoutes = 0
}

extension RIPInterfaceConfiguration {
    /// Link-local addresses mean nothing on another link.
    var subnets: [IPPrefix] {
        addresses.filter { !$0.address.isLinkLocal }.map(\.prefix)
    }

    /// What it speaks from: in IPv6 a link-local address (RFC 2080 §2.5).
    var source: IPAddress? {
        addresses.map(\.address).first { $0.family == .ipv4 || $0.isLinkLocal }
    }

    func isOn(_ address: IPAddress) -> Bool {
        address.family == .ipv6
            ? address.isLinkLocal : addresses.contains { $0.prefix.contains(address) }
    }

    func isOwn(_ address: IPAddress) -> Bool { addresses.contains { $0.address == address } }
}

extension RIPAuthenticationKey {
    /// Nil for an authentication that RIP does not have, or a password that does not fit it.
    init?(_ authentication: Authentication) {
        let use: Use? =
            switch authentication.method {
            case .clear: .simplePassword
            case .md5: .keyedMD5
            case .hmacSHA1: .hmac(.sha1)
            case .hmacSHA256: .hmac(.sha256)
            case .hmacSHA384: .hmac(.sha384)
            case .hmacSHA512: .hmac(.sha512)
            default: nil
            }
        guard let use, let keyID = UInt8(exactly: authentication.keyID) else { return nil }
        self.init(keyID: keyID, use: use, secret: Array(authentication.password.utf8))
    }
}
