// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

extension VirtualRouter {
    /// Whether a packet that came in on an interface is this virtual router's: the same VRID may
    /// stand once for each family.
    package func concerns(
        interface: String, source: IPAddress, payload: [UInt8]
    ) -> Bool {
        // The second octet is the VRID in both versions.
        configuration.interface == interface && payload.count > 1
            && payload[1] == configuration.group
            && source.family == configuration.primaryAddress.family
    }

    /// Takes a packet as it came from the IP layer.
    package mutating func received(
        _ payload: [UInt8], hopLimit: UInt8, from source: IPAddress, at now: Instant,
        _ effects: inout [Effect]
    ) {
        guard source != configuration.primaryAddress else { return }
        guard hopLimit == VRRPAdvertisement.timeToLive else {
            reject("hop limit \(hopLimit) from \(source)")
            return
        }
        do throws(WireError) {
            let advert = try VRRPAdvertisement(
                decoding: payload, source: source,
                destination: VRRPAdvertisement.multicastGroup(source.family))
            if accepts(advert, from: source) { take(advert, from: source, at: now, &effects) }
        } catch {
            reject("\(error) from \(source)")
        }
    }

    /// The checks of RFC 9568 §7.1 and RFC 3768 §7.1 that need the configuration; the codec has
    /// done those of the packet by itself.
    private mutating func accepts(_ advert: VRRPAdvertisement, from source: IPAddress) -> Bool {
        guard advert.version.rawValue == configuration.version else {
            reject("version \(advert.version.rawValue) from \(source)")
            return false
        }
        guard advert.authentication == .none else {
            reject("authentication from \(source)")
            return false
        }
        guard !isOwner else {
            reject("advert from \(source) for addresses that this router owns")
            return false
        }
        if advert.version == .v2, interval(of: advert) != configuration.advertisementInterval {
            // Version 2 cannot learn intervals, and different ones lead to two masters.
            reject("advertisement interval \(interval(of: advert).text) from \(source)")
            return false
        }
        if advert.addresses.sorted() != configuration.virtualAddresses.sorted() {
            reject("virtual addresses \(advert.addresses) from \(source)")
            // Version 2 believes only the owner; version 3 reports and goes on.
            return advert.version == .v3 || advert.priority == 255
        }
        return true
    }

    /// The advertisement interval in a packet.
    func interval(of advert: VRRPAdvertisement) -> Duration {
        .milliseconds(10 * Int64(advert.interval))
    }

    /// Sends an advert and arms the timer of the next.
    mutating func advertise(at now: Instant, _ effects: inout [Effect]) {
        send(priority: effectivePriority, &effects)
        effects.append(
            .arm(
                .vrrpAdvertisement(configuration.key),
                at: now + configuration.advertisementInterval))
    }

    mutating func send(priority: UInt8, _ effects: inout [Effect]) {
        let advert = VRRPAdvertisement(
            version: configuration.version == 2 ? .v2 : .v3,
            virtualRouterID: configuration.group, priority: priority,
            interval: UInt16(
                clamping: configuration.advertisementInterval.nanoseconds / 10_000_000),
            addresses: configuration.virtualAddresses)
        let source = configuration.primaryAddress
        let payload: [UInt8]
        do throws(WireError) {
            payload = try advert.encoded(
                source: source,
                destination: VRRPAdvertisement.multicastGroup(source.family))
        } catch {
            reject("cannot send: \(error)")
            return
        }
        effects.append(
            .vrrp(
                .send(
                    interface: configuration.interface, device: configuration.device,
                    source: source, payload: payload)))
    }
}
