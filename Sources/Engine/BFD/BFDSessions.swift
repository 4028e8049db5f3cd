// SPDX-License-Identifier: Apache-2.0

import Primitives

/// The BFD sessions of a router, each for one or more clients.
package struct BFDSessions: Sendable {
    /// Who watches what, and how.
    private var clients: [BFDKey: [BFDClient: BFDParameters]] = [:]

    package init() {}

    package mutating func watch(
        _ key: BFDKey, _ parameters: BFDParameters, for client: BFDClient,
        _ step: inout BFDStep
    ) {
        clients[key, default: [:]][client] = parameters
    }

    package mutating func unwatch(
        _ key: BFDKey, for client: BFDClient, _ step: inout BFDStep
    ) {
        clients[key]?[client] = nil
        if clients[key]?.isEmpty == true { clients[key] = nil }
    }

    package mutating func unwatchAll(for client: BFDClient, _ step: inout BFDStep) {
        for key in clients.keys.sorted() { unwatch(key, for: client, &step) }
    }

    package mutating func interface(_ name: String, isUp: Bool, _ step: inout BFDStep) {}

    package mutating func received(_ packet: RoutingPacket, _ step: inout BFDStep) {}

    package mutating func timer(_ timer: RoutingTimer, _ step: inout BFDStep) {}
}

/// What one call to the sessions has led to so far.
package struct BFDStep {
    package let now: Instant
    package private(set) var outputs: [BFDOutput] = []

    package init(at now: Instant) { self.now = now }

    package mutating func emit(_ output: BFDOutput) { outputs.append(output) }
}

/// What BFD wants done, in this order.
package enum BFDOutput: Hashable, Sendable {
    case send(RoutingPacket)
    case arm(RoutingTimer, at: Instant)
    case cancel(RoutingTimer)
    /// A session came up, or went down after it had been up.
    case changed(BFDKey, isUp: Bool, [BFDClient])
    case report(Report)
}
