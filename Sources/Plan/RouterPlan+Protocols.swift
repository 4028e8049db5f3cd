// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Topology

/// The configurations of IS-IS, OSPF, RIP and LDP.
extension RouterPlan {
    /// One of each protocol and VRF, in a fixed order.
    var protocols: [RoutingConfiguration] {
        [node.isis.map { .isis(isis($0)) }].compactMap(\.self)
            + node.ospf.map { .ospf(ospf($0)) } + node.rip.map { .rip(rip($0)) }
            + [node.ldp.map { .ldp(ldp($0)) }].compactMap(\.self)
    }

    /// Octets of the LLC header before a packet of IS-IS (ISO 8802-2).
    private static let llcHeader: UInt32 = 3

    /// The addresses of an interface, with the link-local one where there is IPv6: routers know it
    /// before the kernel has made it.
    func addresses(of name: String, _ family: AddressFamily? = nil) -> [InterfaceAddress] {
        guard let interface = node.interface(name) else { return [] }
        let linkLocal = names.mac(of: interface, node).map {
            InterfaceAddress(.linkLocal(of: $0), length: 64)
        }
        return (interface.addresses + [linkLocal].compactMap(\.self)).filter {
            family == nil || $0.address.family == family
        }
    }

    private func loopbackAddresses(_ family: AddressFamily? = nil) -> [InterfaceAddress] {
        node.loopbacks.filter { family == nil || $0.family == family }.map {
            InterfaceAddress($0, length: UInt8($0.family.bitWidth))
        }
    }

    // MARK: IS-IS

    private func isis(_ isis: ISIS) -> ISISConfiguration {
        let families: [AddressFamily] = isis.hasIPv6 ? [.ipv4, .ipv6] : [.ipv4]
        let loopback = ISISCircuitConfiguration(
            interface: "lo", addresses: loopbackAddresses(), levels: ISISLevels(isis.level),
            isPassive: true, metric: 0)
        return ISISConfiguration(
            systemID: isis.systemID, areas: [isis.area], levels: ISISLevels(isis.level),
            hostname: node.name, routerID: node.routerID,
            circuits: [loopback] + isis.interfaces.map(circuit),
            authentication: [isis.authentication, isis.authentication], families: families,
            lifetime: isis.lspLifetime, throttle: SPFThrottle(isis.spf),
            overloadOnStart: isis.overloadOnStart == .zero ? nil : isis.overloadOnStart,
            isOverloaded: isis.isOverloaded)
    }

    private func circuit(_ circuit: ISIS.Circuit) -> ISISCircuitConfiguration {
        ISISCircuitConfiguration(
            interface: circuit.interface,
            mac: node.interface(circuit.interface).flatMap { names.mac(of: $0, node) }
                ?? MACAddress(bits: 0),
            addresses: addresses(of: circuit.interface),
            mtu: mtu(of: circuit.interface) - Self.llcHeader, levels: ISISLevels(circuit.level),
            isPointToPoint: circuit.type == .pointToPoint, isPassive: circuit.isPassive,
            metric: circuit.metric, priority: circuit.priority,
            helloInterval: circuit.helloInterval,
            helloMultiplier: UInt16(circuit.holdMultiplier),
            authentication: circuit.authentication, bfd: circuit.bfd.map(BFDParameters.init),
            isLDPSynchronised: circuit.awaitsLDP)
    }

    private func mtu(of interface: String) -> UInt32 { node.interface(interface)?.mtu ?? 1500 }

    // MARK: OSPF

    private func ospf(_ ospf: OSPF) -> OSPFConfiguration {
        let loopbacks = loopbackAddresses(ospf.family)
        let loopback = ospf.loopbackArea.flatMap { area in
            loopbacks.isEmpty
                ? nil
                : OSPFInterfaceConfiguration(
                    interface: "lo", addresses: loopbacks, area: area, isPassive: true, cost: 1)
        }
        let interfaces = [loopback].compactMap(\.self) + ospf.interfaces.map { interface($0, ospf) }
        return OSPFConfiguration(
            vrf: ospf.vrf, family: ospf.family, routerID: node.routerID,
            areas: areas(ospf, interfaces), interfaces: interfaces,
            throttle: SPFThrottle(ospf.spf), exportPolicy: ospf.exportPolicy,
            externalMetricType: ospf.hasExternalType1 ? .type1 : .type2,
            providerEdge: ospf.vrf.map { _ in providerEdge(ospf) })
    }

    /// Those of the interfaces and sham links, in order.
    private func areas(
        _ ospf: OSPF, _ interfaces: [OSPFInterfaceConfiguration]
    ) -> [OSPFAreaConfiguration] {
        let used = Set(interfaces.map(\.area) + ospf.shamLinks.map(\.area))
        return used.sorted().map { area in
            let kind: OSPFAreaConfiguration.Kind =
                if ospf.totallyStubAreas.contains(area) {
                    .totallyStub(defaultMetric: 1)
                } else if ospf.stubAreas.contains(area) {
                    .stub(defaultMetric: 1)
                } else {
                    .normal
                }
            return OSPFAreaConfiguration(id: area, kind: kind)
        }
    }

    private func interface(_ circuit: OSPF.Circuit, _ ospf: OSPF) -> OSPFInterfaceConfiguration {
        OSPFInterfaceConfiguration(
            interface: circuit.interface, addresses: addresses(of: circuit.interface, ospf.family),
            area: circuit.area, isPointToPoint: circuit.type == .pointToPoint,
            isPassive: circuit.isPassive, cost: circuit.cost, priority: circuit.priority,
            helloInterval: circuit.helloInterval, deadInterval: circuit.deadInterval,
            // Neighbors compare it, and other programs take what the kernel says.
            mtu: node.interface(circuit.interface).map(node.deviceMTU) ?? 1500,
            authentication: circuit.authentication,
            bfd: circuit.bfd.map(BFDParameters.init), isLDPSynchronised: circuit.awaitsLDP)
    }

    /// The tag is that of RFC 4577 §4.2.5.2.
    private func providerEdge(_ ospf: OSPF) -> OSPFConfiguration.ProviderEdge {
        OSPFConfiguration.ProviderEdge(
            domainID: ospf.domainID.map(ExtendedCommunity.init(ospfDomain:)),
            vpnRouteTag: node.bgp.map { 0xd000_0000 | $0.autonomousSystem.value & 0xffff },
            shamLinks: ospf.shamLinks.map {
                .init(local: $0.local, remote: $0.remote, area: $0.area, cost: $0.cost)
            })
    }

    // MARK: RIP

    private func rip(_ rip: RIP) -> RIPConfiguration {
        let loopbacks = rip.hasLoopbacks ? loopbackAddresses(rip.family) : []
        let loopback = RIPInterfaceConfiguration(
            interface: "lo", addresses: loopbacks, isPassive: true)
        return RIPConfiguration(
            vrf: rip.vrf, family: rip.family,
            interfaces: (loopbacks.isEmpty ? [] : [loopback])
                + rip.interfaces.map {
                    RIPInterfaceConfiguration(
                        interface: $0.interface, addresses: addresses(of: $0.interface, rip.family),
                        isPassive: $0.isPassive, authentication: rip.authentication)
                },
            updateInterval: rip.updateInterval, timeout: rip.timeout,
            garbageInterval: rip.garbageTime, exportPolicy: rip.exportPolicy)
    }

    // MARK: LDP

    private func ldp(_ ldp: LDP) -> LDPConfiguration {
        let interfaces = ldp.interfaces.compactMap { name in
            addresses(of: name, .ipv4).first?.address.v4.map {
                LDPInterfaceConfiguration(interface: name, address: $0)
            }
        }
        let own = node.interfaces.filter { $0.vrf == nil }.flatMap(\.addresses).map(\.address)
        return LDPConfiguration(
            routerID: ldp.transportAddress, interfaces: interfaces, targets: ldp.targeted,
            labelRange: labels.core, addresses: (node.loopbacks + own).compactMap(\.v4),
            isExplicitNull: ldp.isExplicitNull, tracksIGPMetric: ldp.tracksMetric,
            password: ldp.password, helloInterval: ldp.helloInterval,
            helloHoldTime: ldp.helloHoldTime, keepaliveTime: ldp.keepalive)
    }
}

extension BFDParameters {
    init(_ bfd: BFD) {
        self.init(
            transmitInterval: bfd.interval, multiplier: bfd.multiplier,
            authentication: bfd.authentication, isDemand: bfd.isDemand)
    }
}

extension SPFThrottle {
    fileprivate init(_ times: SPFTimes) {
        self.init(
            initialDelay: times.initial, minimumInterval: times.wait,
            maximumInterval: times.maximum)
    }
}

extension ExtendedCommunity {
    /// RFC 4577 §4.2.4: type 0x0005, the identifier, and what others take for it, 0x0200.
    fileprivate init(ospfDomain: IPv4Address) {
        self.init(bits: 0x0005 << 48 | UInt64(ospfDomain.bits) << 16 | 0x0200)
    }
}

extension ISISLevels {
    fileprivate init(_ level: ISIS.Level) {
        switch level {
        case .one: self = .level1
        case .two: self = .level2
        case .both: self = .both
        }
    }
}
