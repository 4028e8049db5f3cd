// SPDX-License-Identifier: Apache-2.0

import FRR
import Kernel
import Primitives
import Topology

/// A topology file: its text, and what it means.
struct TopologyText {
    /// As messages call it.
    let path: String
    let text: String
    /// What it says, and what its templates have become.
    let reading: TopologyFile

    var topology: Topology { reading.topology }

    /// Reads and validates a file; `-` is the standard input.
    /// - Parameter settings: what `--set` says, as `core=static`.
    /// - Throws: `Failure` with exit code 2; mistakes in the file have been printed.
    init(_ path: String, settings: [String] = []) throws {
        let settings = try settings.map { text in
            guard let setting = TopologySetting(text) else {
                throw Failure(
                    "--set needs KEY=VALUE, as in core=static, not '\(text)'", code: .wrongInput)
            }
            return setting
        }
        switch TopologyReading(path, settings) {
        case .right(let file): self = file
        case .unreadable(_, let why): throw Failure(why, code: .wrongInput)
        case .wrong(let wrong):
            Terminal.note(wrong.report(Terminal.noteStyle))
            throw Failure(wrong.summary, code: .wrongInput)
        }
    }

    fileprivate init(path: String, text: String, reading: TopologyFile) {
        self.path = path
        self.text = text
        self.reading = reading
    }
}

/// What became of reading a topology file.
enum TopologyReading {
    case right(TopologyText)
    case wrong(WrongTopology)
    /// Why, as a sentence with the path in it.
    case unreadable(path: String, why: String)

    /// Reads and validates a file; `-` is the standard input.
    init(_ path: String, _ settings: [TopologySetting] = []) {
        var name = path == "-" ? "<stdin>" : path
        var octets: [UInt8]
        do throws(SystemError) {
            octets = try path == "-" ? Self.input() : FileSystem.octets(path, limit: Self.limit)
        } catch {
            self = .unreadable(path: name, why: Self.explain(error, name))
            return
        }
        // Mistakes in the file itself have their places in it.
        if !settings.isEmpty, (try? TopologyFile(octets)) != nil,
            let text = try? TopologySetting.text(of: octets, with: settings)
        {
            octets = Array(text.utf8)
            name += " with --set"
        }
        let text = String(decoding: octets, as: UTF8.self)
        do throws(TopologyErrors) {
            let reading = try TopologyFile(octets)
            let refusals = FRRConfiguration.diagnostics(of: reading.topology)
            guard refusals.isEmpty else { throw TopologyErrors(diagnostics: refusals) }
            self = .right(TopologyText(path: name, text: text, reading: reading))
        } catch {
            self = .wrong(
                WrongTopology(path: name, text: text, diagnostics: error.diagnostics))
        }
    }

    private static let limit = Topology.fileSizeMax

    private static func input() throws(SystemError) -> [UInt8] {
        var octets: [UInt8] = []
        while true {
            let piece = StandardStream.input.read(64 << 10)
            if piece.isEmpty { return octets }
            octets += piece
            guard octets.count <= limit else {
                throw SystemError.tooLarge("read the standard input")
            }
        }
    }

    private static func explain(_ error: SystemError, _ path: String) -> String {
        if error.isDirectory { return "\(path) is a directory, not a topology file" }
        if error.isTooLarge { return "\(path) has more than \(limit) bytes" }
        guard error.isMissing else { return "\(path) cannot be read: \(error.reason)" }
        // Of the same folder, the name that was meant.
        let name = path.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
        let folder = path.dropLast(name.count)
        let names = (try? FileSystem.names(in: folder.isEmpty ? "." : String(folder))) ?? []
        let near = Suggestion.nearest(to: String(name), among: names)
        let hint = near.map { "; did you mean \(folder)\($0)?" } ?? ""
        return "there is no file \(path)\(hint)"
    }
}

/// A topology file with mistakes.
struct WrongTopology {
    var path: String
    var text: String
    var diagnostics: [Diagnostic]

    /// Each mistake with its line and a mark below its place.
    func report(_ style: Style) -> String {
        DiagnosticText.text(diagnostics, file: path, text: text, style)
    }

    var summary: String {
        "\(path) has \(diagnostics.count) \(diagnostics.count == 1 ? "mistake" : "mistakes")"
    }
}
