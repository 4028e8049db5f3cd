// SPDX-License-Identifier: Apache-2.0

import Kernel
import Primitives
import Topology

let importCommand = Command(
    name: "import", summary: "Make a topology of another tool's file",
    description: """
        Reads a containerlab topology file (FORMAT is containerlab): nodes of the kinds linux and
        bridge, veth links, and the addresses, static routes and forwarding that `exec` lines set
        with ip and sysctl. Prints the topology, which is always one that `weft validate` passes.
        What cannot be carried is named on standard error, each with its line: images, binds,
        other kinds (their nodes become routers without configuration), management networks, links
        that leave the lab. The exit code is 0 with or without such; 2 where the file is no
        containerlab file. Links that have no addresses get some from Weft.
        """,
    arguments: [
        .init(name: "FORMAT", summary: "containerlab"), .init(name: "FILE", summary: "The file"),
    ],
    options: [
        .init(name: "output", value: "FILE", summary: "Write the topology there; never overwrites"),
        .init(
            name: "json", value: nil, summary: "Print one JSON object: topology, and what it lacks"),
    ],
    examples: [
        .init(
            line: "weft import containerlab lab.clab.yml --output lab.yaml",
            says: "then: weft validate lab.yaml")
    ]
) { invocation in
    let format = invocation.argument("FORMAT")
    guard format == "containerlab" else {
        let hint = Suggestion.text(for: format, among: ["containerlab"])
        throw Failure("only containerlab files are read, not '\(format)'\(hint)", code: .wrongInput)
    }
    let path = invocation.argument("FILE")
    let result = try read(path)
    if let output = invocation.value("output") {
        do throws(SystemError) { try FileSystem.create(output, result.text) } catch {
            throw Failure("\(error); nothing was changed", code: .wrongInput)
        }
    }
    if invocation.has("json") {
        Terminal.write(json(result).indentedText + "\n")
        return .passed
    }
    for note in result.notes {
        let place = Terminal.noteStyle.bold("\(path):\(note.place):")
        Terminal.note("\(place) \(Terminal.noteStyle.notable("note:")) \(note.message)")
    }
    if invocation.value("output") == nil { Terminal.write(result.text) }
    return .passed
}

private func read(_ path: String) throws -> ContainerlabImport {
    let octets: [UInt8]
    do throws(SystemError) {
        octets = try FileSystem.octets(path, limit: Topology.fileSizeMax)
    } catch {
        throw Failure("\(error)", code: .wrongInput)
    }
    do throws(TopologyErrors) {
        return try ContainerlabImport(octets)
    } catch {
        let text = String(decoding: octets, as: UTF8.self)
        Terminal.note(
            DiagnosticText.text(error.diagnostics, file: path, text: text, Terminal.noteStyle))
        throw Failure("\(path) cannot be imported", code: .wrongInput)
    }
}

private func json(_ result: ContainerlabImport) -> JSON {
    let notes = result.notes.map { note -> JSON in
        [
            "line": JSON(note.place.line), "column": JSON(note.place.column),
            "message": JSON(note.message),
        ]
    }
    return ["topology": JSON(result.text), "not-carried": JSON(notes)]
}
