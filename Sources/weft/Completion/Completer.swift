// SPDX-License-Identifier: Apache-2.0

import Primitives

/// What the running labs have that a command line can name.
protocol CompletionSource {
    /// The names of the labs that run.
    func labs() -> [String]
    /// Answers of the control protocol's `names`: of one lab, or of all.
    func names(lab: String?) -> [JSON]
}

/// Candidates for the last word of a command line. A table of what stands where does it, the same
/// that parses command lines and makes the help texts.
struct Completer {
    /// What a shell is to complete itself.
    enum Directive: String, CaseIterable {
        case files = ":files"
        case commands = ":commands"
    }

    let commands: [Command]
    let source: any CompletionSource

    /// - Parameter words: those after `weft`; the last one is being written and may be empty.
    /// - Returns: whole words, each beginning with the last one, then perhaps a directive.
    func candidates(_ words: [String]) -> [String] {
        let current = words.last ?? ""
        let line = PartialLine(words.dropLast(), commands)
        let all: [String]
        if let option = line.pending {
            all = values(of: option, line)
        } else if current.hasPrefix("--"), let equals = current.firstIndex(of: "="), !line.isOver {
            let name = current[..<equals].dropFirst(2)
            let option = line.options.first { $0.name == name }
            let values = option.map { self.values(of: $0, line) } ?? []
            all = values.map { Self.isDirective($0) ? $0 : "--\(name)=\($0)" }
        } else if current.hasPrefix("-"), !line.isOver {
            all = line.options.map { "--" + $0.name }.filter { !line.given.contains($0) }
        } else if line.command == nil {
            all = line.words.isEmpty ? commands.filter { !$0.isHidden }.map(\.name) : []
        } else {
            all = self.words(of: line, current)
        }
        var seen: Set<String> = []
        return all.filter {
            (Self.isDirective($0) || $0.hasPrefix(current)) && seen.insert($0).inserted
        }
    }

    private static func isDirective(_ word: String) -> Bool { Directive(rawValue: word) != nil }

    private static let files = [Directive.files.rawValue]

    // MARK: Options

    private func values(of option: Command.Option, _ line: PartialLine) -> [String] {
        switch (option.name, option.value) {
        case ("lab", _): return source.labs()
        case ("substrate", _): return ["auto"] + Substrate.allCases.map(\.rawValue)
        case ("from", _): return nodes(line)
        case ("vrf", _) where line.command?.name == "trace":
            return nodes(line).flatMap { node($0, line)?.list("vrfs") ?? [] }
        case ("vrf", _): return node(line.words.dropFirst().first, line)?.list("vrfs") ?? []
        case ("node", _):
            let link = line.words.dropFirst().first
            let ends = links(line).first { $0.text("name") == link }?.list("nodes")
            return ends ?? nodes(line)
        case (_, "FILE"?), (_, "DIR"?): return Self.files
        default: return []
        }
    }

    // MARK: Words

    private func words(of line: PartialLine, _ current: String) -> [String] {
        switch (line.command?.name ?? "", line.words.count) {
        case ("show", 1...): return shown(line)
        case ("set", _): return events(line)
        case ("capture", 0): return places(line, current)
        case ("exec", 1): return [Directive.commands.rawValue]
        case ("exec", 2...): return Self.files
        case ("trace", 0): return nodes(line)
        default: return argument(line)
        }
    }

    /// By the name that the help text gives it.
    private func argument(_ line: PartialLine) -> [String] {
        switch line.argument?.name {
        case "FILE"?: Self.files
        case "NODE"?: nodes(line)
        case "NAME"?, "LAB"?: source.labs()
        case "COMMAND"?: commands.filter { !$0.isHidden }.map(\.name)
        case "SHELL"?: CompletionScript.allCases.map(\.rawValue)
        default: []
        }
    }

    private func shown(_ line: PartialLine) -> [String] {
        let own = node(line.words.first, line)
        let rest = line.words.dropFirst()
        switch rest.last {
        case nil: return ShowRequest.words
        case "vrf" where rest.count > 1: return own?.list("vrfs") ?? []
        case "protocol": return RouteSource.allCases.map(\.rawValue)
        case "received", "advertised": return own?.array("neighbors").map { $0.text("name") } ?? []
        case "route" where rest.count == 1: return ["vrf", "protocol", "received", "advertised"]
        default: break
        }
        guard ["route", "received", "advertised"].contains(rest.first) else { return [] }
        let isTable = !rest.contains("received") && !rest.contains("advertised")
        return (isTable ? ["vrf", "protocol"] : ["vrf"]).filter { !rest.contains($0) }
    }

    private func events(_ line: PartialLine) -> [String] {
        guard let event = line.words.first else { return SetRequest.forms.map(\.event) }
        let names = SetRequest.forms.first { $0.event == event }?.names ?? []
        let given = line.words.dropFirst()
        guard given.count < names.count else { return [] }
        switch names[given.count] {
        case .node: return nodes(line)
        case .link: return links(line).map { $0.text("name") }
        case .neighbor:
            return node(given.first, line)?.array("neighbors").map { $0.text("name") } ?? []
        case .peer: return node(given.first, line)?.list("ipsec-peers") ?? []
        }
    }

    /// `juno:eth1`: first links and nodes, then what the node has.
    private func places(_ line: PartialLine, _ current: String) -> [String] {
        guard let colon = current.firstIndex(of: ":") else {
            return links(line).map { $0.text("name") } + nodes(line).map { $0 + ":" }
        }
        let name = String(current[..<colon])
        let own = links(line).filter { $0.list("nodes").contains(name) }.map { $0.text("name") }
        let devices = node(name, line)?.list("devices") ?? []
        return (own + devices).map { "\(name):\($0)" }
    }

    // MARK: Names

    private func known(_ line: PartialLine, _ kind: String) -> [JSON] {
        source.names(lab: line.value(of: "lab")).flatMap { $0[kind]?.array ?? [] }
    }

    private func nodes(_ line: PartialLine) -> [String] {
        known(line, "nodes").map { $0.text("name") }
    }

    private func links(_ line: PartialLine) -> [JSON] { known(line, "links") }

    private func node(_ name: String?, _ line: PartialLine) -> JSON? {
        known(line, "nodes").first { $0["name"]?.string == name }
    }
}

extension JSON {
    fileprivate func text(_ name: String) -> String { self[name]?.string ?? "" }
    fileprivate func array(_ name: String) -> [JSON] { self[name]?.array ?? [] }
    fileprivate func list(_ name: String) -> [String] { array(name).compactMap(\.string) }
}

/// What the words before the one that is being written say.
struct PartialLine {
    private(set) var command: Command?
    /// The words after the verb that are no options.
    private(set) var words: [String] = []
    /// Options, with their dashes.
    private(set) var given: Set<String> = []
    private var values: [String: String] = [:]
    /// An option whose value comes next.
    private(set) var pending: Command.Option?
    /// No options follow: the rest is another program's, or `--` has been written.
    private(set) var isOver = false

    init(_ before: ArraySlice<String>, _ commands: [Command]) {
        guard let verb = before.first else { return }
        command = commands.first { $0.name == verb }
        if command == nil { words = [verb] }
        for word in before.dropFirst() { take(word) }
    }

    private mutating func take(_ word: String) {
        if let option = pending {
            values[option.name] = word
            pending = nil
        } else if word == "--", !isOver {
            isOver = true
        } else if word.hasPrefix("--"), !isOver {
            let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1).map(String.init)
            let option = options.first { $0.name == parts.first }
            given.insert("--" + (parts.first ?? ""))
            if parts.count == 2 { values[parts[0]] = parts[1] }
            if parts.count < 2, option?.value != nil { pending = option }
        } else {
            words.append(word)
            isOver = isOver || isVerbatim(words.count - 1)
        }
    }

    var options: [Command.Option] { command.map { $0.options + [Command.help] } ?? [] }

    func value(of option: String) -> String? { values[option] }

    /// What the next word is; nil where none may follow.
    var argument: Command.Argument? { specification(words.count) }

    private func specification(_ index: Int) -> Command.Argument? {
        guard let arguments = command?.arguments, let last = arguments.last else { return nil }
        if index < arguments.count { return arguments[index] }
        return last.arity == .one ? nil : last
    }

    private func isVerbatim(_ index: Int) -> Bool { specification(index)?.arity == .verbatim }
}
