// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import Wire

/// Octets written as hex with white space and `# comments` to the end of the line.
func hex(_ annotated: String) -> [UInt8] {
    let lines = annotated.split(separator: "\n").map { $0.prefix { $0 != "#" } }
    let digits = lines.joined().filter { !$0.isWhitespace }
    var octets: [UInt8] = []
    var rest = digits[...]
    while let octet = UInt8(rest.prefix(2), radix: 16) {
        octets.append(octet)
        rest = rest.dropFirst(2)
    }
    precondition(octets.count * 2 == digits.count, "hex digits in pairs: \(annotated)")
    return octets
}

func text(_ octets: [UInt8]) -> String {
    octets.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

/// What every codec is put through: whole, truncated at every octet.
func exercise<Value: Equatable>(
    _ name: String, _ value: Value, octets golden: [UInt8],
    encode: (Value) throws -> [UInt8], decode: ([UInt8]) throws -> Value
) {
    #expect(throws: Never.self, "\(name): encodes") {
        let octets = try encode(value)
        #expect(text(octets) == text(golden), "\(name): encodes to its golden octets")
    }
    #expect(throws: Never.self, "\(name): decodes") {
        let decoded = try decode(golden)
        #expect(decoded == value, "\(name): decodes to its value")
    }
    for length in 0..<golden.count {
        #expect(throws: (any Error).self, "\(name): cut to \(length) octets is rejected") {
            try decode(Array(golden[..<length]))
        }
    }
}

/// Small, seeded, the same everywhere: SplitMix64.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
        return z ^ z >> 31
    }
}

/// Reads a text form that the test's author got right.
func value<Value: TextValue>(_ text: String, as type: Value.Type = Value.self) -> Value {
    guard let value = Value(text) else { preconditionFailure("\(Value.self) from \(text)") }
    return value
}
