// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

extension FuzzTarget {
    static let packets = [
        FuzzTarget(
            "vrrp", sizeMax: 1500, words: [[0x21, 1], [0x31, 1], [1, 0], [0, 100]], vrrp),
        FuzzTarget(
            "bfd", sizeMax: 128,
            words: [
                [0x20, 0x40, 3, 24], [0x20, 0xc4, 3, 48], [1, 14, 1], [2, 24, 1, 0],
                [4, 28, 1, 0], [0, 15, 0x42, 0x40],
            ],
            bfd),
        FuzzTarget(
            "rip", sizeMax: 1500,
            words: [
                [2, 2, 0, 0], [1, 1, 0, 0], [0, 2, 0, 0], [0xff, 0xff, 0, 3], [0xff, 0xff, 0, 2],
                [0xff, 0xff, 0, 1], [0, 0, 0, 16], [0xff, 0xff, 0xff, 0], [64, 0xff],
            ],
            rip),
        FuzzTarget(
            "icmp", sizeMax: 1500,
            words: [
                [8, 0], [0, 0], [3, 4], [11, 0], [128, 0], [129, 0], [1, 4], [2, 0], [0x45, 0],
            ],
            icmp),
        FuzzTarget(
            "nd", sizeMax: 1500,
            words: [[133, 0], [134, 0], [136, 0], [1, 1], [2, 1], [3, 4, 64]],
            neighborDiscovery),
        FuzzTarget("dissection", sizeMax: 1500, words: frameWords, dissection),
    ]

    private static let frameWords: [[UInt8]] = [
        [0x08, 0x00, 0x45, 0], [0x86, 0xdd, 0x60, 0], [0x88, 0x47], [0x81, 0x00, 0, 5],
        [0x08, 0x06], [0, 0, 0x11, 255], [0x20, 0, 0x88, 0x47], [0x65, 0x58], [47], [50], [51],
        [17], [6], [58], [112], [4], [41], [137], [0], [43], [44], [60], [0x11, 0x94],
        [0x01, 0xf4],
    ]

    private static let v4 = (
        source: IPAddress(family: .ipv4, bits: 0x0a00_0001),
        destination: IPAddress(family: .ipv4, bits: 0xe000_0012)
    )
    private static let v6 = (
        source: IPAddress(family: .ipv6, bits: 0xfe80 << 112 | 1),
        destination: IPAddress(family: .ipv6, bits: 0xff02 << 112 | 1)
    )

    private static func ends(_ family: AddressFamily) -> ICMPMessage.Ends {
        family == .ipv4 ? v4 : v6
    }

    /// The octets with a right checksum of two octets at a place, so that a mutation comes further
    /// than to the checksum.
    private static func summed(
        _ octets: [UInt8], at place: Int, _ checksum: InternetChecksum
    ) -> [UInt8] {
        guard octets.count >= place + 2 else { return octets }
        var octets = octets
        (octets[place], octets[place + 1]) = (0, 0)
        var checksum = checksum
        checksum.add(octets)
        let value = checksum.value
        (octets[place], octets[place + 1]) = (UInt8(value >> 8), UInt8(value & 0xff))
        return octets
    }

    /// The first octet chooses the family and whether the checksum is made right.
    @Sendable private static func vrrp(_ input: [UInt8]) throws(Finding) {
        var script = Script(input)
        let flags = script.octet()
        let (source, destination) = ends(flags & 1 == 0 ? .ipv4 : .ipv6)
        var octets = script.remaining()
        if flags & 2 == 0 {
            let isV3 = octets.first.map { $0 >> 4 == 3 } ?? false
            let pseudo = InternetChecksum(
                source: source, destination: destination,
                nextHeader: VRRPAdvertisement.ipProtocol, length: octets.count)
            octets = summed(octets, at: 6, isV3 ? pseudo : InternetChecksum())
        }
        guard
            let advertisement = try? VRRPAdvertisement(
                decoding: octets, source: source, destination: destination)
        else { return }
        try require(!advertisement.addresses.isEmpty, "no addresses")
        try require(advertisement.interval > 0, "no interval")
        guard
            let written = try? advertisement.encoded(source: source, destination: destination),
            let read = try? VRRPAdvertisement(
                decoding: written, source: source, destination: destination)
        else { throw Finding("what was read cannot be written and read again") }
        try require(read == advertisement, "read again, it differs")
    }

    /// With a key of each kind, so that digests are computed over everything.
    @Sendable private static func bfd(_ input: [UInt8]) throws(Finding) {
        guard let packet = try? BFDPacket(decoding: input) else { return }
        guard let written = try? packet.encoded(), let read = try? BFDPacket(decoding: written)
        else { throw Finding("what was read cannot be written and read again") }
        try require(read == packet, "read again, it differs")
        for kind in [nil] + BFDAuthentication.Kind.allCases {
            guard let key = BFDAuthenticationKey(keyID: 1, kind: kind, secret: [1, 2, 3])
            else { throw Finding("no key") }
            _ = key.authenticates(packet, in: input)
            guard let signed = try? packet.encoded(signedBy: key, sequence: 7),
                let read = try? BFDPacket(decoding: signed)
            else { throw Finding("what was signed cannot be read") }
            try require(key.authenticates(read, in: signed), "what was signed is not authentic")
        }
    }

    /// The first octet chooses the version.
    @Sendable private static func rip(_ input: [UInt8]) throws(Finding) {
        var script = Script(input)
        let family: AddressFamily = script.octet() & 1 == 0 ? .ipv4 : .ipv6
        let octets = script.remaining()
        guard var packet = try? RIPPacket(decoding: octets, family) else { return }
        packet.ignoredEntries = 0
        guard let written = try? packet.encoded(),
            let read = try? RIPPacket(decoding: written, family)
        else { throw Finding("what was read cannot be written and read again") }
        try require(read == packet, "read again, it differs")
        guard family == .ipv4 else { return }
        for use in [RIPAuthenticationKey.Use.simplePassword, .keyedMD5, .hmac(.sha256)] {
            guard let key = RIPAuthenticationKey(keyID: 1, use: use, secret: [1, 2, 3])
            else { throw Finding("no key") }
            _ = key.authenticates(packet, in: octets)
            guard let signed = try? packet.encoded(signedBy: key, sequence: 7),
                let read = try? RIPPacket(decoding: signed, family)
            else { throw Finding("what was signed cannot be read") }
            try require(key.authenticates(read, in: signed), "what was signed is not authentic")
        }
    }

    @Sendable private static func icmp(_ input: [UInt8]) throws(Finding) {
        var script = Script(input)
        let flags = script.octet()
        let family: AddressFamily = flags & 1 == 0 ? .ipv4 : .ipv6
        let (source, destination) = ends(family)
        var octets = script.remaining()
        if flags & 2 == 0 {
            let pseudo = InternetChecksum(
                source: source, destination: destination,
                nextHeader: ICMPMessage.ipProtocol(family), length: octets.count)
            octets = summed(octets, at: 2, family == .ipv4 ? InternetChecksum() : pseudo)
        }
        _ = try? UDPDatagram(decoding: octets, source: source, destination: destination)
        _ = try? ARPPacket(decoding: octets)
        guard let message = try? ICMPMessage(decoding: octets, family, ends(family)) else { return }
        let written = message.octets(family, ends(family))
        let read = try? ICMPMessage(decoding: written, family, ends(family))
        try require(read == message, "read again, it differs")
        switch message {
        case .destinationUnreachable(_, let quoted), .packetTooBig(_, let quoted),
            .timeExceeded(_, let quoted):
            guard let quotation = try? ICMPQuotation(decoding: quoted, family) else { return }
            _ = (quotation.echo?.sequence, quotation.udpPorts?.source)
        case .echoRequest, .echoReply, .other: break
        }
    }

    @Sendable private static func neighborDiscovery(_ input: [UInt8]) throws(Finding) {
        let pseudo = InternetChecksum(
            source: v6.source, destination: v6.destination,
            nextHeader: NeighborDiscovery.ipProtocol, length: input.count)
        let octets = summed(input, at: 2, pseudo)
        let (source, destination) = v6
        if let read = try? RouterAdvertisement(
            decoding: octets, source: source, destination: destination)
        {
            let written = read.encoded(source: source, destination: destination)
            let again = try? RouterAdvertisement(
                decoding: written, source: source, destination: destination)
            try require(again == read, "an advertisement read again differs")
        }
        if let read = try? RouterSolicitation(
            decoding: octets, source: source, destination: destination)
        {
            let written = read.encoded(source: source, destination: destination)
            let again = try? RouterSolicitation(
                decoding: written, source: source, destination: destination)
            try require(again == read, "a solicitation read again differs")
        }
        if let read = try? NeighborAdvertisement(
            decoding: octets, source: source, destination: destination)
        {
            let written = read.encoded(source: source, destination: destination)
            let again = try? NeighborAdvertisement(
                decoding: written, source: source, destination: destination)
            try require(again == read, "a neighbor advertisement read again differs")
        }
    }

    /// Any frame has layers, no more than sensible, and can be put in words.
    @Sendable private static func dissection(_ input: [UInt8]) throws(Finding) {
        let dissection = Dissection(frame: input)
        try require(dissection.layers.count <= Dissection.layersMax + 1, "too many layers")
        try require(!dissection.text.isEmpty, "no words")
        _ = (dissection.kind, dissection.addresses, dissection.bottomLabels)
    }
}
