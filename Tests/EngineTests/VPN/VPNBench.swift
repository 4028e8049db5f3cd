// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives

/// A provider edge on a bench: n1 and n2 are internal VPN neighbors, n3 and n4 customers in VRFs
/// `red` (RD 1:1, target:1:1) and `blue` (RD 1:2, target:1:2). Label switched paths lead to the
/// loopbacks 10.255.0.1 by n1 with label 1001 and 10.255.0.2 by n2 without a label.
enum VPNBench {
    static func make(
        statics: [StaticRouteConfiguration] = [], policies: [Policy] = [],
        addPath: AddPath? = nil, isBestExternal: Bool = false,
        _ change: (inout VRFConfiguration) -> Void = { _ in }
    ) -> RouterBench {
        var red = vrf("red", "1:1")
        change(&red)
        var bench = RouterBench(
            [
                RouterBench.neighbor(1, 65000, families: [.vpnv4]) {
                    $0.addPath = addPath
                    $0.isBestExternal = isBestExternal
                },
                RouterBench.neighbor(2, 65000, families: [.vpnv4]),
                RouterBench.neighbor(3, 65003, vrf: "red"),
                RouterBench.neighbor(4, 65004, vrf: "blue"),
            ], policies: policies, vrfs: [red, vrf("blue", "1:2")], statics: statics,
            tunnels: [tunnel(1, label: 1001), tunnel(2, label: nil)])
        bench.up("n1", "n2", "n3", "n4")
        return bench
    }

    static func vrf(_ name: String, _ distinguisher: String) -> VRFConfiguration {
        let target: ExtendedCommunity = value("target:" + distinguisher)
        return VRFConfiguration(
            name: name, table: 1001, device: name, popDevice: name + "-pop",
            routeDistinguisher: value(distinguisher), importTargets: [target],
            exportTargets: [target], sourceAddresses: [value("10.77.0.1")])
    }

    private static func tunnel(_ number: Int, label: UInt32?) -> TunnelConfiguration {
        TunnelConfiguration(
            destination: value("10.255.0.\(number)/32"),
            nextHop: LabelledNextHop(
                gateway: value("10.0.\(number).2"), interface: "eth\(number)",
                labels: label.map { [Label($0)] } ?? []), metric: 10)
    }
}
