// SPDX-License-Identifier: Apache-2.0

import Primitives

/// What a supervisor says to a router on their socket pair: the same frames and the same
/// request and answer as between a client and the supervisor, fewer operations.
///
/// A router also speaks unasked, in messages without an id: once {ready: true} when its sockets
/// listen and it takes events, and {report: {…}, at: nanoseconds of the monotonic clock} for every
/// report of its engine and every change of an interface. The members of a report name its kind
/// first: {type: session|route|vrrp|malformed|link|problem, …}; that of a link is
/// {type: link, interface, up}. {type: problem, text} tells of something that the kernel refused.
///
/// A router ends when the other end of the socket pair closes.
package enum RouterOperation: String, Sendable, CaseIterable {
    /// {query, vrf?, prefix?, source?, neighbor?} → as Engine's Query says
    case show
    /// {event: deactivate|activate, vrf?, neighbor} → {}, once the engine has taken it in and what
    /// it wanted done is done.
    case event
    /// {vrf?, prefix} → {routes: [{prefix, table, via?, interface?, labels: []}]} from the kernel
    case kernelRoutes = "kernel-routes"
    /// {address, vrf?} or {label} → {engine, kernel}, as ControlOperation says
    case lookUp = "look-up"
    /// {topology: TEXT} → {}: a new configuration is to come, that of the file for this node. What
    /// has no place in it says goodbye while its links are still there; all else goes on.
    case prepare
    /// {} → {} once the router goes on under the configuration that it was prepared for.
    case reconfigure
    /// {} → {} after Cease and VRRP priority 0 have been sent; the router then exits with status 0.
    case stop
}

/// A request of the control protocol, as its receiver reads it.
package struct ControlRequest: Hashable, Sendable {
    package var id: Int64
    /// The operation's name, which may be unknown here.
    package var operation: String
    /// All members, `id` and `op` too.
    package var members: JSON

    package init(id: Int64, operation: String, members: JSON) {
        self.id = id
        self.operation = operation
        self.members = members
    }

    /// Reads a message; nil when it has no id between 0 and 2³² - 1 or no operation.
    package init?(_ message: JSON) {
        guard let id = message["id"]?.int, UInt32(exactly: id) != nil,
            let operation = message["op"]?.string
        else { return nil }
        self.init(id: id, operation: operation, members: message)
    }

    package var message: JSON {
        let rest = members.members.filter { $0.name != "id" && $0.name != "op" }
        return .object([.init("id", .int(id)), .init("op", .string(operation))] + rest)
    }

    package func result(_ value: JSON) -> JSON { ["id": .int(id), "result": value] }
    package func error(_ text: String) -> JSON { ["id": .int(id), "error": .string(text)] }
    package func progress(_ value: JSON) -> JSON { ["id": .int(id), "progress": value] }
}
