// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Simulation
import Testing

/// Lets a network come to rest.
/// - Returns: how long it took to the last change.
func settled(_ network: inout VirtualNetwork) throws -> Duration {
    let time = network.settle()
    return try #require(time, "changes go on")
}

/// A value from its text, which the test wrote.
func value<Value: TextValue>(_ text: String, as type: Value.Type = Value.self) -> Value {
    guard let value = Value(text) else { preconditionFailure("\(text) is no \(Value.self)") }
    return value
}

/// The session with an address.
func key(_ address: String, vrf: String? = nil) -> NeighborKey {
    NeighborKey(vrf: vrf, address: value(address))
}

/// A reproducible source of chance: SplitMix64.
struct Chance: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
