// SPDX-License-Identifier: Apache-2.0

import Primitives

/// The interfaces of the router, with what is known of each.
package struct InterfaceStates: Sendable {
    /// In the configuration's order.
    package let interfaces: [InterfaceConfiguration]
    /// Of each interface; loopbacks always are.
    package private(set) var isUp: [Bool]
    private let positions: [String: Int]
    /// Gateways that BFD lost, and that count for the routes that watch by it.
    var dead: Set<NeighborKey> = []

    package init(_ interfaces: [InterfaceConfiguration]) {
        self.interfaces = interfaces
        isUp = interfaces.map(\.isLoopback)
        positions = Dictionary(
            interfaces.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// nil for a name that the configuration does not have.
    package func isUp(_ name: String) -> Bool? { positions[name].map { isUp[$0] } }

    /// - Returns: whether that changed anything.
    mutating func set(_ name: String, isUp: Bool) -> Bool {
        guard let position = positions[name], !interfaces[position].isLoopback,
            self.isUp[position] != isUp
        else { return false }
        self.isUp[position] = isUp
        return true
    }

    /// The interface that is up in a VRF and has the address on its subnet; the longest subnet
    /// wins, then the configuration's order. Loopbacks lead nowhere.
    package func connected(to address: IPAddress, vrf: String?) -> String? {
        var best: (length: UInt8, name: String)?
        for (interface, isUp) in zip(interfaces, isUp)
        where isUp && !interface.isLoopback && interface.vrf == vrf {
            for subnet in interface.addresses where subnet.prefix.contains(address) {
                if subnet.length > best?.length ?? 0 || best == nil {
                    best = (subnet.length, interface.name)
                }
            }
        }
        return best?.name
    }

    /// The address of a family that stands beside one of this router's own on its interface: what
    /// a neighbor on that subnet, or beyond it, can send to.
    package func address(_ family: AddressFamily, beside own: IPAddress, vrf: String?) -> IPAddress?
    {
        if own.family == family { return own }
        let interface = interfaces.first { interface in
            interface.vrf == vrf && interface.addresses.contains { $0.address == own }
        }
        return interface?.addresses.map(\.address).first {
            $0.family == family && !$0.isLinkLocal
        }
    }

    /// Whether the address is this router's own in a VRF.
    package func isOwn(_ address: IPAddress, vrf: String?) -> Bool {
        interfaces.contains { interface in
            interface.vrf == vrf && interface.addresses.contains { $0.address == address }
        }
    }
}
