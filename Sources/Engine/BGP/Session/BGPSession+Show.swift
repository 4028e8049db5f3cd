// SPDX-License-Identifier: Apache-2.0

import Primitives

extension BGPSession {
    /// The RFC's name, in lower case as the topology file has it.
    package var stateName: String {
        switch state {
        case .idle: "idle"
        case .connect: "connect"
        case .active: "active"
        case .openSent: "opensent"
        case .openConfirm: "openconfirm"
        case .established: "established"
        }
    }

    private var agreement: Agreement? {
        switch state {
        case .openConfirm(_, let agreement), .established(_, let agreement, _): agreement
        case .idle, .connect, .active, .openSent: nil
        }
    }

    /// The member of `Query.neighbors`. Uptime is in whole seconds; hold time and families are
    /// what was negotiated, or else what is configured.
    package func json(
        prefixes: (received: Int, accepted: Int, advertised: Int), at now: Instant
    ) -> JSON {
        var uptime: Int64?
        if case .established(_, _, let since) = state {
            uptime = (now - since).nanoseconds / 1_000_000_000
        }
        let members: JSON = [
            "name": .string(neighbor.name), "address": JSON(neighbor.address),
            "vrf": JSON(neighbor.vrf), "local-address": JSON(neighbor.localAddress),
            "remote-as": JSON(neighbor.remoteAS.value), "local-as": JSON(neighbor.localAS.value),
            "type": neighbor.isInternal ? "internal" : "external", "state": .string(stateName),
            "uptime": JSON(uptime), "hold-time": JSON(agreement?.holdTime ?? neighbor.holdTime),
            "families": JSON(agreement?.session.families ?? neighbor.families),
            "received": JSON(prefixes.received), "accepted": JSON(prefixes.accepted),
            "advertised": JSON(prefixes.advertised), "messages-sent": JSON(messagesSent),
            "messages-received": JSON(messagesReceived), "last-error": JSON(lastError),
            "deactivated": JSON(isDeactivated),
        ]
        return members.compact
    }

    /// The member of `Query.counters`; nil unless established.
    package var countersJSON: JSON? {
        guard case .established(let id, _, _) = state, let index = index(id) else { return nil }
        let members: JSON = [
            "vrf": JSON(neighbor.vrf), "address": JSON(neighbor.address),
            "local-address": JSON(neighbor.localAddress),
            "sent": JSON(connections[index].sent), "received": JSON(connections[index].received),
        ]
        return members.compact
    }
}
