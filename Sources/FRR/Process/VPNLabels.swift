// SPDX-License-Identifier: Apache-2.0

import Engine
import Kernel
import KernelObjects
import Primitives

/// The labels by which packets come out of MPLS into the VRFs of a node.
///
/// Zebra pops them into the VRF's device, where the kernel sends a packet on as if it were its own:
/// no hop is counted, and a traceroute passes over this router. So the filters of our own router
/// take these packets first.
struct VPNLabels {
    private let configuration: FRRConfiguration

    private static let patience = Duration.seconds(5)
    private static let look = Duration.milliseconds(10)

    init(_ configuration: FRRConfiguration) { self.configuration = configuration }

    private var vrfs: [VRFConfiguration] {
        configuration.router.vrfs.filter { !configuration.vpnFamilies(of: $0).isEmpty }
    }

    /// Waits until each VRF has its labels, which come from BGP, and puts the filters in their
    /// place. VRFs that get none in time are left alone.
    func awaitAndFilter() throws(FRRError) {
        if vrfs.isEmpty { return }
        let count = vrfs.reduce(0) { $0 + configuration.vpnFamilies(of: $1).count }
        let deadline = MonotonicClock.now + Self.patience
        var routes = try self.routes()
        while routes.count < count, MonotonicClock.now < deadline {
            _ = try? Poller.wait(forAny: [], until: MonotonicClock.now + Self.look)
            routes = try self.routes()
        }
        do throws(SystemError) {
            let tables = try ForwardingTables()
            // Those of a life before this one.
            try tables.removeFilters(on: configuration.router.labelLinks)
            let failures = try tables.apply(routes.map { .setLabel($0) })
            if let (_, error) = failures.first { throw error }
        } catch {
            throw FRRError("\(error)")
        }
    }

    /// What zebra pops into VRFs. A VRF asks for the labels of its families one after the other.
    private func routes() throws(FRRError) -> [LabelRoute] {
        let table = try FRRAnswers(configuration.router).json(
            .zebra, "show mpls table json")
        return vrfs.flatMap { vrf -> [LabelRoute] in
            let labels = table.members.filter {
                $0.value["nexthops"]?[0]?["interface"]?.string == vrf.device
            }
            .compactMap { UInt32($0.name) }.sorted()
            return zip(labels, configuration.vpnFamilies(of: vrf)).map { label, family in
                LabelRoute(
                    label: Label(label),
                    action: .decapsulate(
                        vrf: vrf.device, popDevice: vrf.popDevice,
                        links: configuration.router.labelLinks, family: family))
            }
        }
    }
}
