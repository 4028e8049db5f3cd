// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Lab

@Suite struct ViciTests {
    /// The example of strongSwan's description of the protocol, in octets.
    private static let example: [UInt8] =
        [3, 4] + Array("key1".utf8) + [0, 6] + Array("value1".utf8)
        + [1, 8] + Array("section1".utf8)
        + [1, 11] + Array("sub-section".utf8)
        + [3, 4] + Array("key2".utf8) + [0, 6] + Array("value2".utf8)
        + [2]
        + [4, 5] + Array("list1".utf8)
        + [5, 0, 5] + Array("item1".utf8) + [5, 0, 5] + Array("item2".utf8)
        + [6, 2]

    private static let message = ViciMessage([
        .init(name: "key1", value: .text("value1")),
        .init(
            name: "section1",
            value: .section(
                ViciMessage([
                    .init(
                        name: "sub-section",
                        value: .section(
                            ViciMessage([.init(name: "key2", value: .text("value2"))]))),
                    .init(name: "list1", value: .list(["item1", "item2"])),
                ]))),
    ])

    @Test func `a message has the octets of the specification`() {
        #expect(Self.message.octets == Self.example)
        #expect(ViciMessage(octets: Self.example) == Self.message)
    }

    @Test func `octets that are cut short are no message`() {
        // Cut behind the first text, what is left is whole.
        for count in 1..<Self.example.count where count != 14 {
            #expect(ViciMessage(octets: Self.example.prefix(count)) == nil, "\(count) octets")
        }
    }

    @Test func `sections without end nest in vain`() {
        let deep = (0..<3000).flatMap { _ -> [UInt8] in [1, 1, 0x61] }
        #expect(ViciMessage(octets: deep) == nil)
        #expect(ViciMessage(octets: [2] as [UInt8]) == nil)
        #expect(ViciMessage(octets: [9, 1, 0x61] as [UInt8]) == nil)
    }

    @Test func `a request is framed, and an answer found in what arrives piece by piece`() {
        let request = ViciPacket.request("version", ViciMessage())
        #expect(request.octets == [0, 0, 0, 9, 0, 7] + Array("version".utf8))
        let answer = ViciPacket.response(Self.message).octets
        var buffer = Array(answer.dropLast())
        #expect(ViciPacket.next(&buffer) == .incomplete)
        buffer += [answer.last ?? 0] + ViciPacket.unknownRequest.octets
        #expect(ViciPacket.next(&buffer) == .packet(.response(Self.message)))
        #expect(ViciPacket.next(&buffer) == .packet(.unknownRequest))
        #expect(ViciPacket.next(&buffer) == .incomplete)
    }

    @Test(arguments: [[0, 0, 0, 0], [0xff, 0, 0, 0], [0, 0, 0, 1, 7], [0, 0, 0, 2, 1, 3]])
    func `what is no answer is malformed`(_ octets: [UInt8]) {
        var buffer = octets
        #expect(ViciPacket.next(&buffer) == .malformed)
    }
}
