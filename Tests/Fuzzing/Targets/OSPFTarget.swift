// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

extension FuzzTarget {
    static let ospf = FuzzTarget(
        "ospf", sizeMax: 1500,
        words: [
            [2, 1], [2, 2], [2, 3], [2, 4], [2, 5], [3, 1], [3, 2], [3, 3], [3, 4], [3, 5],
            [0x20, 1], [0x20, 2], [0x20, 3], [0x20, 9], [0x40, 5], [0, 8], [2, 7], [2, 10],
            [0xff, 0xff, 0xff, 0], [0, 0, 0, 0], [0x80, 0, 0, 1], [0, 0, 0, 20], [64, 0, 0, 0],
        ],
        ospfPacket)

    /// The first octet chooses the version, whether checksum and length are made right, and MD5.
    @Sendable private static func ospfPacket(_ input: [UInt8]) throws(Finding) {
        var script = Script(input)
        let flags = script.octet()
        let version: OSPFVersion = flags & 1 == 0 ? .v2 : .v3
        let source = version == .v2 ? "10.0.0.1" : "fe80::1"
        guard let source = IPAddress(source) else { throw Finding("an address") }
        let destination = OSPFPacket.allRouters(version)
        let octets = script.remaining()
        let key = OSPFAuthentication.Key(id: 7, .md5, secret: [1, 2, 3])
        let authentication: OSPFAuthentication = flags & 4 == 0 ? .none : .cryptographic(key)
        let mended = flags & 2 == 0 ? mend(octets, version, source, destination) : octets
        guard
            let packet = try? OSPFPacket(
                decoding: mended, source: source, destination: destination,
                authentication: authentication)
        else { return }
        guard
            let written = try? packet.encoded(
                source: source, destination: destination, authentication: authentication),
            let read = try? OSPFPacket(
                decoding: written, source: source, destination: destination,
                authentication: authentication)
        else { throw Finding("what was read cannot be written and read again") }
        try require(read == packet, "read again, it differs")
        if case .update(let advertisements) = packet.body {
            for advertisement in advertisements { try ospfAdvertisement(advertisement, version) }
        }
    }

    private static func ospfAdvertisement(
        _ advertisement: OSPFLSA, _ version: OSPFVersion
    ) throws(Finding) {
        _ = advertisement.hasValidChecksum(version)
        guard let contents = try? advertisement.contents(version), contents != .unknown else {
            return
        }
        let header = advertisement.header
        guard
            let written = try? OSPFLSA(
                header.key, contents, version: version, options: header.options,
                sequence: header.sequence, age: header.age)
        else { throw Finding("what an LSA says cannot be written") }
        try require(written.hasValidChecksum(version), "a checksum of our own is wrong")
        try require((try? written.contents(version)) == contents, "an LSA read again differs")
    }

    /// The octets with a right length and checksum, so that a mutation comes further than those.
    private static func mend(
        _ octets: [UInt8], _ version: OSPFVersion, _ source: IPAddress, _ destination: IPAddress
    ) -> [UInt8] {
        guard octets.count >= 24 else { return octets }
        var octets = octets
        (octets[2], octets[3]) = (UInt8(octets.count >> 8), UInt8(octets.count & 0xff))
        (octets[12], octets[13]) = (0, 0)
        var checksum = InternetChecksum()
        if version == .v3 {
            checksum = InternetChecksum(
                source: source, destination: destination, nextHeader: OSPFPacket.ipProtocol,
                length: octets.count)
        }
        let summed = version == .v2 ? Array(octets[..<16]) + Array(octets[24...]) : octets
        checksum.add(summed)
        (octets[12], octets[13]) = (UInt8(checksum.value >> 8), UInt8(checksum.value & 0xff))
        return octets
    }
}
