// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives

/// OSPF version 2 in the core.
extension FRRConfiguration {
    mutating func add(_ ospf: OSPFConfiguration) {
        guard ospf.family == .ipv4 else { return refuse("OSPF version 3") }
        if let vrf = ospf.vrf { return refuse("OSPF in the VRF \(vrf)") }
        if !ospf.exportPolicy.isEmpty { refuse("OSPF's export of other routes") }
        var lines = ["router ospf", " ospf router-id \(ospf.routerID)"]
        lines += throttle(ospf.throttle) + ospf.areas.flatMap(Self.lines)
        if ospf.interfaces.contains(where: \.isLDPSynchronised) { lines.append(" mpls ldp-sync") }
        add(.ospfd, lines + ["exit"])
        for interface in ospf.interfaces { add(interface) }
    }

    /// News waits as little as with our own engine, where FRR would wait for five seconds.
    private mutating func throttle(_ throttle: SPFThrottle) -> [String] {
        let (first, next, longest) = waits(throttle, 0...600_000, "OSPF")
        return [
            " timers throttle spf \(first) \(next) \(longest)",
            " timers throttle lsa all 100", " timers lsa min-arrival 100",
        ]
    }

    private static func lines(_ area: OSPFAreaConfiguration) -> [String] {
        switch area.kind {
        case .normal: []
        case .stub(let metric):
            [" area \(area.id) stub", " area \(area.id) default-cost \(metric)"]
        case .totallyStub(let metric):
            [" area \(area.id) stub no-summary", " area \(area.id) default-cost \(metric)"]
        }
    }

    private mutating func add(_ interface: OSPFInterfaceConfiguration) {
        let place = "OSPF on \(interface.interface)"
        var lines = [
            "interface \(interface.interface)", " ip ospf area \(interface.area)",
            " ip ospf cost \(interface.cost)",
        ]
        if interface.isPassive {
            return add(.ospfd, lines + [" ip ospf passive", "exit"])
        }
        let hello = seconds(interface.helloInterval, 1...65_535, "a hello interval in \(place)")
        let dead = seconds(interface.deadInterval, 1...65_535, "a dead interval in \(place)")
        let again = seconds(
            interface.retransmitInterval, 3...65_535, "a retransmission interval in \(place)")
        lines += [
            " ip ospf network \(interface.isPointToPoint ? "point-to-point" : "broadcast")",
            " ip ospf priority \(interface.priority)", " ip ospf hello-interval \(hello)",
            " ip ospf dead-interval \(dead)", " ip ospf retransmit-interval \(again)",
        ]
        if let key = interface.authentication { lines += authentication(key, place) }
        if let bfd = interface.bfd {
            lines += [" ip ospf bfd", " ip ospf bfd profile \(profile(bfd, place))"]
        }
        add(.ospfd, lines + ["exit"])
    }

    private mutating func authentication(_ key: Authentication, _ place: String) -> [String] {
        let password = word(key.password, place)
        switch key.method {
        case .clear: return [" ip ospf authentication", " ip ospf authentication-key \(password)"]
        case .md5:
            return [
                " ip ospf authentication message-digest",
                " ip ospf message-digest-key \(key.keyID) md5 \(password)",
            ]
        default:
            refuse("authentication by \(key.method.rawValue) of \(place); it takes clear and md5")
            return []
        }
    }
}
