// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives

extension RoutingConfiguration {
    /// What `weft plan` prints of a routing protocol: its key in the router, and all that it runs
    /// with. Keys are those of the topology file where it has them; passwords are never shown.
    var member: JSON.Member {
        switch self {
        case .isis(let isis): JSON.Member("isis", isis.json)
        case .ospf(let ospf): JSON.Member(Self.key("ospf", ospf.family, "ospf3"), ospf.json)
        case .rip(let rip): JSON.Member(Self.key("rip", rip.family, "ripng"), rip.json)
        case .ldp(let ldp): JSON.Member("ldp", ldp.json)
        }
    }

    private static func key(_ ipv4: String, _ family: AddressFamily, _ ipv6: String) -> String {
        family == .ipv4 ? ipv4 : ipv6
    }
}

/// A switch that is on; off ones are not printed.
private func on(_ value: Bool) -> JSON { value ? true : nil }

extension BFDParameters {
    var json: JSON {
        JSON.present([
            ("interval", JSON(transmitInterval.text)),
            (
                "receive-interval",
                receiveInterval == transmitInterval ? nil : JSON(receiveInterval.text)
            ),
            ("multiplier", JSON(multiplier)), ("demand", on(isDemand)),
            ("authentication", authentication?.json ?? .null),
        ])
    }
}

extension Authentication {
    /// Whether packets name the key by a number.
    private var hasNumber: Bool { method != .clear && method != .hmacMD5 }

    fileprivate var json: JSON {
        JSON.present([
            ("type", JSON(method.rawValue)), ("key-id", hasNumber ? JSON(keyID) : nil),
            ("password", "(set)"),
        ])
    }
}

extension SPFThrottle {
    fileprivate var json: JSON {
        [
            "initial": JSON(initialDelay.text), "wait": JSON(minimumInterval.text),
            "maximum": JSON(maximumInterval.text),
        ]
    }
}

extension ISISConfiguration {
    fileprivate var json: JSON {
        JSON.present([
            ("system-id", .string(systemID.description)), ("areas", JSON(areas)),
            ("level", JSON(levels.rawValue)), ("families", JSON(families.map { "\($0)" })),
            ("authentication", authentication.compactMap(\.self).first?.json ?? .null),
            ("lsp-lifetime", JSON(lifetime.text)),
            ("overload-on-start", JSON(overloadOnStart?.text)), ("overload", on(isOverloaded)),
            ("spf", throttle.json), ("export", JSON(exportPolicy)),
            ("interfaces", JSON(circuits.map(\.json))),
        ])
    }
}

extension ISISCircuitConfiguration {
    fileprivate var json: JSON {
        let common: [(String, JSON)] = [
            ("interface", JSON(interface)), ("level", JSON(levels.rawValue)),
            ("metric", JSON(metric)), ("passive", on(isPassive)),
        ]
        guard !isPassive else { return JSON.present(common) }
        return JSON.present(
            common + [
                ("type", isPointToPoint ? "point-to-point" : "broadcast"),
                ("priority", isPointToPoint ? nil : JSON(priority)),
                ("hello-interval", JSON(helloInterval.text)),
                ("hold-multiplier", JSON(helloMultiplier)), ("packet-size", JSON(mtu)),
                ("authentication", authentication?.json ?? .null), ("bfd", bfd?.json ?? .null),
                ("awaits-ldp", on(isLDPSynchronised)),
            ])
    }
}

extension OSPFConfiguration {
    fileprivate var json: JSON {
        JSON.present([
            ("vrf", JSON(vrf)), ("router-id", .string(routerID.description)),
            ("areas", JSON(areas.map(\.json))), ("spf", throttle.json),
            ("export", JSON(exportPolicy)),
            (
                "export-type",
                exportPolicy.isEmpty ? nil : externalMetricType == .type1 ? 1 : 2
            ), ("domain-id", JSON(providerEdge?.domainID)),
            ("sham-links", JSON((providerEdge?.shamLinks ?? []).map(\.json))),
            ("interfaces", JSON(interfaces.map(\.json))),
        ])
    }
}

extension OSPFConfiguration.ShamLink {
    fileprivate var json: JSON {
        JSON.present([
            ("local", .string(local.description)), ("remote", .string(remote.description)),
            ("area", .string(area.description)), ("cost", JSON(cost)),
        ])
    }
}

extension OSPFAreaConfiguration {
    fileprivate var json: JSON {
        let own: [(String, JSON)] =
            switch kind {
            case .normal: []
            case .stub(let metric): [("kind", "stub"), ("default-metric", JSON(metric))]
            case .totallyStub(let metric):
                [("kind", "totally-stub"), ("default-metric", JSON(metric))]
            }
        return JSON.present([("area", .string(id.description))] + own)
    }
}

extension OSPFInterfaceConfiguration {
    fileprivate var json: JSON {
        let common: [(String, JSON)] = [
            ("interface", JSON(interface)), ("area", .string(area.description)),
            ("cost", JSON(cost)), ("passive", on(isPassive)),
        ]
        guard !isPassive else { return JSON.present(common) }
        return JSON.present(
            common + [
                ("type", isPointToPoint ? "point-to-point" : "broadcast"),
                ("priority", isPointToPoint ? nil : JSON(priority)),
                ("hello-interval", JSON(helloInterval.text)),
                ("dead-interval", JSON(deadInterval.text)),
                ("retransmit-interval", JSON(retransmitInterval.text)), ("mtu", JSON(mtu)),
                ("authentication", authentication?.json ?? .null), ("bfd", bfd?.json ?? .null),
                ("awaits-ldp", on(isLDPSynchronised)),
            ])
    }
}

extension RIPConfiguration {
    fileprivate var json: JSON {
        JSON.present([
            ("vrf", JSON(vrf)), ("update-interval", JSON(updateInterval.text)),
            ("timeout", JSON(timeout.text)), ("garbage-time", JSON(garbageInterval.text)),
            ("export", JSON(exportPolicy)), ("interfaces", JSON(interfaces.map(\.json))),
        ])
    }
}

extension RIPInterfaceConfiguration {
    fileprivate var json: JSON {
        JSON.present([
            ("interface", JSON(interface)), ("cost", JSON(cost)), ("passive", on(isPassive)),
            ("authentication", authentication?.json ?? .null),
        ])
    }
}

extension LDPConfiguration {
    fileprivate var json: JSON {
        JSON.present([
            ("router-id", .string(routerID.description)),
            ("interfaces", JSON(interfaces.map(\.interface))), ("targets", JSON(targets)),
            ("label-range", .string("\(labelRange.lowerBound)-\(labelRange.upperBound)")),
            ("prefixes", isHostsOnly ? "hosts" : "all"), ("explicit-null", on(isExplicitNull)),
            ("track-igp-metric", .bool(tracksIGPMetric)),
            ("password", password == nil ? nil : "(set)"),
            ("hello-interval", JSON(helloInterval.text)),
            ("hello-hold-time", JSON(helloHoldTime.text)),
            ("targeted-hello-hold-time", JSON(targetedHelloHoldTime.text)),
            ("keepalive", JSON(keepaliveTime.text)),
        ])
    }
}
