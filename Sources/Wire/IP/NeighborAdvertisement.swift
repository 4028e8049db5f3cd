// SPDX-License-Identifier: Apache-2.0

import Primitives

/// A Neighbor Advertisement of ICMPv6 (RFC 4861 §4.4).
package struct NeighborAdvertisement: Hashable, Sendable {
    /// R: the sender is a router.
    package var isRouter: Bool
    /// S: it answers a solicitation.
    package var isSolicited: Bool
    /// O: the receiver must replace what it knew.
    package var isOverride: Bool
    /// The IPv6 address whose place is told.
    package var target: IPAddress
    /// The Target Link-Layer Address option.
    package var targetMAC: MACAddress?

    package init(
        isRouter: Bool, isSolicited: Bool, isOverride: Bool, target: IPAddress,
        targetMAC: MACAddress?
    ) {
        precondition(target.family == .ipv6, "an IPv6 address is advertised")
        self.isRouter = isRouter
        self.isSolicited = isSolicited
        self.isOverride = isOverride
        self.target = target
        self.targetMAC = targetMAC
    }

    /// What a new VRRP active router tells all nodes of the link (RFC 9568 §6.4.1).
    package static func unsolicited(_ target: IPAddress, at mac: MACAddress) -> Self {
        Self(
            isRouter: true, isSolicited: false, isOverride: true, target: target, targetMAC: mac)
    }

    /// Next header of ICMPv6.
    package static let ipProtocol: UInt8 = 58
    /// What the packet must arrive with (RFC 4861 §7.1.2).
    package static let hopLimit: UInt8 = 255

    private static let type: UInt8 = 136
    private static let targetLinkLayerOption: UInt8 = 2

    /// Reads the payload of an IPv6 packet and verifies its checksum. Unknown options are skipped.
    package init(
        decoding octets: [UInt8], source: IPAddress, destination: IPAddress
    ) throws(WireError) {
        var reader = WireReader(octets)
        let typeAndCode = try reader.read(UInt16.self, "Type and Code")
        guard typeAndCode == UInt16(Self.type) << 8 else {
            throw reader.invalid(typeAndCode, "Type and Code", back: 2)
        }
        _ = try reader.read(UInt16.self, "Checksum")
        let flags = try reader.read(UInt32.self, "Flags")
        isRouter = flags & 0x8000_0000 != 0
        isSolicited = flags & 0x4000_0000 != 0
        isOverride = flags & 0x2000_0000 != 0
        target = try reader.readAddress(.ipv6, "Target Address")
        guard !target.isMulticast else { throw reader.invalid(0, "Target Address", back: 16) }
        guard Self.checksum(octets, source, destination) == 0 else {
            throw WireError(.checksumMismatch, field: "Checksum", offset: 2)
        }
        targetMAC = nil
        while !reader.isEmpty {
            let type = try reader.read(UInt8.self, "Option Type")
            let length = Int(try reader.read(UInt8.self, "Option Length")) * 8
            guard length > 0 else { throw reader.invalid(0, "Option Length", back: 1) }
            var value = try reader.readNested(length - 2, "Option")
            if type == Self.targetLinkLayerOption {
                targetMAC = try value.readMAC("Target Link-Layer Address")
            }
        }
    }

    /// The message in octets, with its checksum.
    package func encoded(source: IPAddress, destination: IPAddress) -> [UInt8] {
        var writer = WireWriter(capacity: 32)
        writer.write(UInt16(Self.type) << 8)
        writer.write(UInt16.zero)
        writer.write(
            (isRouter ? 0x8000_0000 : 0 as UInt32) | (isSolicited ? 0x4000_0000 : 0)
                | (isOverride ? 0x2000_0000 : 0))
        writer.write(target)
        if let targetMAC {
            writer.write(Self.targetLinkLayerOption)
            writer.write(UInt8(1))
            writer.write(targetMAC)
        }
        writer.overwrite(Self.checksum(writer.octets, source, destination), at: 2)
        return writer.octets
    }

    private static func checksum(
        _ octets: [UInt8], _ source: IPAddress, _ destination: IPAddress
    ) -> UInt16 {
        var checksum = InternetChecksum(
            source: source, destination: destination, nextHeader: ipProtocol,
            length: octets.count)
        checksum.add(octets)
        return checksum.value
    }
}
