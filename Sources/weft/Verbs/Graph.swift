// SPDX-License-Identifier: Apache-2.0

import Control
import Graph
import Kernel
import Primitives
import Topology

let graphCommand = Command(
    name: "graph", summary: "Draw a topology file or a running lab",
    description: """
        Draws nodes by their roles, links with their addresses, VRFs as colours, and with --sessions
        who speaks BGP with whom: reflectors point at their clients. The SVG needs no other file and
        follows the reader's preference for light or dark; dot is for Graphviz, mermaid for wikis.
        Of a running lab, stopped nodes, links that are down and sessions that are not established
        are marked.
        """,
    arguments: [.init(name: "FILE|LAB", summary: "A topology file, or the name of a running lab")],
    options: [
        .init(name: "format", value: "FORMAT", summary: "svg (the default), dot or mermaid"),
        .init(name: "sessions", value: nil, summary: "Draw BGP sessions, too"),
        .init(name: "output", value: "FILE", summary: "Write there, not to standard output"),
        .init(name: "json", value: nil, summary: "Print what would be drawn, as JSON"),
    ],
    examples: [
        .init(line: "weft graph lab.yaml --output lab.svg", says: "a picture for any browser"),
        .init(line: "weft graph lab.yaml --sessions --format dot", says: "for dot -Tpdf"),
        .init(
            line: "weft graph multihomed-ipvpn --sessions --output now.svg", says: "as it is now"),
    ]
) { invocation in
    let format = try GraphFormat(invocation.value("format"))
    let drawing = try Drawing(of: invocation.argument("FILE|LAB"))
    let showsSessions = invocation.has("sessions")
    let text =
        invocation.has("json")
        ? drawing.json.indentedText + "\n" : format.text(drawing, showsSessions: showsSessions)
    guard let path = invocation.value("output") else {
        Terminal.write(text)
        return .passed
    }
    do throws(SystemError) { try FileSystem.write(path, text) } catch {
        throw Failure("\(error)", code: .wrongInput)
    }
    return .passed
}

/// What a drawing can be written as.
enum GraphFormat: String, CaseIterable {
    case svg, dot, mermaid

    init(_ name: String?) throws(UsageError) {
        guard let name else {
            self = .svg
            return
        }
        guard let format = Self(rawValue: name) else {
            let names = Self.allCases.map(\.rawValue)
            let hint =
                Suggestion.nearest(to: name, among: names).map { "did you mean '\($0)'?" }
                ?? "expected " + names.joined(separator: ", ")
            throw UsageError(message: "unknown format '\(name)'; \(hint)", command: "graph")
        }
        self = format
    }

    func text(_ drawing: Drawing, showsSessions: Bool) -> String {
        switch self {
        case .svg: SVGText(showsSessions: showsSessions).text(drawing)
        case .dot: DOTText.text(drawing, showsSessions: showsSessions)
        case .mermaid: MermaidText.text(drawing, showsSessions: showsSessions)
        }
    }
}

extension Drawing {
    /// - Parameter name: a file, or else a running lab.
    fileprivate init(of name: String) throws {
        guard !FileSystem.exists(name), !name.contains("/") else {
            self = Drawing(try TopologyText(name).topology)
            return
        }
        guard let lab = try LabDirectory.running().first(where: { $0.name == name }) else {
            throw Failure("'\(name)' is neither a file nor a running lab", code: .wrongInput)
        }
        self = try Drawing(running: lab)
    }

    private init(running lab: LabDirectory) throws {
        let connection = try lab.connect()
        let hello = try connection.call(.hello)
        self.init(try Topology.parse(Array((hello["topology"]?.string ?? "").utf8)))
        mark(nodes: hello["nodes"] ?? [])
        for node in nodes where !node.isStopped {
            func ask(_ query: String) -> JSON {
                // A router that ends meanwhile is drawn as the file has it.
                let members: [JSON.Member] = [
                    .init("node", .string(node.name)), .init("query", .string(query)),
                ]
                return (try? connection.call(.show, members)) ?? [:]
            }
            mark(node: node.name, interfaces: ask("interfaces"), neighbors: ask("neighbors"))
        }
    }
}
