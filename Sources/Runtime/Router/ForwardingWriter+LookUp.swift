// SPDX-License-Identifier: Apache-2.0

import Engine
import Kernel
import KernelObjects
import Primitives

extension ForwardingWriter {
    /// What the kernel would do with a packet, in the words of Engine's `Query.lookUp`; without
    /// `up`, and without `local`, which is not in the tables that are read here.
    func kernelLookUp(_ lookUp: ForwardingLookUp) throws(SystemError) -> JSON {
        switch lookUp {
        case .label(let label): try kernelLookUp(label)
        case .address(let address, let vrf): try kernelLookUp(address, vrf)
        }
    }

    private func kernelLookUp(_ label: Label) throws(SystemError) -> JSON {
        guard tables.hasLabels,
            let hops = try tables.labels(.all).first(where: { $0.0 == label })?.1
        else { return Self.nothing }
        if let vrf = hops.lazy.compactMap({ self.translation.vrf(ofDevice: $0.link) }).first {
            return ["result": "look-up", "vrf": .string(vrf), "next-hops": []]
        }
        return Self.json(hops, prefix: nil)
    }

    private func kernelLookUp(
        _ address: IPAddress, _ vrf: String?
    ) throws(SystemError) -> JSON {
        guard let table = translation.table(vrf) else { return Self.nothing }
        let routes = try tables.routes(address.family, .all).filter {
            $0.key.table == table && $0.key.prefix.contains(address)
        }
        let best = routes.min {
            ($1.key.prefix.length, $0.key.metric) < ($0.key.prefix.length, $1.key.metric)
        }
        guard let best = try best.map(resolved) else { return Self.nothing }
        guard case .forward(let hops) = best.action else {
            return [
                "result": "discard", "prefix": JSON(best.key.prefix), "next-hops": [],
            ]
        }
        return Self.json(hops, prefix: best.key.prefix)
    }

    private static let nothing: JSON = ["result": "none", "next-hops": []]

    private static func json(_ hops: [RouteNextHop], prefix: IPPrefix?) -> JSON {
        let rows = hops.map { hop -> JSON in
            let row: JSON = [
                "gateway": JSON(hop.via), "interface": .string(hop.link),
                "labels": JSON(hop.labels.map { JSON($0.value) }),
            ]
            return row.compact
        }
        let answer: JSON = [
            "result": "forward", "prefix": JSON(prefix), "next-hops": JSON(rows),
        ]
        return answer.compact
    }
}
