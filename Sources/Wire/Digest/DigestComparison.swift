// SPDX-License-Identifier: Apache-2.0

extension [UInt8] {
    /// Whether two proofs are the same; takes as long wherever they differ.
    func isSameProof(as other: [UInt8]) -> Bool {
        count == other.count && zip(self, other).reduce(UInt8.zero) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
