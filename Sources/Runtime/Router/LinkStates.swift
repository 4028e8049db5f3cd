// SPDX-License-Identifier: Apache-2.0

import Engine
import Kernel

/// Which of the router's interfaces can forward, and what of that is news to the engine.
struct LinkStates {
    /// What of a link counts here.
    struct Link {
        var index: UInt32
        var name: String
        /// Up, with carrier.
        var isRunning: Bool
    }

    private var names: Set<String>
    private var isUp: [String: Bool] = [:]
    private var nameByIndex: [UInt32: String] = [:]

    init(_ configuration: RouterConfiguration) {
        names = Self.names(configuration)
    }

    private static func names(_ configuration: RouterConfiguration) -> Set<String> {
        Set(configuration.interfaces.filter { !$0.isLoopback }.map(\.name))
    }

    /// Takes another configuration. The engine takes interfaces that it had for what they were, and
    /// new ones for down: list all links afterwards.
    mutating func reconfigure(_ configuration: RouterConfiguration) {
        names = Self.names(configuration)
        isUp = isUp.filter { names.contains($0.key) }
    }

    /// Whether the kernel's number stands for a link of this name since before.
    func knows(_ link: Link) -> Bool { nameByIndex[link.index] == link.name }

    /// Takes the state of a link; nil where the engine knows it already or does not care. An
    /// interface is down until it is said to be up.
    mutating func take(_ link: Link) -> Event? {
        nameByIndex[link.index] = link.name
        return set(link.name, link.isRunning)
    }

    mutating func remove(_ index: UInt32) -> Event? {
        nameByIndex.removeValue(forKey: index).flatMap { set($0, false) }
    }

    /// Takes a whole list: what is not in it is gone.
    mutating func take(all links: [Link]) -> [Event] {
        let present = Set(links.map(\.index))
        let gone = nameByIndex.keys.filter { !present.contains($0) }.sorted()
        return gone.compactMap { remove($0) } + links.compactMap { take($0) }
    }

    private mutating func set(_ name: String, _ state: Bool) -> Event? {
        guard names.contains(name), isUp[name] ?? false != state else { return nil }
        isUp[name] = state
        return .link(interface: name, isUp: state)
    }
}

extension LinkStates.Link {
    init(_ link: ObservedLink) {
        self.init(index: link.index, name: link.name, isRunning: link.isRunning)
    }
}
