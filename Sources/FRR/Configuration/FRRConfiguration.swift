// SPDX-License-Identifier: Apache-2.0

import Engine
import Plan
import Primitives
import Topology

/// What FRR's daemons are told so that they route as a node's configuration says.
///
/// A pure function of the plan. Whatever FRR cannot be told stands in `refusals`: nothing that the
/// file says is left out in silence. The texts hold passwords.
package struct FRRConfiguration: Hashable, Sendable {
    /// The daemons that the node needs, each with its configuration file's lines.
    package private(set) var files: [FRRDaemon: [String]] = [:]
    /// What FRR 8.4 cannot be told, in words that name it; in a fixed order.
    package private(set) var refusals: [String] = []

    let router: RouterConfiguration
    /// The LSR identifiers of the lab's other routers with LDP: FRR wants a password for each.
    let labelPeers: [IPv4Address]
    private var profiles: [BFDParameters] = []

    /// - Parameter labelPeers: the LSR identifiers of those that may become LDP peers.
    package init(_ router: RouterConfiguration, labelPeers: [IPv4Address] = []) {
        self.router = router
        self.labelPeers = labelPeers.filter { $0 != router.ldp?.routerID }
        for daemon in [FRRDaemon.zebra] { start(daemon) }
        refuseWhatHasNoDaemon()
        addStaticRoutes()
        for configuration in router.protocols { add(configuration) }
        addBGP()
        addProfiles()
    }

    /// The configuration of a node of a lab; nil where the node's engine is not FRR.
    package init?(engineOf node: String, in plan: LabPlan) {
        guard plan.topology.node(node)?.engine == .frr, let router = plan.router(node) else {
            return nil
        }
        self.init(router, labelPeers: plan.routers.compactMap { $0.ldp?.routerID })
    }

    /// A daemon's configuration file.
    package func text(of daemon: FRRDaemon) -> String {
        (files[daemon] ?? []).map { "\($0)\n" }.joined()
    }

    package var daemons: [FRRDaemon] { files.keys.sorted() }

    // MARK: Parts

    private mutating func start(_ daemon: FRRDaemon) {
        if files[daemon] == nil { files[daemon] = ["hostname \(router.name)"] }
    }

    mutating func add(_ daemon: FRRDaemon, _ lines: [String]) {
        start(daemon)
        files[daemon]? += lines
    }

    mutating func refuse(_ what: String) {
        if !refusals.contains(what) { refusals.append(what) }
    }

    /// Whole seconds within a range; anything else is refused.
    mutating func seconds(
        _ duration: Duration, _ range: ClosedRange<Int64>, _ what: String
    ) -> Int64 {
        let (seconds, rest) = duration.components
        if rest != 0 || !range.contains(seconds) {
            refuse(
                "\(what) of \(duration.text); it takes whole seconds, "
                    + "\(range.lowerBound) to \(range.upperBound)")
        }
        return seconds
    }

    /// Whole milliseconds within a range; anything else is refused.
    mutating func milliseconds(
        _ duration: Duration, _ range: ClosedRange<Int64>, _ what: String
    ) -> Int64 {
        let (value, rest) = duration.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000)
        if rest != 0 || !range.contains(value) {
            refuse(
                "\(what) of \(duration.text); it takes whole milliseconds, "
                    + "\(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// A protocol's waits for shortest paths: the first, the next, the longest; whole milliseconds.
    mutating func waits(
        _ throttle: SPFThrottle, _ range: ClosedRange<Int64>, _ name: String
    ) -> (first: Int64, next: Int64, longest: Int64) {
        (
            milliseconds(throttle.initialDelay, range, "\(name)'s first wait for SPF"),
            milliseconds(throttle.minimumInterval, range, "\(name)'s wait for SPF"),
            milliseconds(throttle.maximumInterval, range, "\(name)'s longest wait for SPF")
        )
    }

    /// A password as a word of a line; what would end the word is refused.
    mutating func word(_ password: String, _ what: String) -> String {
        let isWord = password.unicodeScalars.allSatisfy { (33...126).contains($0.value) }
        if !isWord || password.isEmpty {
            refuse("\(what): FRR takes printable ASCII without spaces as a password")
        }
        return password
    }

    // MARK: What no daemon of ours does

    private mutating func refuseWhatHasNoDaemon() {
        if !router.vrrpGroups.isEmpty { refuse("VRRP") }
        if !router.routerAdvertisements.isEmpty { refuse("router advertisements") }
        if !router.transports.isEmpty { refuse("transports") }
        if !router.tunnels.isEmpty || !router.labelSwitches.isEmpty {
            refuse("the label switched paths of a static core")
        }
    }

    private mutating func add(_ configuration: RoutingConfiguration) {
        switch configuration {
        case .isis(let isis): add(isis)
        case .ldp(let ldp): add(ldp)
        case .ospf(let ospf): add(ospf)
        case .rip(let rip): refuse(rip.family == .ipv4 ? "RIP" : "RIPng")
        }
    }

    private mutating func addStaticRoutes() {
        for route in router.staticRoutes where route.bfd != nil {
            refuse("BFD of the static route \(route.prefix)")
        }
        let vrfs: [VRFConfiguration?] = [nil] + router.vrfs
        for vrf in vrfs {
            let routes = router.staticRoutes.filter { $0.vrf == vrf?.name }
            guard !routes.isEmpty else { continue }
            let lines = routes.map { route in
                let word = route.prefix.family == .ipv4 ? "ip" : "ipv6"
                let gateway = route.gateway.map { "\($0)" } ?? "blackhole"
                return "\(word) route \(route.prefix) \(gateway)"
            }
            if let vrf {
                add(.staticd, ["vrf \(vrf.device)"] + lines.map { " \($0)" } + ["exit-vrf"])
            } else {
                add(.staticd, lines)
            }
        }
    }

    // MARK: BFD

    /// The name of the profile that stands for a session's parameters.
    mutating func profile(_ bfd: BFDParameters, _ what: String) -> String {
        if let method = bfd.authentication?.method {
            refuse("BFD's authentication (\(method.rawValue)) of \(what)")
        }
        if bfd.isDemand { refuse("BFD's demand mode of \(what)") }
        if !profiles.contains(bfd) { profiles.append(bfd) }
        return Self.name(bfd)
    }

    private static func name(_ bfd: BFDParameters) -> String {
        let times = [bfd.transmitInterval, bfd.receiveInterval].map {
            "\($0.nanoseconds / 1_000_000)"
        }
        return "weft-\(times.joined(separator: "-"))-\(bfd.multiplier)"
    }

    private mutating func addProfiles() {
        guard !profiles.isEmpty else { return }
        var lines = ["bfd"]
        for bfd in profiles {
            let range: ClosedRange<Int64> = 10...60_000
            let transmit = milliseconds(bfd.transmitInterval, range, "BFD's interval")
            let receive = milliseconds(bfd.receiveInterval, range, "BFD's interval")
            if bfd.multiplier < 2 { refuse("BFD's multiplier of 1; it takes 2 to 255") }
            lines += [
                " profile \(Self.name(bfd))", "  detect-multiplier \(bfd.multiplier)",
                "  receive-interval \(receive)", "  transmit-interval \(transmit)", " exit",
            ]
        }
        add(.bfdd, lines + ["exit"])
    }
}
