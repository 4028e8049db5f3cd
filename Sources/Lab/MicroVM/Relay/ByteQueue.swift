// SPDX-License-Identifier: Apache-2.0

/// Bytes in the order they came, taken from the front in whatever amounts the taker manages.
struct ByteQueue: Sendable {
    private var storage: [UInt8] = []
    private var start = 0

    var count: Int { storage.count - start }
    var isEmpty: Bool { count == 0 }

    /// All bytes, without copying them.
    var bytes: ArraySlice<UInt8> { storage[start...] }

    mutating func append(_ bytes: some Collection<UInt8>) {
        // Moving the rest to the front only when it is the smaller half keeps every byte's share
        // of the work constant.
        if start > 0, start >= storage.count / 2 {
            storage.removeFirst(start)
            start = 0
        }
        storage += bytes
    }

    mutating func removeFirst(_ count: Int) {
        precondition(count >= 0 && count <= self.count)
        start += count
        if start == storage.count {
            storage.removeAll(keepingCapacity: true)
            start = 0
        }
    }

    mutating func removeAll() {
        storage = []
        start = 0
    }
}
