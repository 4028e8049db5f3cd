// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// Between VRFs and the VPN table (RFC 4364 §4.3).
extension RoutingTables {
    /// Puts a VRF's active route into the VPN table, or takes it out. Exported are direct, static
    /// and BGP routes; not what came from the VPN table itself, nor the provider's core routes.
    /// Where such a one is active and internal neighbors want the best external path, the best of
    /// the others is exported.
    mutating func export(_ prefix: IPPrefix, from vrf: Int, at now: Instant) {
        let destination = Destination(
            rd: vrfs[vrf].configuration.routeDistinguisher, prefix: prefix)
        let id = Path.ID.exported(vrf: vrf)
        let isPresent = tables[vpnTable].path(id, to: destination) != nil
        if let active = exportable(prefix, from: vrf),
            let attributes = vrfs[vrf].exported(active, prefix)
        {
            let path = Path(
                id: id, source: active.source, attributes: attributes, speaker: active.speaker,
                resolution: .resolved(nextHops: [], metric: 0), since: now)
            set(path, to: destination, in: vpnTable)
            if !isPresent { vrfs[vrf].exportCounts[prefix.family, default: 0] += 1 }
        } else if isPresent {
            remove(id, from: destination, in: vpnTable, at: now)
            vrfs[vrf].exportCounts[prefix.family, default: 0] -= 1
        }
    }

    private func exportable(_ prefix: IPPrefix, from vrf: Int) -> Path? {
        let paths = tables[vrf + 1].entries[Destination(prefix: prefix)] ?? []
        if exportsBestExternal { return paths.first { $0.isUsable && $0.isExportable } }
        return paths.first.flatMap { $0.isUsable && $0.isExportable ? $0 : nil }
    }

    /// Carries a change of one path in the VPN table into the VRFs that import its targets. Every
    /// path becomes a candidate there, not only the best.
    ///
    /// Routes that a VRF of this router exported are not imported by another one (as on Junos
    /// without auto-export).
    mutating func carry(
        _ destination: Destination, _ before: Path?, _ after: Path?, at now: Instant
    ) {
        guard case .neighbor(let neighbor, let number)? = (after ?? before)?.id,
            let rd = destination.rd
        else { return }
        let id = Path.ID.imported(rd, neighbor: neighbor, path: number)
        let inVRF = Destination(prefix: destination.prefix)
        let importing = after.map(importingVRFs) ?? []
        for vrf in importing {
            guard let after, let imported = vrfs[vrf].imported(after, destination.prefix) else {
                remove(id, from: inVRF, in: vrf + 1, at: now)
                continue
            }
            var path = Path(
                id: id, source: .bgp, attributes: imported.attributes, speaker: after.speaker,
                label: after.label, transport: imported.transport,
                resolution: .unresolved(.missing), since: now)
            resolve(&path, to: inVRF, in: vrf + 1)
            set(path, to: inVRF, in: vrf + 1)
        }
        for vrf in before.map(importingVRFs) ?? [] where !importing.contains(vrf) {
            remove(id, from: inVRF, in: vrf + 1, at: now)
        }
    }

    /// The VRFs that import any target of a path, in order.
    private func importingVRFs(_ path: Path) -> [Int] {
        let targets = path.attributes.value.extendedCommunities
        let found = targets.compactMap { importers[$0] }
        if found.count <= 1 { return found.first ?? [] }
        return Set(found.joined()).sorted()
    }

    // MARK: Labels

    /// Gives a label to each VRF for every family that it has begun to export, and puts those of
    /// families that it exports no more into quarantine. The forwarding entry stays until
    /// quarantine ends, for packets of routers that have not heard yet.
    mutating func settleLabels(at now: Instant, _ outputs: inout StepOutputs) {
        for index in vrfs.indices {
            for family in AddressFamily.allCases {
                settleLabel(of: index, family, at: now, &outputs)
            }
        }
        settleQuarantine(&outputs)
    }

    /// Arms the timer for the label that leaves quarantine next.
    mutating func settleQuarantine(_ outputs: inout StepOutputs) {
        guard labels.nextExpiry != quarantineTimer else { return }
        quarantineTimer = labels.nextExpiry
        let timer = quarantineTimer.map { RoutingOutput.arm(.labelQuarantine, at: $0) }
        outputs.timers.append(timer ?? .cancel(.labelQuarantine))
    }

    private mutating func settleLabel(
        of vrf: Int, _ family: AddressFamily, at now: Instant, _ outputs: inout StepOutputs
    ) {
        let name = vrfs[vrf].configuration.name
        let owner = LabelAllocator.Owner.vrf(name, family)
        let isExporting = vrfs[vrf].exportCounts[family, default: 0] > 0
        if let label = vrfs[vrf].labels[family] {
            guard !isExporting else { return }
            labels.release(label, from: owner, at: now)
            vrfs[vrf].labels[family] = nil
        } else if isExporting, let label = labels.allocate(for: owner) {
            vrfs[vrf].labels[family] = label
            outputs.install += forwarding.set(label, .lookUp(vrf: name, family: family))
            touchExports(of: vrf, family)
        }
    }

    /// Routes that had to wait for a label, when none was left, can be told now.
    private mutating func touchExports(of vrf: Int, _ family: AddressFamily) {
        let id = Path.ID.exported(vrf: vrf)
        for (destination, paths) in tables[vpnTable].entries
        where destination.prefix.family == family && paths.contains(where: { $0.id == id }) {
            touched[vpnTable].insert(destination)
        }
    }
}

extension Path {
    fileprivate var isExportable: Bool {
        if case .imported = id { return false }
        return source != .core
    }
}
