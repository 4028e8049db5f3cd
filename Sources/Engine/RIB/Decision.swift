// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// Which of the paths to a destination is the best (RFC 4271 §9.1.2.2, RFC 4456 §9).
///
/// By elimination, as the RFC has it: each step leaves the candidates that are equal best in one
/// respect. MED is compared between candidates of one neighboring AS only, so that no order
/// between pairs of paths exists, and sorting by one would depend on the order of arrival. For the
/// same reason the age of a path, which some routers prefer, plays no part.
package enum Decision {
    /// What is compared, in order.
    package enum Step: Int, Hashable, Sendable, CaseIterable {
        /// Of the source: direct, static, core, BGP.
        case preference
        case localPreference
        case asPathLength
        case origin
        case med
        /// External before internal. A route that a VRF imported is what it was in the VPN table.
        case external
        /// The interior cost of the next hop, or the metric of a static or core route.
        case metric
        /// The originator's where a reflector stands between.
        case routerID
        case clusterListLength
        case neighborAddress
        /// Nothing tells the paths apart but where they stand in the configuration, or their RD.
        case order
    }

    /// How a path fared.
    package enum Verdict: Hashable, Sendable {
        /// Active without a rival.
        case onlyPath
        /// Active; the step at which the last rival fell.
        case active(Step)
        /// Lost; the path's own value there, and that of the path it lost to.
        case lost(Step, own: UInt128, best: UInt128)
        /// Took no part, because its next hop is not resolved.
        case unusable
    }

    /// Orders the paths, best first and those that lost later before those that lost earlier, and
    /// notes in each how it fared. The first is active if it is usable.
    package static func rank(_ paths: inout [Path]) {
        if paths.count == 1 {
            paths[0].verdict = paths[0].isUsable ? .onlyPath : .unusable
            return
        }
        var ranking = Ranking(paths)
        for step in Step.allCases where ranking.survivors.count > 1 {
            if step == .med { ranking.compareMED() } else { ranking.compare(step) }
        }
        paths = ranking.result()
    }
}

/// The paths of one destination while they are being compared.
private struct Ranking {
    /// Positions in `paths` of those that have not lost yet.
    var survivors: [Int]
    private var paths: [Path]
    /// Positions of the losers; the last to lose at the end.
    private var losers: [Int] = []
    private var lastStep: Decision.Step?

    init(_ paths: [Path]) {
        self.paths = paths
        // Arrival order must not show: sources are ordered by what they are.
        let ordered = paths.indices.sorted { paths[$0].id > paths[$1].id }
        losers = ordered.filter { !paths[$0].isUsable }
        survivors = ordered.filter { paths[$0].isUsable }.reversed()
        for index in losers { self.paths[index].verdict = .unusable }
    }

    mutating func compare(_ step: Decision.Step) {
        let values = survivors.map { paths[$0].value(at: step) }
        guard let least = values.min() else { return }
        var lost: [(index: Int, value: UInt128)] = []
        for (index, value) in zip(survivors, values) where value != least {
            lost.append((index, value))
            paths[index].verdict = .lost(step, own: value, best: least)
        }
        guard !lost.isEmpty else { return }
        survivors = zip(survivors, values).filter { $0.1 == least }.map(\.0)
        // Stable: equal losers keep the order of what they are, the worst first.
        losers += lost.sorted { ($0.value, paths[$0.index].id) > ($1.value, paths[$1.index].id) }
            .map(\.index)
        lastStep = step
    }

    /// RFC 4271 §9.1.2.2 c: between routes of one neighboring AS; a missing MED is 0.
    mutating func compareMED() {
        var least: [ASNumber?: UInt32] = [:]
        for index in survivors {
            let (asNumber, med) = (paths[index].neighborAS, paths[index].med)
            least[asNumber] = min(least[asNumber] ?? .max, med)
        }
        var lost: [Int] = []
        for index in survivors {
            let (best, med) = (least[paths[index].neighborAS] ?? 0, paths[index].med)
            guard med > best else { continue }
            paths[index].verdict = .lost(.med, own: UInt128(med), best: UInt128(best))
            lost.append(index)
        }
        guard !lost.isEmpty else { return }
        survivors.removeAll(where: lost.contains)
        losers += lost.sorted { (paths[$0].med, paths[$0].id) > (paths[$1].med, paths[$1].id) }
        lastStep = .med
    }

    mutating func result() -> [Path] {
        if let best = survivors.first {
            paths[best].verdict = lastStep.map { .active($0) } ?? .onlyPath
        }
        return (survivors + losers.reversed()).map { paths[$0] }
    }
}

extension Path {
    /// The value compared at a step; lower wins.
    fileprivate func value(at step: Decision.Step) -> UInt128 {
        let attributes = attributes.value
        return switch step {
        case .preference: UInt128(effectivePreference)
        case .localPreference: UInt128(UInt32.max - localPreference)
        case .asPathLength: UInt128(attributes.asPath.length)
        case .origin: UInt128(attributes.origin.rawValue)
        case .med: UInt128(med)
        case .external: speaker?.isInternal == true ? 1 : 0
        case .metric: UInt128(resolution.metric)
        case .routerID: UInt128(attributes.originatorID?.bits ?? speaker?.routerID.bits ?? 0)
        case .clusterListLength: UInt128(attributes.clusterList.count)
        case .neighborAddress: speaker?.address.bits ?? 0
        case .order: order
        }
    }

    /// What tells apart paths that are equal in all that the RFC compares.
    private var order: UInt128 {
        switch id {
        case .local(let index), .exported(let index): UInt128(index)
        case .neighbor(let index, let path): UInt128(index) << 32 | UInt128(path)
        case .imported(let rd, let neighbor, let path):
            UInt128(rd.bits) << 64 | UInt128(neighbor) << 32 | UInt128(path)
        case .routing(let kind): UInt128(kind.order)
        }
    }

    /// 100 where the route has none (as RFC 4277 §14 and every implementation have it).
    var localPreference: UInt32 { attributes.value.localPreference ?? 100 }

    fileprivate var med: UInt32 { attributes.value.med ?? 0 }

    /// nil, for routes of this AS, is an AS of its own.
    fileprivate var neighborAS: ASNumber? { attributes.value.asPath.neighborAS }
}
