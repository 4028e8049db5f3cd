// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Wire

/// One virtual router on a bench: events go in with their moment, effects come out.
struct VirtualRouterBench {
    var router: VirtualRouter
    var now = Instant.zero
    /// What the latest event gave.
    var effects: [Effect] = []

    /// Luna of the multihomed lab, unless changed: 192.168.1.3, priority 250, group 1.
    init(_ change: (inout VRRPConfiguration) -> Void = { _ in }) {
        var configuration = VRRPConfiguration(
            interface: "lan", device: "vrrp1", group: 1,
            virtualAddresses: [address("192.168.1.1")], primaryAddress: address("192.168.1.3"),
            priority: 250)
        change(&configuration)
        router = VirtualRouter(configuration)
    }

    var key: VRRPKey { router.configuration.key }
    var state: String { router.stateName }

    mutating func up() {
        effects = []
        router.interface(isUp: true, at: now, &effects)
    }

    mutating func down() {
        effects = []
        router.interface(isUp: false, at: now, &effects)
    }

    mutating func timer(_ id: TimerID) {
        effects = []
        router.timer(id, at: now, &effects)
    }

    mutating func wait(_ duration: Duration) { now = now + duration }

    mutating func shutDown() {
        effects = []
        router.shutDown(&effects)
    }

    mutating func track(_ states: [Bool]) {
        effects = []
        router.track(states, at: now, &effects)
    }

    /// An advert from another router; 100 hundredths is a second.
    mutating func hear(
        priority: UInt8, from source: String = "192.168.1.2",
        version: VRRPAdvertisement.Version = .v3, interval: UInt16 = 100, hopLimit: UInt8 = 255,
        addresses: [String] = ["192.168.1.1"]
    ) {
        let advert = VRRPAdvertisement(
            version: version, virtualRouterID: 1, priority: priority, interval: interval,
            addresses: addresses.map(address))
        let source = address(source)
        let group = VRRPAdvertisement.multicastGroup(source.family)
        hear((try? advert.encoded(source: source, destination: group)) ?? [], source, hopLimit)
    }

    mutating func hear(_ payload: [UInt8], _ source: IPAddress, _ hopLimit: UInt8 = 255) {
        effects = []
        router.received(payload, hopLimit: hopLimit, from: source, at: now, &effects)
    }

    /// Adverts sent by the latest event.
    var adverts: [VRRPAdvertisement] {
        effects.compactMap {
            guard case .vrrp(.send(_, _, let source, let payload)) = $0 else { return nil }
            return try? VRRPAdvertisement(
                decoding: payload, source: source,
                destination: VRRPAdvertisement.multicastGroup(source.family))
        }
    }

    /// When the latest event wants a timer to run out.
    func armed(_ id: TimerID) -> Duration? {
        for case .arm(id, let moment) in effects.reversed() { return moment - now }
        return nil
    }

    var masterDown: Duration? { armed(.vrrpMasterDown(key)) }
    var nextAdvert: Duration? { armed(.vrrpAdvertisement(key)) }
    func cancels(_ id: TimerID) -> Bool { effects.contains(.cancel(id)) }

    var takesOver: Bool { effects.contains(.vrrp(takeOver)) }
    var releases: Bool { effects.contains(.vrrp(release)) }

    var takeOver: VRRPEffect {
        .takeOver(
            device: router.configuration.device,
            addresses: router.configuration.virtualAddresses)
    }

    var release: VRRPEffect {
        .release(
            device: router.configuration.device,
            addresses: router.configuration.virtualAddresses)
    }
}
