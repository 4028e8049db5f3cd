// SPDX-License-Identifier: Apache-2.0

import Engine
import Kernel

extension RouterProcess {
    /// The whole life of a router in a child that was just forked, inside its namespace.
    ///
    /// It keeps standard error and what it is given, closes every other descriptor of its parent,
    /// and dies with it.
    /// - Returns: the exit status.
    package static func main(
        _ configuration: RouterConfiguration, control: Int32, recording: Int32? = nil,
        configure: @escaping (_ topology: String, _ node: String) throws -> RouterConfiguration =
            { _, node in throw SystemError.missing("a way to configure \(node) anew") }
    ) -> Int32 {
        ProcessControl.setName("weft-\(configuration.name)")
        FileDescriptor.closeAll(except: [control] + (recording.map { [$0] } ?? []))
        do throws(SystemError) {
            return try RouterProcess(
                configuration, control: control, recording: recording, configure: configure
            ).run()
        } catch {
            let line = "\(configuration.name): \(error)\n"
            try? FileDescriptor.standardError().write(Array(line.utf8), to: "standard error")
            return 1
        }
    }
}
