// SPDX-License-Identifier: Apache-2.0

import Primitives

/// What a line of `exec` does that a topology can say.
enum ShellCommand: Equatable {
    case address(InterfaceAddress, interface: String)
    case route(IPPrefix, gateway: IPAddress)
    /// Packets are forwarded.
    case forwarding
    /// What holds in a lab of Weft anyway.
    case nothing

    /// The commands of a line, in order; nil stands for one that is none of these.
    static func commands(in line: String) -> [(text: String, command: ShellCommand?)] {
        var words = words(line)
        if words.count == 3, ["sh", "bash", "ash"].contains(baseName(words[0])),
            words[1].hasPrefix("-"), words[1].hasSuffix("c")
        {
            words = self.words(words[2])
        }
        return words.split { ["&&", ";"].contains($0) }.map { part in
            (part.joined(separator: " "), command(Array(part)))
        }
    }

    private static func baseName(_ word: String) -> String {
        word.split(separator: "/").last.map(String.init) ?? ""
    }

    /// Words between blanks; quotes keep a word together, a semicolon ends one.
    private static func words(_ line: String) -> [String] {
        var words: [String] = []
        var word: String?
        var quote: Character?
        for character in line {
            switch character {
            case quote: quote = nil
            case _ where quote != nil: word?.append(character)
            case "'", "\"":
                quote = character
                word = word ?? ""
            case _ where character.isWhitespace || character == ";":
                if let word { words.append(word) }
                word = nil
                if character == ";" { words.append(";") }
            default: word = (word ?? "") + String(character)
            }
        }
        if let word { words.append(word) }
        return words
    }

    private static func command(_ words: [String]) -> ShellCommand? {
        var words = words
        if words.first == "sudo" { words.removeFirst() }
        guard let program = words.first.map(baseName) else { return .nothing }
        words.removeFirst()
        switch program {
        case "ip": return ip(words)
        case "sysctl": return sysctl(words)
        default: return nil
        }
    }

    private static func sysctl(_ words: [String]) -> ShellCommand? {
        let settings = words.filter { !$0.hasPrefix("-") }.joined()
        let forwarding = ["net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1"]
        return forwarding.contains(settings) ? .forwarding : nil
    }

    // MARK: iproute2

    private static func ip(_ words: [String]) -> ShellCommand? {
        let words = Array(words.drop { $0.hasPrefix("-") })
        guard words.count >= 2, let object = words.first else { return nil }
        let rest = Array(words.dropFirst(2))
        switch (full(object, ["address", "link", "route"]), words[1]) {
        case ("address", "add"), ("address", "replace"): return address(rest)
        case ("route", "add"), ("route", "replace"): return route(rest)
        // The default route of the management network, which a lab of Weft has not.
        case ("route", "del") where rest.first == "default": return .nothing
        case ("link", "set"):
            let device = rest.first == "dev" ? rest.dropFirst() : rest[...]
            return Array(device.dropFirst()) == ["up"] ? .nothing : nil
        default: return nil
        }
    }

    /// iproute2 takes any beginning of a word.
    private static func full(_ word: String, _ names: [String]) -> String? {
        word.isEmpty ? nil : names.first { $0.hasPrefix(word) }
    }

    private static func address(_ words: [String]) -> ShellCommand? {
        guard let text = words.first, let device = value(after: ["dev"], words),
            let address = InterfaceAddress(text)
                ?? IPAddress(text).map({ InterfaceAddress($0, length: UInt8($0.family.bitWidth)) }),
            isKnown(Array(words.dropFirst()), ["dev", "brd", "broadcast", "scope", "label"])
        else { return nil }
        return .address(address, interface: device)
    }

    private static func route(_ words: [String]) -> ShellCommand? {
        guard let text = words.first, let gateway = value(after: ["via"], words),
            let address = IPAddress(gateway), isKnown(Array(words.dropFirst()), ["via", "dev"])
        else { return nil }
        if text == "default" { return .route(.zero(address.family), gateway: address) }
        let prefix = IPPrefix(text) ?? IPAddress(text).map { IPPrefix(host: $0) }
        return prefix.map { .route($0, gateway: address) }
    }

    private static func value(after keys: [String], _ words: [String]) -> String? {
        guard let index = words.firstIndex(where: keys.contains), index + 1 < words.count
        else { return nil }
        return words[index + 1]
    }

    /// Whether the words are pairs with these keys: anything else might change what they mean.
    private static func isKnown(_ words: [String], _ keys: [String]) -> Bool {
        words.count.isMultiple(of: 2)
            && stride(from: 0, to: words.count, by: 2).allSatisfy { keys.contains(words[$0]) }
    }
}
