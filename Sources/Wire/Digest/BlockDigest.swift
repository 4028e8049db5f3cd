// SPDX-License-Identifier: Apache-2.0

/// A digest that takes its message in blocks of 16 words: MD5, SHA-1 and SHA-2 differ in their
/// words, their rounds and the order of octets, and are padded alike.
protocol BlockDigest {
    associatedtype Word: FixedWidthInteger & UnsignedInteger & Sendable

    /// Whether words and the message's length are written low octet first, as in MD5 alone.
    static var isLittleEndian: Bool { get }
    /// How many octets of the last state make the digest.
    static var octetCount: Int { get }
    /// How many words a round schedule holds; the first 16 are the block's.
    static var scheduleLength: Int { get }

    /// The state before the first block.
    init()
    /// The chaining words, in the order in which they are written.
    var words: [Word] { get }
    /// Takes one block into the state. What `schedule` holds beyond its first 16 words is left from
    /// the block before, and may be written over.
    mutating func compress(_ schedule: inout [Word])
}

extension BlockDigest {
    static var wordOctets: Int { Word.bitWidth / 8 }
    static var blockOctets: Int { 16 * wordOctets }

    /// The digest of a whole message.
    static func hash(_ message: [UInt8]) -> [UInt8] {
        let padded = padded(message)
        var state = Self()
        var schedule = [Word](repeating: 0, count: scheduleLength)
        for block in stride(from: 0, to: padded.count, by: blockOctets) {
            for index in 0..<16 {
                schedule[index] = word(padded, at: block + index * wordOctets)
            }
            state.compress(&schedule)
        }
        return Array(state.words.flatMap(octets(of:)).prefix(octetCount))
    }

    /// The message, one bit, zeros, and its length in bits in the last two words of a block.
    private static func padded(_ message: [UInt8]) -> [UInt8] {
        var padded = message
        padded.append(0x80)
        let tail = (padded.count + 2 * wordOctets) % blockOctets
        let zeros = tail == 0 ? 0 : blockOctets - tail
        padded.append(contentsOf: repeatElement(0, count: zeros))
        // The length's field is two words wide, and no message here is longer than 2⁶¹ octets.
        let low = UInt64(message.count) << 3
        let field = (0..<2 * wordOctets).map { index in
            index < 8 ? UInt8(truncatingIfNeeded: low >> UInt64(8 * index)) : 0
        }
        padded.append(contentsOf: isLittleEndian ? field : field.reversed())
        return padded
    }

    private static func word(_ octets: [UInt8], at offset: Int) -> Word {
        var word: Word = 0
        for index in 0..<wordOctets { word = word << 8 | Word(octets[offset + index]) }
        return isLittleEndian ? word.byteSwapped : word
    }

    private static func octets(of word: Word) -> [UInt8] {
        let ordered = isLittleEndian ? word.byteSwapped : word
        return stride(from: Word.bitWidth - 8, through: 0, by: -8).map {
            UInt8(truncatingIfNeeded: ordered >> Word($0))
        }
    }
}

extension FixedWidthInteger where Self: UnsignedInteger {
    /// ROTL and, with a negative count, ROTR.
    func rotated(left count: Int) -> Self {
        let count = (count + Self.bitWidth) % Self.bitWidth
        return self << Self(count) | self >> Self(Self.bitWidth - count)
    }
}
