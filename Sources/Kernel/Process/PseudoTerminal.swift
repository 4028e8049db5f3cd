// SPDX-License-Identifier: Apache-2.0

import CLinux

/// A terminal whose other side is a program of ours.
package struct PseudoTerminal: ~Copyable {
    /// Our side: what is written is typed, what is read was printed.
    private var controller: FileDescriptor
    /// The side that a program takes for its terminal.
    private var terminal: FileDescriptor

    package init(rows: UInt16, columns: UInt16) throws(SystemError) {
        let raw = weft_terminal_open()
        guard raw >= 0 else { throw SystemError("open a pseudo-terminal") }
        let controller = FileDescriptor(owning: raw)
        let peer = weft_terminal_unlock(raw) == 0 ? weft_terminal_peer(raw) : -1
        guard peer >= 0 else { throw SystemError("open a pseudo-terminal's other side") }
        terminal = FileDescriptor(owning: peer)
        self.controller = controller
        Self.setSize(raw, rows: rows, columns: columns)
    }

    /// Both sides, each to be owned by its taker: the controller, then the terminal.
    package consuming func split() -> (Int32, Int32) {
        (controller.release(), terminal.release())
    }

    /// - Parameter raw: the controller.
    package static func setSize(_ raw: Int32, rows: UInt16, columns: UInt16) {
        _ = weft_set_window_size(raw, rows, columns)
    }

    /// Makes a terminal that of this process, which must lead a session without one.
    package static func takeControl(_ raw: Int32) throws(SystemError) {
        guard weft_control_terminal(raw) == 0 else { throw SystemError("take the terminal") }
    }
}
