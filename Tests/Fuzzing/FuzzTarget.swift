// SPDX-License-Identifier: Apache-2.0

/// A decoder, and what must hold whatever it is given. The same table is what libFuzzer drives
/// (`make fuzz`), what the seeded campaign drives, and what the corpus is replayed against.
package struct FuzzTarget: Sendable, CustomStringConvertible {
    /// Also the name of its folder in the corpus.
    package let name: String
    /// Inputs are cut to so many octets.
    package let sizeMax: Int
    /// What inputs of this kind are made of; the campaign's mutator puts them in.
    package let words: [[UInt8]]
    /// How many times as long one input takes as a decoded message does: what needs a whole
    /// topology is given fewer inputs in the same time.
    package let cost: Int
    /// - Throws: what does not hold. A trap is a finding too.
    package let check: @Sendable ([UInt8]) throws(Finding) -> Void

    package var description: String { name }

    init(
        _ name: String, sizeMax: Int = 4096, words: [[UInt8]] = [], cost: Int = 1,
        _ check: @escaping @Sendable ([UInt8]) throws(Finding) -> Void
    ) {
        self.name = name
        self.sizeMax = sizeMax
        self.words = words
        self.cost = cost
        self.check = check
    }

    /// Puts an input to the decoder.
    package func run(_ input: [UInt8]) throws(Finding) {
        try check(input.count > sizeMax ? Array(input.prefix(sizeMax)) : input)
    }

    package static let all: [FuzzTarget] =
        bgp + packets + texts + control + kernel + [router, topology]
        + [isis, isisRouter]
        + [ospf]
        + ldp

    package static func named(_ name: String) -> FuzzTarget? { all.first { $0.name == name } }
}

/// A property that does not hold.
package struct Finding: Error, Hashable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// - Throws: a finding, unless the condition holds.
func require(_ condition: Bool, _ text: @autoclosure () -> String) throws(Finding) {
    if !condition { throw Finding(text()) }
}

/// Takes a script's octets from the front; when they are used up everything is zero.
struct Script {
    private var rest: ArraySlice<UInt8>

    init(_ octets: [UInt8]) { rest = octets[...] }

    var isEmpty: Bool { rest.isEmpty }

    mutating func octet() -> UInt8 { rest.popFirst() ?? 0 }

    mutating func octets(_ count: Int) -> [UInt8] {
        defer { rest = rest.dropFirst(count) }
        return Array(rest.prefix(count))
    }

    mutating func remaining() -> [UInt8] { octets(rest.count) }
}

extension [UInt8] {
    /// The octets in pieces whose sizes go on as `seed` says: in one, in twos, in uneven ones.
    func pieces(_ seed: UInt8) -> [[UInt8]] {
        let sizes = [1, 1 + Int(seed & 7), 1 + Int(seed >> 3)]
        var rest = self[...]
        var pieces: [[UInt8]] = []
        while !rest.isEmpty {
            let size = sizes[pieces.count % sizes.count]
            pieces.append(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        return pieces
    }
}
