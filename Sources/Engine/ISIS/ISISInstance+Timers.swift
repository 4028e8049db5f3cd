// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

extension ISISInstance {
    package mutating func timer(_ timer: RoutingTimer, _ step: inout ProtocolStep) {
        guard !isStopped, let timer = ISISTimer(timer) else { return }
        armed[timer] = nil
        if let position = circuit(timer.interface) {
            self.timer(timer, on: position, &step)
        } else if let level = timer.level {
            self.timer(timer.kind, level, &step)
        } else if timer.kind == .overload {
            overloadUntil = nil
            for level in activeLevels { levels[level].isStale = true }
        }
        settle(&step)
    }

    private mutating func timer(
        _ timer: ISISTimer, on position: Int, _ step: inout ProtocolStep
    ) {
        guard circuits[position].isActive else { return }
        switch (timer.kind, timer.level) {
        case (.hello, let level): sendHello(position, level, &step)
        case (.hold, _): expireNeighbors(position, &step)
        case (.flood, let level?): retransmit(position, level, at: step.now)
        case (.acknowledge, let level?): acknowledge(position, level, &step)
        case (.csnp, let level?): tellDatabase(position, level, &step)
        default: break
        }
    }

    private mutating func timer(
        _ kind: ISISTimer.Kind, _ level: ISISLevel, _ step: inout ProtocolStep
    ) {
        switch kind {
        case .originate: levels[level].isStale = true
        case .refresh: refresh(level, &step)
        case .age: age(level, &step)
        // The settling that follows every event sees that it is due.
        case .spf: levels[level].needsPaths = true
        default: break
        }
    }

    /// Says that the router is overloaded until a moment, or until a later one that is known.
    mutating func overload(until moment: Instant, _ step: inout ProtocolStep) {
        guard overloadUntil.map({ $0 < moment }) ?? true else { return }
        overloadUntil = moment
        for level in activeLevels { levels[level].isStale = true }
        arm(ISISTimer(.overload), at: moment, &step)
    }
}
