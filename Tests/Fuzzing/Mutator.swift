// SPDX-License-Identifier: Apache-2.0

/// SplitMix64 (Steele, Lea and Flood): small, seeded, the same everywhere.
package struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return z ^ z >> 31
    }

    /// A number below `bound`.
    mutating func below(_ bound: Int) -> Int {
        Int(truncatingIfNeeded: next() % UInt64(max(1, bound)))
    }
}

/// Makes inputs out of a corpus. Input number `n` of a seed is a function of the corpus, the seed
/// and `n` alone, so that a finding can be made again without all the inputs before it.
package struct Mutator: Sendable {
    private let corpus: [[UInt8]]
    private let words: [[UInt8]]
    private let sizeMax: Int
    private let seed: UInt64

    package init(_ target: FuzzTarget, corpus: [[UInt8]], seed: UInt64) {
        self.corpus = corpus.filter { !$0.isEmpty }
        words = target.words
        sizeMax = target.sizeMax
        self.seed = seed
    }

    package func input(_ number: UInt64) -> [UInt8] {
        var random = SplitMix(seed: seed &* 0x2545_f491_4f6c_dd1d &+ number)
        _ = random.next()
        // One in sixteen is made of nothing.
        guard !corpus.isEmpty, random.below(16) != 0 else {
            return (0..<random.below(64)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        }
        var input = corpus[random.below(corpus.count)]
        for _ in 0...random.below(4) { mutate(&input, &random) }
        return Array(input.prefix(sizeMax))
    }

    private func mutate(_ input: inout [UInt8], _ random: inout SplitMix) {
        guard !input.isEmpty else { return input.append(UInt8(truncatingIfNeeded: random.next())) }
        let place = random.below(input.count)
        let octet = UInt8(truncatingIfNeeded: random.next())
        switch random.below(10) {
        case 0: input[place] = octet
        case 1: input[place] ^= 1 << (octet & 7)
        case 2: input[place] = [0, 1, 0x7f, 0x80, 0xff][Int(octet) % 5]
        case 3: input[place] &+= octet & 1 == 0 ? 1 : 0xff
        case 4: input.insert(octet, at: place)
        case 5: input.removeSubrange(place..<min(input.count, place + 1 + random.below(8)))
        case 6: input.removeSubrange(place...)
        case 7: repeatPart(&input, place, &random)
        case 8: splice(&input, place, &random)
        default: putWord(&input, place, &random)
        }
    }

    private func repeatPart(_ input: inout [UInt8], _ place: Int, _ random: inout SplitMix) {
        let part = input[place..<min(input.count, place + 1 + random.below(64))]
        input.insert(contentsOf: part, at: random.below(input.count))
    }

    /// Goes on with the end of another member of the corpus.
    private func splice(_ input: inout [UInt8], _ place: Int, _ random: inout SplitMix) {
        let other = corpus[random.below(corpus.count)]
        input.replaceSubrange(place..., with: other[random.below(other.count)...])
    }

    /// Puts in a word, or writes it over what is there.
    private func putWord(_ input: inout [UInt8], _ place: Int, _ random: inout SplitMix) {
        guard !words.isEmpty else { return }
        let word = words[random.below(words.count)]
        let end = random.below(2) == 0 ? place : min(input.count, place + word.count)
        input.replaceSubrange(place..<end, with: word)
    }
}
