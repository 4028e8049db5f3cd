// SPDX-License-Identifier: Apache-2.0

/// The secrets of one lab, drawn at random when they are first asked for. Whoever asks for the same
/// name and length gets the same, so that two ends that name one key share it. They are in no plan
/// and no text, and are gone with the ring.
package final class KeyRing: CustomReflectable {
    private var keys: [Name: [UInt8]] = [:]

    private struct Name: Hashable {
        let name: String
        let length: Int
    }

    package init() {}

    /// So that no dump of what holds the ring shows them.
    package var customMirror: Mirror { Mirror(self, children: []) }

    /// - Parameter length: octets, at least 1.
    package func key(_ name: String, length: Int) -> [UInt8] {
        let place = Name(name: name, length: length)
        if let key = keys[place] { return key }
        // The system's generator: getrandom(2).
        let key = (0..<length).map { _ in UInt8.random(in: .min ... .max) }
        keys[place] = key
        return key
    }
}
