// SPDX-License-Identifier: Apache-2.0

import Kernel
import Topology

/// A topology file: its text, and what it means.
struct TopologyText {
    let path: String
    let text: String
    /// What it says, and what its templates have become.
    let reading: TopologyFile

    var topology: Topology { reading.topology }

    /// Reads and validates a file.
    /// - Throws: `Failure` with exit code 2; mistakes in the file have been printed.
    init(_ path: String) throws {
        self.path = path
        let octets: [UInt8]
        do throws(SystemError) {
            octets = try FileSystem.octets(path, limit: Topology.fileSizeMax)
        } catch {
            throw Failure("\(error)", code: .wrongInput)
        }
        text = String(decoding: octets, as: UTF8.self)
        do throws(TopologyErrors) { reading = try TopologyFile(octets) } catch {
            Terminal.note(
                DiagnosticText.text(error.diagnostics, file: path, text: text, Terminal.noteStyle))
            let count = error.diagnostics.count
            throw Failure(
                "\(path) has \(count) \(count == 1 ? "mistake" : "mistakes")", code: .wrongInput)
        }
    }
}
