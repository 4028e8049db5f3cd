// SPDX-License-Identifier: Apache-2.0

import Primitives

/// An ARP packet for IPv4 over Ethernet (RFC 826).
package struct ARPPacket: Hashable, Sendable {
    package var operation: Operation
    package var senderMAC: MACAddress
    package var senderAddress: IPv4Address
    package var targetMAC: MACAddress
    package var targetAddress: IPv4Address

    package init(
        operation: Operation, senderMAC: MACAddress, senderAddress: IPv4Address,
        targetMAC: MACAddress, targetAddress: IPv4Address
    ) {
        self.operation = operation
        self.senderMAC = senderMAC
        self.senderAddress = senderAddress
        self.targetMAC = targetMAC
        self.targetAddress = targetAddress
    }

    package enum Operation: UInt16, Hashable, Sendable {
        case request = 1
        case reply = 2
    }

    /// A gratuitous ARP: the request for one's own address, which makes every neighbour and switch
    /// learn where it now is (RFC 5227 §3, RFC 9568 §8.1.1).
    package static func gratuitous(_ address: IPv4Address, at mac: MACAddress) -> ARPPacket {
        ARPPacket(
            operation: .request, senderMAC: mac, senderAddress: address,
            targetMAC: MACAddress(bits: 0), targetAddress: address)
    }

    /// EtherType of ARP.
    package static let etherType: UInt16 = 0x0806

    /// Reads what follows the Ethernet header; a frame may be padded.
    package init(decoding octets: [UInt8]) throws(WireError) {
        var reader = WireReader(octets)
        let kind = try reader.read(UInt64.self, "hardware and protocol")
        guard kind >> 16 == Self.ethernetAndIPv4,
            let operation = Operation(rawValue: UInt16(truncatingIfNeeded: kind))
        else { throw reader.invalid(kind, "hardware and protocol", back: 8) }
        self.operation = operation
        senderMAC = try reader.readMAC("sender hardware address")
        senderAddress = try reader.readIPv4("sender protocol address")
        targetMAC = try reader.readMAC("target hardware address")
        targetAddress = try reader.readIPv4("target protocol address")
    }

    /// Hardware type 1, protocol type 0x0800, address lengths 6 and 4.
    private static let ethernetAndIPv4: UInt64 = 0x0001_0800_0604

    /// The packet without an Ethernet header: 28 octets.
    package var octets: [UInt8] {
        var writer = WireWriter(capacity: 28)
        writer.write(Self.ethernetAndIPv4 << 16 | UInt64(operation.rawValue))
        writer.write(senderMAC)
        writer.write(senderAddress)
        writer.write(targetMAC)
        writer.write(targetAddress)
        return writer.octets
    }

    /// The whole broadcast frame, sent from the sender's hardware address.
    package var broadcastFrame: [UInt8] {
        EthernetHeader(
            destination: .broadcast, source: senderMAC, etherType: Self.etherType
        ).octets + octets
    }
}

/// The header of an Ethernet frame: 14 octets.
package struct EthernetHeader: Hashable, Sendable {
    package var destination: MACAddress
    package var source: MACAddress
    package var etherType: UInt16

    package init(destination: MACAddress, source: MACAddress, etherType: UInt16) {
        self.destination = destination
        self.source = source
        self.etherType = etherType
    }

    package var octets: [UInt8] {
        var writer = WireWriter(capacity: 14)
        writer.write(destination)
        writer.write(source)
        writer.write(etherType)
        return writer.octets
    }
}

extension MACAddress {
    /// ff:ff:ff:ff:ff:ff
    package static let broadcast = MACAddress(bits: 0xffff_ffff_ffff)
}
