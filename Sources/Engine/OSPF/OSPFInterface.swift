// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// An interface of an area (RFC 2328 §9), or a sham link, which is one without a subnet (RFC 4577
/// §4.2.7).
struct OSPFInterface: Sendable {
    let configuration: OSPFInterfaceConfiguration
    /// Its number, from 1: the Interface ID of version 3, and the Link Data of what has no address.
    let number: UInt32
    let sham: OSPFConfiguration.ShamLink?
    var isUp = false
    var state = State.down
    /// By router ID.
    var neighbors: [IPv4Address: OSPFNeighbor] = [:]
    /// Zero for none.
    var designatedRouter = IPv4Address(bits: 0)
    var backup = IPv4Address(bits: 0)
    var isSynchronised = false
    /// Acknowledgments that wait for company, in the order of arrival.
    var acknowledgments: [OSPFLSAHeader] = []
    /// What this event floods by it, in order; each once.
    var flooding: [OSPFPlace] = []
    private var isFlooding: Set<OSPFPlace> = []
    /// Packets that were not taken, and why the last was not.
    var rejected: UInt64 = 0
    var lastError: String?

    /// RFC 2328 §9.1.
    enum State: Hashable, Sendable {
        case down
        /// Its subnets are told, and nobody is spoken to.
        case passive
        case waiting
        case pointToPoint
        case designatedRouterOther
        case backup
        case designatedRouter

        var name: String {
            switch self {
            case .down: "down"
            case .passive: "passive"
            case .waiting: "waiting"
            case .pointToPoint: "point-to-point"
            case .designatedRouterOther: "dr-other"
            case .backup: "backup"
            case .designatedRouter: "dr"
            }
        }
    }

    init(_ configuration: OSPFInterfaceConfiguration, number: UInt32) {
        self.configuration = configuration
        self.number = number
        sham = nil
    }

    init(_ sham: OSPFConfiguration.ShamLink, number: UInt32) {
        self.sham = sham
        self.number = number
        configuration = OSPFInterfaceConfiguration(
            interface: "sham-\(sham.remote)", addresses: [], area: sham.area, cost: sham.cost,
            mtu: 0)
    }

    var name: String { configuration.interface }
    var area: IPv4Address { configuration.area }
    var isPointToPoint: Bool { sham != nil || configuration.isPointToPoint }

    /// What its packets come from: a link-local address in IPv6.
    var address: IPAddress? {
        if let sham { return sham.local }
        return configuration.addresses.first {
            $0.address.family == .ipv4 || $0.address.isLinkLocal
        }?.address
    }

    /// The subnets that it tells of, with the addresses in them; not those of the link alone.
    var subnets: [InterfaceAddress] {
        configuration.addresses.filter { !$0.address.isLinkLocal }
    }

    /// What we are called by on this network: an address in version 2, else the router ID.
    func designation(_ routerID: IPv4Address) -> IPv4Address { address?.v4 ?? routerID }

    /// What the link costs: as much as can be while LDP does not carry it (RFC 5443 §2).
    var cost: UInt16 {
        configuration.isLDPSynchronised && !isSynchronised ? .max : configuration.cost
    }

    /// In the order of their router IDs.
    var neighborsInOrder: [OSPFNeighbor] {
        neighbors.values.sorted { $0.routerID < $1.routerID }
    }

    var fullNeighbors: [OSPFNeighbor] { neighborsInOrder.filter { $0.state == .full } }

    /// The largest IP packet: what the sham link's path carries is not known.
    var mtu: Int { sham == nil ? Int(configuration.mtu) : 1400 }

    /// Whether we speak to its neighbors.
    var isActive: Bool { state != .down && state != .passive }

    /// The wire's seconds of a configured time; never 0.
    static func seconds(_ duration: Duration) -> Int64 {
        max(1, (duration.nanoseconds + 999_999_999) / 1_000_000_000)
    }

    var helloSeconds: UInt16 { UInt16(clamping: Self.seconds(configuration.helloInterval)) }
    var deadSeconds: UInt16 { UInt16(clamping: Self.seconds(configuration.deadInterval)) }

    /// Puts an LSA among what this event floods.
    mutating func flood(_ place: OSPFPlace) {
        if isFlooding.insert(place).inserted { flooding.append(place) }
    }

    mutating func takeFlooding() -> [OSPFPlace] {
        defer {
            flooding = []
            isFlooding = []
        }
        return flooding
    }

    mutating func reject(_ text: String) {
        rejected += 1
        lastError = text
    }

    /// How packets of version 2 are authenticated.
    var authentication: OSPFAuthentication {
        guard let configured = configuration.authentication else { return .none }
        let secret = Array(configured.password.utf8)
        let algorithm: OSPFAuthentication.Algorithm
        switch configured.method {
        case .clear: return .simpleText(secret)
        case .md5, .hmacMD5, .meticulousMD5: algorithm = .md5
        case .hmacSHA1, .sha1, .meticulousSHA1: algorithm = .hmacSHA1
        case .hmacSHA224, .hmacSHA256: algorithm = .hmacSHA256
        case .hmacSHA384: algorithm = .hmacSHA384
        case .hmacSHA512: algorithm = .hmacSHA512
        }
        return .cryptographic(
            .init(id: UInt8(clamping: configured.keyID), algorithm, secret: secret))
    }
}
