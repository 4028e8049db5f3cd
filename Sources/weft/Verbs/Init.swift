// SPDX-License-Identifier: Apache-2.0

import Kernel
import Lab

let initCommand = Command(
    name: "init", summary: "What a microVM's first process does",
    description: "Started by the kernel of a microVM, and by nobody else.",
    arguments: [
        .init(name: "PURPOSE", summary: "Which supervisor to start", arity: .verbatim)
    ], isHidden: true
) { invocation in
    guard ChildProcess.pid == 1, let purpose = GuestPurpose(invocation.rest) else {
        throw Failure("init is for the first process of a microVM", code: .wrongInput)
    }
    GuestInit.run { listener in
        do throws(SystemError) {
            switch purpose {
            case .lab(let name):
                try Supervisor(Substrate.microvm.environment(lab: name), listener: listener).run()
            case .commands: try CommandSupervisor(listener: listener).run()
            }
            return 0
        } catch {
            StandardStream.error.write("weft: \(error)\n".utf8)
            return 1
        }
    }
}
