// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

extension Decision.Verdict {
    /// The reason as show commands print it: `local preference 10 < 150`, `lowest MED`.
    package var text: String {
        switch self {
        case .onlyPath: "only path"
        case .active(let step): step.activeText
        case .lost(let step, let own, let best): step.lostText(own, best)
        case .unusable: "unusable"
        }
    }
}

extension Decision.Step {
    fileprivate var activeText: String {
        switch self {
        case .preference: "lowest preference"
        case .localPreference: "highest local preference"
        case .asPathLength: "shortest AS path"
        case .origin: "lowest origin"
        case .med: "lowest MED"
        case .external: "external over internal"
        case .metric: "lowest IGP metric"
        case .routerID: "lowest router ID"
        case .clusterListLength: "shortest cluster list"
        case .neighborAddress: "lowest neighbor address"
        case .order: "first of equals"
        }
    }

    fileprivate func lostText(_ own: UInt128, _ best: UInt128) -> String {
        switch self {
        case .preference: "preference \(own) > \(best)"
        case .localPreference:
            "local preference \(UInt128(UInt32.max) - own) < \(UInt128(UInt32.max) - best)"
        case .asPathLength: "AS path length \(own) > \(best)"
        case .origin: "origin \(Self.origin(own)) > \(Self.origin(best))"
        case .med: "MED \(own) > \(best)"
        case .external: "internal, not external"
        case .metric: "IGP metric \(own) > \(best)"
        case .routerID: "router ID \(Self.address(own)) > \(Self.address(best))"
        case .clusterListLength: "cluster list length \(own) > \(best)"
        case .neighborAddress: "neighbor address \(Self.address(own)) > \(Self.address(best))"
        case .order: "not the first of equals"
        }
    }

    private static func origin(_ value: UInt128) -> String {
        PathAttributes.Origin(rawValue: UInt8(truncatingIfNeeded: value))?.description ?? "none"
    }

    private static func address(_ bits: UInt128) -> String {
        IPAddress(family: bits >> 32 == 0 ? .ipv4 : .ipv6, bits: bits).description
    }
}
