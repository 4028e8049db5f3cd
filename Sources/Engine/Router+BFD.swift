// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Between BFD and those who watch by it.
extension Router {
    mutating func runBFD(
        _ step: inout RouterStep, _ body: (inout BFDSessions, inout BFDStep) -> Void
    ) {
        var bfdStep = BFDStep(at: step.now)
        body(&bfd, &bfdStep)
        let id = RoutingProtocolID(.bfd)
        for output in bfdStep.outputs {
            switch output {
            case .send(let packet): step.effects.append(.packet(packet))
            case .arm(let timer, let moment):
                step.effects.append(.arm(.routing(id, timer), at: moment))
            case .cancel(let timer): step.effects.append(.cancel(.routing(id, timer)))
            case .report(let report): step.effects.append(.report(report))
            case .changed(let key, let isUp, let clients):
                for client in clients { tell(client, key, isUp: isUp, &step) }
            }
        }
    }

    /// A session came up, or went down after it had been up.
    private mutating func tell(
        _ client: BFDClient, _ key: BFDKey, isUp: Bool, _ step: inout RouterStep
    ) {
        switch client {
        case .routing(let id):
            guard let position = instance(id) else { return }
            run(instance: position, &step) { $0.bfd(key, isUp: isUp, &$1) }
        case .bgp(let neighbor):
            guard let position = position(neighbor) else { return }
            run(position, &step) { session, step in
                if isUp { session.start(&step) } else { session.detectedLoss(&step) }
            }
        case .staticRoute:
            let gateway = NeighborKey(vrf: key.vrf, address: key.remote)
            tables.setDead(gateway, !isUp, at: step.now)
        }
    }

    /// Watches what the configuration asks for, less neighbors that are out of service, and nothing
    /// else.
    mutating func settleWatches(_ step: inout RouterStep) {
        let wanted = configuration.bfdWatches.filter { isInService($0.client) }
        let keys = Dictionary(
            wanted.map { ($0.client, $0.key) }, uniquingKeysWith: { first, _ in first })
        for (client, key) in watched.sorted(by: { $0.key < $1.key }) where keys[client] != key {
            watched[client] = nil
            runBFD(&step) { $0.unwatch(key, for: client, &$1) }
            if case .staticRoute = client {
                let gateway = NeighborKey(vrf: key.vrf, address: key.remote)
                tables.setDead(gateway, false, at: step.now)
            }
        }
        for watch in wanted {
            watched[watch.client] = watch.key
            runBFD(&step) { $0.watch(watch.key, watch.parameters, for: watch.client, &$1) }
        }
    }

    private func isInService(_ client: BFDClient) -> Bool {
        guard case .bgp(let key) = client else { return true }
        return position(key).map { !sessions[$0].isDeactivated } ?? false
    }
}
