// SPDX-License-Identifier: Apache-2.0

/// What became of things that are told apart by a key, from one list to another.
struct KeyedDifference<Value: Hashable> {
    /// In the order of the new list.
    private(set) var added: [Value] = []
    /// In the order of the new list.
    private(set) var changed: [(old: Value, new: Value)] = []
    /// In the order of the old list.
    private(set) var removed: [Value] = []

    /// Of several with one key, the first counts.
    init(from old: [Value], to new: [Value], by key: (Value) -> some Hashable) {
        let before = Dictionary(old.map { (key($0), $0) }) { first, _ in first }
        let after = Set(new.map(key))
        for value in new {
            guard let was = before[key(value)] else {
                added.append(value)
                continue
            }
            if was != value { changed.append((was, value)) }
        }
        removed = old.filter { !after.contains(key($0)) }
    }

    /// One line each: what `name` calls it, and what became of it.
    func words(
        _ name: (Value) -> String, change: (_ old: Value, _ new: Value) -> String
    ) -> [String] {
        removed.map { "\(name($0)) removed" }
            + changed.map { "\(name($0.new)): \(change($0.old, $0.new))" }
            + added.map { "\(name($0)) added" }
    }
}

/// Which members of two values differ, by the names that people know them by.
func differences<Value>(
    _ old: Value, _ new: Value, _ members: [(String, (Value) -> AnyHashable)]
) -> String {
    let names = members.filter { $0.1(old) != $0.1(new) }.map(\.0)
    return names.isEmpty ? "configuration" : names.joined(separator: ", ")
}
