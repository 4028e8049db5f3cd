// SPDX-License-Identifier: Apache-2.0

import Wire

/// What an IS-IS router waits for.
struct ISISTimer: Hashable, Sendable {
    var kind: Kind
    /// nil where it is for both.
    var level: ISISLevel?
    /// Empty where it is of no one circuit.
    var interface = ""

    enum Kind: String, Hashable, Sendable, CaseIterable {
        /// A circuit's next hello.
        case hello
        /// The first of a circuit's neighbors may be silent for too long.
        case hold
        /// Link state packets that are to be sent, once more or after a pause.
        case flood
        /// Acknowledgements that were collected.
        case acknowledge
        /// The designated router tells what it has.
        case csnp
        /// The router's own packets are to be made anew: they changed, or grow old.
        case originate
        case refresh
        /// The first of the database runs out.
        case age
        case spf
        /// The first of the routes that wait has its turn.
        case turn
        /// The router has been up for long enough to be passed through.
        case overload
    }

    init(_ kind: Kind, _ level: ISISLevel? = nil, _ interface: String = "") {
        self.kind = kind
        self.level = level
        self.interface = interface
    }

    init?(_ timer: RoutingTimer) {
        let parts = timer.name.split(separator: "-", omittingEmptySubsequences: false)
        guard let first = parts.first, let kind = Kind(rawValue: String(first)), parts.count <= 2
        else { return nil }
        self.init(kind, nil, timer.subject)
        guard parts.count == 2 else { return }
        guard let number = UInt8(parts[1]), let level = ISISLevel(rawValue: number) else {
            return nil
        }
        self.level = level
    }

    /// Such as `flood-2` of `eth1`.
    var routing: RoutingTimer {
        RoutingTimer(kind.rawValue + (level.map { "-\($0.rawValue)" } ?? ""), interface)
    }
}
