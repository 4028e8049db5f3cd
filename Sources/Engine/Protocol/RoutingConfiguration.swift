// SPDX-License-Identifier: Apache-2.0

import Primitives

/// The configuration of one protocol instance.
package enum RoutingConfiguration: Hashable, Sendable {
    case isis(ISISConfiguration)
    case ospf(OSPFConfiguration)
    case rip(RIPConfiguration)
    case ldp(LDPConfiguration)

    package var id: RoutingProtocolID {
        switch self {
        case .isis: RoutingProtocolID(.isis)
        case .ospf(let ospf):
            RoutingProtocolID(ospf.family == .ipv4 ? .ospf : .ospf3, vrf: ospf.vrf)
        case .rip(let rip): RoutingProtocolID(rip.family == .ipv4 ? .rip : .ripng, vrf: rip.vrf)
        case .ldp: RoutingProtocolID(.ldp)
        }
    }

    /// Policies by which routes of other sources are told; LDP is offered all.
    package var exportPolicy: [String] {
        switch self {
        case .isis(let isis): isis.exportPolicy
        case .ospf(let ospf): ospf.exportPolicy
        case .rip(let rip): rip.exportPolicy
        case .ldp: ["accept"]
        }
    }

    /// The interfaces of it by which there may be neighbors.
    package var activeInterfaces: [String] {
        switch self {
        case .isis(let isis): isis.circuits.filter { !$0.isPassive }.map(\.interface)
        case .ospf(let ospf): ospf.interfaces.filter { !$0.isPassive }.map(\.interface)
        case .rip(let rip): rip.interfaces.filter { !$0.isPassive }.map(\.interface)
        case .ldp(let ldp): ldp.interfaces.map(\.interface)
        }
    }

    /// An instance that has not started; nil for a protocol that this engine does not have.
    func makeInstance() -> (any RoutingProtocol)? {
        switch self {
        case .isis(let isis): ISISInstance(isis)
        case .ospf(let ospf): OSPFInstance(ospf)
        case .ldp(let ldp): LDPInstance(ldp)
        case .rip(let rip): RIPInstance(rip)
        }
    }
}

extension RouterConfiguration {
    /// The configuration of LDP, which like no other protocol has connections.
    package var ldp: LDPConfiguration? {
        for case .ldp(let ldp) in protocols { return ldp }
        return nil
    }
}
