// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// A pcap file of Ethernet frames, made here rather than captured.
struct Capture {
    private(set) var octets: [UInt8]
    private var frames: UInt32 = 0
    /// The next TCP sequence number of each end of the one connection: client, server.
    private var sequence: [UInt32] = [1, 1]

    init() {
        var writer = WireWriter()
        // Magic, version 2.4, zone, accuracy, snapshot length, Ethernet.
        for word in [0xa1b2_c3d4, 0x0002_0004, 0, 0, 0x0004_0000, 1] as [UInt32] {
            writer.write(word)
        }
        octets = writer.octets
    }

    /// Appends a frame, a millisecond after the one before.
    mutating func add(frame: [UInt8]) {
        var writer = WireWriter()
        writer.write(UInt32(1))
        writer.write(frames * 1000)
        writer.write(UInt32(frame.count))
        writer.write(UInt32(frame.count))
        writer.write(frame)
        octets += writer.octets
        frames += 1
    }

    /// Appends an IP packet in a frame from the given hardware address.
    mutating func add(
        packet payload: [UInt8], _ ipProtocol: UInt8, from source: IPAddress,
        to destination: IPAddress, timeToLive: UInt8 = 255,
        mac: MACAddress = MACAddress(bits: 0x0200_0000_0001)
    ) {
        var writer = WireWriter()
        writer.write(Self.hardware(destination))
        writer.write(mac)
        if let from = source.v4, let to = destination.v4 {
            writer.write(UInt16(0x0800))
            let header = IPv4Header(
                source: from, destination: to, ipProtocol: ipProtocol, timeToLive: timeToLive,
                payloadLength: UInt16(payload.count), identification: UInt16(frames))
            header.encode(to: &writer)
        } else {
            writer.write(UInt16(0x86dd))
            let header = IPv6Header(
                source: source, destination: destination, nextHeader: ipProtocol,
                hopLimit: timeToLive, payloadLength: UInt16(payload.count))
            header.encode(to: &writer)
        }
        writer.write(payload)
        add(frame: writer.octets)
    }

    /// The group's address for a multicast one (RFC 1112 §6.4, RFC 2464 §7).
    private static func hardware(_ destination: IPAddress) -> MACAddress {
        guard destination.isMulticast else { return MACAddress(bits: 0x0200_0000_0002) }
        let low = UInt64(truncatingIfNeeded: destination.bits)
        return destination.family == .ipv4
            ? MACAddress(bits: 0x0100_5e00_0000 | low & 0x7f_ffff)
            : MACAddress(bits: 0x3333_0000_0000 | low & 0xffff_ffff)
    }

    /// Appends a segment of the one BGP connection between two addresses.
    mutating func add(bgp message: [UInt8], fromServer: Bool = false) {
        add(message, port: 179, fromServer: fromServer)
    }

    /// Appends a segment of the one connection to a port.
    mutating func add(_ message: [UInt8], port: UInt16, fromServer: Bool = false) {
        let ends: [IPAddress] = [
            IPAddress(family: .ipv4, bits: 0x0a00_0003),
            IPAddress(family: .ipv4, bits: 0x0a00_0005),
        ]
        let me = fromServer ? 1 : 0
        var writer = WireWriter()
        writer.write(UInt16(fromServer ? port : 40000))
        writer.write(UInt16(fromServer ? 40000 : port))
        writer.write(sequence[me])
        writer.write(sequence[1 - me])
        // Data offset 5, ACK and PSH, window, checksum, no urgent data.
        for word in [0x5018, 0xffff, 0, 0] as [UInt16] { writer.write(word) }
        writer.write(message)
        var checksum = InternetChecksum(
            source: ends[me], destination: ends[1 - me], nextHeader: 6, length: writer.count)
        checksum.add(writer.octets)
        writer.overwrite(checksum.value, at: 16)
        sequence[me] += UInt32(message.count)
        add(packet: writer.octets, 6, from: ends[me], to: ends[1 - me])
    }
}
