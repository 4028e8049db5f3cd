// SPDX-License-Identifier: Apache-2.0

import Kernel
import Primitives
import Testing
import Wire

@testable import Runtime

@Suite("What an ICMP message says about a probe")
struct ProbeAnswerTests {
    private let router: SocketAddress
    private let near: IPv4Address
    private let far: IPv4Address
    private let router6: SocketAddress
    private let far6: IPAddress

    init() throws {
        router = SocketAddress(try #require(IPAddress("10.1.0.2")))
        near = try #require(IPv4Address("10.0.0.1"))
        far = try #require(IPv4Address("10.2.0.3"))
        router6 = SocketAddress(try #require(IPAddress("fd01::2")))
        far6 = try #require(IPAddress("fd02::3"))
    }

    private func header(_ number: UInt8, payload: Int) -> [UInt8] {
        var writer = WireWriter()
        IPv4Header(
            source: near, destination: far, ipProtocol: number, timeToLive: 1,
            payloadLength: UInt16(payload)
        ).encode(to: &writer)
        return writer.octets
    }

    /// As a raw socket has it: behind an IPv4 header.
    private func answer(_ message: ICMPMessage) -> ProbeAnswer? {
        let octets = message.octets(.ipv4)
        let packet = header(1, payload: octets.count) + octets
        return ProbeAnswer(Datagram(octets: packet, source: router))
    }

    private var udp: [UInt8] { header(17, payload: 8) + [0x12, 0x34, 0x82, 0x9b, 0, 8, 0, 0] }

    @Test("tells a reply, and errors with the packet that they quote")
    func ipv4() throws {
        let echo = ICMPMessage.echoRequest(identifier: 7, sequence: 3, payload: [])
        let quoted = header(1, payload: 8) + echo.octets(.ipv4)
        let subject = ProbeAnswer.Subject.echo(identifier: 7, sequence: 3)
        let reply = try #require(answer(.echoReply(identifier: 7, sequence: 3, payload: [1])))
        #expect(reply.kind == .echoReply)
        #expect(reply.subject == subject)
        #expect(reply.from == router.address)
        let expired = try #require(answer(.timeExceeded(code: 0, quoted: quoted)))
        #expect(expired.kind == .timeExceeded)
        #expect(expired.subject == subject)
        let port = try #require(
            answer(.destinationUnreachable(code: 3, quoted: udp)))
        #expect(port.kind == .unreachable(isPort: true))
        #expect((port.type, port.code) == (3, 3))
        #expect(
            port.subject == .udp(source: 0x1234, destination: 0x829b, to: IPAddress(far)))
        let big = try #require(answer(.packetTooBig(mtu: 1400, quoted: quoted)))
        #expect(big.kind == .tooBig(mtu: 1400))
        #expect((big.type, big.code) == (3, 4))
        #expect(answer(echo) == nil)
        #expect(answer(.timeExceeded(code: 0, quoted: [0x45, 0])) == nil)
    }

    private func ipv6Header(_ next: UInt8) -> [UInt8] {
        [0x60, 0, 0, 0, 0, 8, next, 1] + [UInt8](repeating: 0, count: 16) + far6.bytes
    }

    private func answer6(_ octets: [UInt8]) -> ProbeAnswer? {
        ProbeAnswer(Datagram(octets: octets, source: router6))
    }

    @Test("tells the same of IPv6")
    func ipv6() throws {
        let quotedUDP = ipv6Header(17) + [0x12, 0x34, 0x82, 0x9b, 0, 8, 0, 0]
        let quotedEcho = ipv6Header(58) + [128, 0, 0, 0, 0, 7, 0, 3]
        #expect(answer6([129, 0, 0, 0, 0, 7, 0, 3, 9])?.kind == .echoReply)
        let expired = try #require(answer6([3, 0, 0, 0, 0, 0, 0, 0] + quotedEcho))
        #expect(expired.kind == .timeExceeded)
        #expect(expired.subject == .echo(identifier: 7, sequence: 3))
        let port = try #require(answer6([1, 4, 0, 0, 0, 0, 0, 0] + quotedUDP))
        #expect(port.kind == .unreachable(isPort: true))
        #expect((port.type, port.code) == (1, 4))
        #expect(port.subject == .udp(source: 0x1234, destination: 0x829b, to: far6))
        let big = try #require(answer6([2, 0, 0, 0, 0, 1, 0, 0] + quotedEcho))
        #expect(big.kind == .tooBig(mtu: 65536))
        for length in 0..<quotedUDP.count + 4 {
            let cut = ([1, 4, 0, 0, 0, 0, 0, 0] + quotedUDP).prefix(length)
            #expect(answer6(Array(cut)) == nil)
        }
    }
}
