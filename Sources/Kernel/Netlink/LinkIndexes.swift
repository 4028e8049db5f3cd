// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Link indexes by name, as the kernel gave them out in one namespace.
package struct LinkIndexes: Sendable {
    package private(set) var byName: [String: UInt32] = [:]
    package private(set) var nameByIndex: [UInt32: String] = [:]

    package init(_ links: [ObservedLink]) { for link in links { insert(link) } }

    package mutating func insert(_ link: ObservedLink) {
        if let old = nameByIndex[link.index] { byName[old] = nil }
        byName[link.name] = link.index
        nameByIndex[link.index] = link.name
    }

    package mutating func remove(_ index: UInt32) {
        if let name = nameByIndex.removeValue(forKey: index) { byName[name] = nil }
    }

    /// - Throws: ENODEV where no link has the name.
    package func index(of name: String, for operation: String) throws(SystemError) -> UInt32 {
        guard let index = byName[name] else { throw SystemError("\(operation): \(name)", ENODEV) }
        return index
    }
}
