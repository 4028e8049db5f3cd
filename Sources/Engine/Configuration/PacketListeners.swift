// SPDX-License-Identifier: Apache-2.0

import Primitives

extension RouterConfiguration {
    /// Where packets of routing protocols and BFD are heard; each once, in a fixed order.
    package var packetListeners: [PacketListener] {
        var listeners: [PacketListener] = []
        func add(_ listener: PacketListener) {
            if !listeners.contains(listener) { listeners.append(listener) }
        }
        for instance in protocols { instance.packetListeners.forEach(add) }
        bfdListeners.forEach(add)
        return listeners
    }

    private var bfdListeners: [PacketListener] {
        protocols.flatMap(\.bfdListeners) + bfdWatches.map(\.key.listener)
    }

    /// The interface whose subnet holds an address, up or down.
    package func interface(towards address: IPAddress, vrf: String?) -> String? {
        interfaces.first { interface in
            !interface.isLoopback && interface.vrf == vrf
                && interface.addresses.contains { $0.prefix.contains(address) }
        }?.name
    }
}

extension NeighborConfiguration {
    /// Whether BFD to the neighbor may cross routers (RFC 5883): that of internal sessions, and of
    /// external ones that do.
    package var isBFDMultihop: Bool { isInternal || multihop > 1 }
}

extension RoutingConfiguration {
    fileprivate var packetListeners: [PacketListener] {
        switch self {
        case .isis:
            activeInterfaces.map {
                PacketListener(.isis, interface: $0, groups: Self.isisGroups)
            }
        case .ospf(let ospf):
            activeInterfaces.map {
                PacketListener(
                    .ospf, ospf.family, vrf: ospf.vrf, interface: $0,
                    groups: Self.groups(ospf.family, [5, 6]))
            }
                + (ospf.providerEdge?.shamLinks.isEmpty == false
                    ? [PacketListener(.ospf, ospf.family, vrf: ospf.vrf, interface: nil)] : [])
        case .rip(let rip):
            activeInterfaces.map {
                PacketListener(
                    rip.family == .ipv4 ? .rip : .ripng, rip.family, vrf: rip.vrf,
                    interface: $0, groups: Self.groups(rip.family, [9]))
            }
        case .ldp(let ldp):
            activeInterfaces.map {
                PacketListener(.ldp, interface: $0, groups: Self.groups(.ipv4, [2]))
            } + (ldp.targets.isEmpty ? [] : [PacketListener(.ldp, interface: nil)])
        }
    }

    fileprivate var bfdListeners: [PacketListener] {
        switch self {
        case .isis(let isis):
            isis.circuits.filter { $0.bfd != nil }.flatMap { circuit in
                isis.families.map { PacketListener(.bfd, $0, interface: circuit.interface) }
            }
        case .ospf(let ospf):
            ospf.interfaces.filter { $0.bfd != nil }.map {
                PacketListener(.bfd, ospf.family, vrf: ospf.vrf, interface: $0.interface)
            }
        case .rip, .ldp: []
        }
    }

    /// AllL1ISs, AllL2ISs (ISO 10589 §8.4.8) and AllIntermediateSystems (§8.2.3).
    private static var isisGroups: [PacketAddress] {
        [0x0180_c200_0014, 0x0180_c200_0015, 0x0900_2b00_0005].map { .mac(MACAddress(bits: $0)) }
    }

    /// 224.0.0.N or ff02::N.
    private static func groups(_ family: AddressFamily, _ numbers: [UInt8]) -> [PacketAddress] {
        numbers.map { .ip(.linkLocalGroup($0, family)) }
    }
}

extension IPAddress {
    /// A well-known multicast group of the link: 224.0.0.N or ff02::N.
    package static func linkLocalGroup(_ number: UInt8, _ family: AddressFamily) -> IPAddress {
        switch family {
        case .ipv4: IPAddress(family: .ipv4, bits: 0xe000_0000 | UInt128(number))
        case .ipv6: IPAddress(family: .ipv6, bits: 0xff02 << 112 | UInt128(number))
        }
    }
}
