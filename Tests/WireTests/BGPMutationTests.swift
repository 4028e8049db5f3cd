// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import Wire

@Suite("BGP messages that are not what they should be")
struct BGPMutationTests {
    static let contexts = [true, false].flatMap { fourOctetAS in
        [true, false].map { BGPCodecContext(fourOctetAS: fourOctetAS, isInternal: $0) }
    }

    /// What is read is either refused, or has one meaning: written and read again it is the same.
    @Test(arguments: contexts, [1, 2, 3, 4] as [UInt64])
    func mutatedMessagesNeverTrapAndKeepTheirMeaning(context: BGPCodecContext, seed: UInt64) {
        var random = SplitMix(seed: seed)
        var readable = 0
        for _ in 0..<6000 {
            let octets = mutated(&random)
            guard let message = try? BGPMessage(decoding: octets, in: context) else { continue }
            readable += 1
            checkMeaning(message, context)
        }
        #expect(readable > 500, "the mutations are gentle enough to reach past the header")
    }

    private func checkMeaning(_ message: BGPMessage, _ context: BGPCodecContext) {
        // What does not fit one message again: two families where there is room for one.
        guard let written = try? message.encoded(in: context) else { return }
        guard let read = try? BGPMessage(decoding: written, in: context) else {
            Issue.record("what we wrote is refused: \(text(written))")
            return
        }
        if case .update(let update) = read {
            #expect(update.faults.isEmpty, "\(text(written))")
        }
        #expect((try? read.encoded(in: context)) == written)
    }

    /// A fixture with some octets changed, inserted or removed, and most often an honest length.
    private func mutated(_ random: inout SplitMix) -> [UInt8] {
        let fixtures = BGPFixture.all
        var octets = fixtures[Int.random(in: 0..<fixtures.count, using: &random)].octets
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            guard octets.count > 18 else { break }
            let place = Int.random(in: 18..<octets.count, using: &random)
            let octet = UInt8.random(in: 0...255, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: octets.insert(octet, at: place)
            case 1: octets.remove(at: place)
            case 2: octets[place] ^= 1 << (octet & 7)
            case 3: octets[place] = [0, 1, 0x7f, 0x80, 0xff][Int(octet) % 5]
            case 4: octets += octets[place...]
            default: octets[place] = octet
            }
        }
        if Int.random(in: 0..<8, using: &random) > 0 {
            octets[16] = UInt8(octets.count >> 8 & 0xff)
            octets[17] = UInt8(octets.count & 0xff)
        }
        return octets
    }

    @Test func randomStreamsNeverTrapTheFramer() {
        var random = SplitMix(seed: 7)
        for _ in 0..<3000 {
            var framer = BGPFramer()
            var stream = BGPFixture.all.randomElement(using: &random)?.octets ?? []
            stream += mutated(&random) + mutated(&random)
            while !stream.isEmpty {
                let count = Int.random(in: 1...stream.count, using: &random)
                let output = framer.feed(Array(stream[..<count]))
                stream.removeFirst(count)
                #expect(framer.pendingCount < BGPMessage.octetsMax)
                for message in output.messages { #expect(message.count >= 19) }
            }
        }
    }

    @Test func randomOctetsNeverTrap() {
        var random = SplitMix(seed: 11)
        for _ in 0..<20_000 {
            let count = Int.random(in: 0..<80, using: &random)
            var octets = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
            let type = UInt8.random(in: 1...5, using: &random)
            octets = hex(BGPFixture.marker) + [0, UInt8(count + 19), type] + octets
            for context in Self.contexts {
                guard let message = try? BGPMessage(decoding: octets, in: context) else { continue }
                checkMeaning(message, context)
            }
        }
    }
}
