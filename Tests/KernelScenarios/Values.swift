// SPDX-License-Identifier: Apache-2.0

/// Reads a value that a scenario itself wrote down.
func value<Value: LosslessStringConvertible>(_ text: String) -> Value {
    guard let value = Value(text) else { preconditionFailure("\(text) is no \(Value.self)") }
    return value
}
