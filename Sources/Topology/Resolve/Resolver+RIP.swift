// SPDX-License-Identifier: Apache-2.0

import Primitives

/// RIP in one routing table.
extension Resolver {
    mutating func resolveRIP(_ site: Site, _ participants: [Participant]) {
        let fields = site.fields
        let update = time("update-interval", of: fields, 30, in: 1...3600)
        let seconds = update.nanoseconds / 1_000_000_000
        let timeout = time("timeout", of: fields, seconds * 6, in: 1...86400)
        if timeout <= update {
            report(
                place(of: "timeout", in: fields),
                "'timeout' of \(timeout.text) is no longer than 'update-interval' of "
                    + update.text)
        }
        nodes[site.index].node.rip.append(
            RIP(
                family: site.kind.family, vrf: site.vrf,
                exportPolicy: policyChain(fields, "export", .intoIGP), updateInterval: update,
                timeout: timeout,
                garbageTime: time("garbage-time", of: fields, seconds * 4, in: 1...86400),
                authentication: site.kind == .rip ? authentication(fields, .rip) : nil,
                hasLoopbacks: site.vrf == nil,
                interfaces: participants.map {
                    RIP.Circuit(
                        interface: Self.interfaceName($0.segment, $0.end),
                        isPassive: $0.isPassive)
                }))
    }
}
