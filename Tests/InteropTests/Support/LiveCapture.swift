// SPDX-License-Identifier: Apache-2.0

import Foundation

/// tcpdump on an interface of a node, from now until it is stopped.
struct LiveCapture {
    private let program: NodeProgram

    init(_ lab: TestLab, _ node: String, _ interface: String, _ filter: String) throws {
        let tcpdump = try HostTool("tcpdump", package: "tcpdump")
        program = try NodeProgram(
            lab, node,
            [tcpdump.path, "-n", "-U", "--immediate-mode", "-i", interface, "-w", "-", filter])
        try program.waitForError(containing: "listening on")
    }

    /// The capture as a pcap file's octets.
    func stop() throws -> [UInt8] {
        try program.interrupt()
        return program.output
    }
}
