// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives

/// IS-IS and LDP.
extension FRRConfiguration {
    private static let tag = "weft"

    // MARK: IS-IS

    mutating func add(_ isis: ISISConfiguration) {
        for key in isis.authentication { checkMethod(key, "IS-IS") }
        if !isis.exportPolicy.isEmpty { refuse("IS-IS's export of other routes") }
        // The interval stands first: what comes before it waits for the default, 30 seconds.
        var lines = ["router isis \(Self.tag)", " lsp-gen-interval 1"]
        lines += isis.areas.map { " net \($0).\(isis.systemID).00" }
        lines += [
            " is-type \(Self.word(isis.levels))", " metric-style wide",
        ]
        lines += lifetime(isis) + throttle(isis.throttle) + keys(isis)
        if isis.circuits.contains(where: \.isLDPSynchronised) { lines.append(" mpls ldp-sync") }
        if isis.isOverloaded { lines.append(" set-overload-bit") }
        if let time = isis.overloadOnStart {
            let seconds = seconds(time, 0...86_400, "IS-IS's overload on start")
            lines.append(" set-overload-bit on-startup \(seconds)")
        }
        add(.isisd, lines + ["exit"])
        for circuit in isis.circuits { add(circuit, isis) }
    }

    private mutating func add(_ circuit: ISISCircuitConfiguration, _ isis: ISISConfiguration) {
        let place = "IS-IS on \(circuit.interface)"
        var lines = ["interface \(circuit.interface)", " ip router isis \(Self.tag)"]
        if isis.families.contains(.ipv6) { lines.append(" ipv6 router isis \(Self.tag)") }
        lines.append(" isis metric \(circuit.metric)")
        if circuit.isPassive {
            add(.isisd, lines + [" isis passive", "exit"])
            return
        }
        lines.append(" isis circuit-type \(Self.word(circuit.levels))")
        if circuit.isPointToPoint { lines.append(" isis network point-to-point") }
        let interval = seconds(circuit.helloInterval, 1...600, "a hello interval in \(place)")
        if !(2...100).contains(circuit.helloMultiplier) {
            refuse("a hello multiplier of \(circuit.helloMultiplier) in \(place)")
        }
        lines += [
            " isis hello-interval \(interval)",
            " isis hello-multiplier \(circuit.helloMultiplier)",
        ]
        if !circuit.isPointToPoint { lines.append(" isis priority \(circuit.priority)") }
        if let key = circuit.authentication {
            checkMethod(key, place)
            lines.append(" isis password \(Self.word(key)) \(word(key.password, place))")
        }
        if let bfd = circuit.bfd {
            // It would watch the neighbor's link-local address, and our engine the IPv4 one.
            if isis.families.contains(.ipv6) { refuse("BFD of \(place), which carries IPv6") }
            lines += [" isis bfd", " isis bfd profile \(profile(bfd, place))"]
        }
        add(.isisd, lines + ["exit"])
    }

    private static func word(_ levels: ISISLevels) -> String {
        switch levels {
        case .level1: "level-1"
        case .level2: "level-2-only"
        case .both: "level-1-2"
        }
    }

    private static func word(_ key: Authentication) -> String {
        key.method == .hmacMD5 ? "md5" : "clear"
    }

    private mutating func checkMethod(_ key: Authentication?, _ what: String) {
        guard let method = key?.method, method != .hmacMD5, method != .clear else { return }
        refuse("authentication by \(method.rawValue) of \(what); it takes clear and hmac-md5")
    }

    /// The refresh comes five minutes before the end, as FRR demands.
    private mutating func lifetime(_ isis: ISISConfiguration) -> [String] {
        let lifetime = seconds(isis.lifetime, 360...65_535, "IS-IS's lifetime of packets")
        return [
            " max-lsp-lifetime \(lifetime)", " lsp-refresh-interval \(max(1, lifetime - 300))",
        ]
    }

    /// The waits of RFC 8405: the first, those of a short row of changes, those of a long one.
    private mutating func throttle(_ throttle: SPFThrottle) -> [String] {
        let (first, short, long) = waits(throttle, 0...60_000, "IS-IS")
        return [
            " spf-interval 1",
            " spf-delay-ietf init-delay \(first) short-delay \(short) long-delay \(long) "
                + "holddown \(2 * long) time-to-learn \(max(long, short))",
        ]
    }

    private mutating func keys(_ isis: ISISConfiguration) -> [String] {
        zip(["area", "domain"], isis.authentication).compactMap { scope, key in
            key.map {
                " \(scope)-password \(Self.word($0)) \(word($0.password, "IS-IS")) "
                    + "authenticate snp validate"
            }
        }
    }

    // MARK: LDP

    mutating func add(_ ldp: LDPConfiguration) {
        // A link is worth its metric a second after its session came up, where FRR would wait ten.
        var lines = [
            "mpls ldp", " router-id \(ldp.routerID)", " ordered-control", " wait-for-sync 1",
        ]
        if let password = ldp.password {
            let word = word(password, "LDP")
            lines += labelPeers.sorted().map { " neighbor \($0) password \(word)" }
        }
        let hello = seconds(ldp.helloInterval, 1...65_535, "LDP's hello interval")
        let hold = seconds(ldp.helloHoldTime, 1...65_535, "LDP's hello hold time")
        let session = seconds(ldp.keepaliveTime, 15...65_535, "LDP's keepalive time")
        lines += [
            " discovery hello holdtime \(hold)", " discovery hello interval \(hello)",
            " address-family ipv4", "  discovery transport-address \(ldp.routerID)",
            "  session holdtime \(session)",
        ]
        if ldp.isHostsOnly { lines.append("  label local allocate host-routes") }
        if ldp.isExplicitNull { lines.append("  label local advertise explicit-null") }
        for target in ldp.targets { lines.append("  neighbor \(target) targeted") }
        for interface in ldp.interfaces {
            lines += ["  interface \(interface.interface)", "  exit"]
        }
        add(.ldpd, lines + [" exit-address-family", "exit"])
    }
}
