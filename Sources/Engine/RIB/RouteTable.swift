// SPDX-License-Identifier: Apache-2.0

/// All known paths, of both address families, by destination; the best of each first.
package struct RouteTable: Sendable {
    /// Never has an empty list.
    package private(set) var entries: [Destination: [Path]] = [:]

    package init() {}

    package var destinationsInOrder: [Destination] { entries.keys.sorted() }

    /// The path in use, if any is usable.
    package func active(_ destination: Destination) -> Path? {
        guard let best = entries[destination]?.first, best.isUsable else { return nil }
        return best
    }

    package func path(_ id: Path.ID, to destination: Destination) -> Path? {
        entries[destination]?.first { $0.id == id }
    }

    /// Changes the paths of a destination and decides again.
    /// - Returns: whether the active path is another, or the same with other properties.
    mutating func change(_ destination: Destination, _ body: (inout [Path]) -> Void) -> Bool {
        var paths = entries[destination] ?? []
        let before = paths.first.flatMap { $0.isUsable ? $0 : nil }
        entries[destination] = nil
        body(&paths)
        guard !paths.isEmpty else { return before != nil }
        Decision.rank(&paths)
        let after = paths[0].isUsable ? paths[0] : nil
        entries[destination] = paths
        return switch (before, after) {
        case (nil, nil): false
        case (let before?, let after?): !before.isSame(as: after)
        default: true
        }
    }

    /// Adds a path, or replaces the one of the same identity.
    mutating func set(_ path: Path, to destination: Destination) -> Bool {
        change(destination) { paths in
            guard let index = paths.firstIndex(where: { $0.id == path.id }) else {
                paths.append(path)
                return
            }
            let since = paths[index].isSame(as: path) ? paths[index].since : path.since
            paths[index] = path
            paths[index].since = since
        }
    }

    mutating func remove(_ id: Path.ID, from destination: Destination) -> Bool {
        change(destination) { $0.removeAll { $0.id == id } }
    }
}
