// SPDX-License-Identifier: Apache-2.0

import Primitives

extension VirtualRouter {
    /// How much sooner a higher priority moves (RFC 9568 §6.1): by 256ths of the master's interval
    /// in version 3, of a second in version 2 (RFC 3768 §6.1).
    func skewTime(_ interval: Duration) -> Duration {
        let unit = configuration.version == 2 ? Duration.seconds(1) : interval
        return unit * (256 - Int(effectivePriority)) / 256
    }

    /// How long a silent master is believed in: Active_Down_Interval, once Master_Down_Interval.
    func masterDownInterval(_ master: Master?) -> Duration {
        let interval = master?.interval ?? configuration.advertisementInterval
        return interval * 3 + skewTime(interval)
    }

    func armMasterDown(_ delay: Duration, at now: Instant, _ effects: inout [Effect]) {
        effects.append(.arm(.vrrpMasterDown(configuration.key), at: now + delay))
    }
}
