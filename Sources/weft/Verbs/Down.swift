// SPDX-License-Identifier: Apache-2.0

import Control
import Kernel
import Primitives

let downCommand = Command(
    name: "down", summary: "Take a lab down",
    description: """
        Ends every router and tool of the lab and waits until its processes, namespaces and files
        are gone. Nothing that the lab did not make is touched. A lab that does not answer within
        a few seconds is ended by force.
        """,
    arguments: [
        .init(
            name: "NAME", summary: "Which lab; needed only when more than one is running",
            isRequired: false)
    ],
    options: [
        .init(name: "all", value: nil, summary: "Take all of your labs down")
    ],
    examples: [
        .init(line: "weft down multihomed-ipvpn", says: "that lab"),
        .init(line: "weft down --all", says: "everything; no lab running is no error"),
    ]
) { invocation in
    let name = invocation.argument("NAME")
    let labs =
        invocation.has("all")
        ? try LabDirectory.running() : [try LabChoice.directory(named: name.isEmpty ? nil : name)]
    for lab in labs {
        try takeDown(lab)
        Terminal.write("lab \(lab.name) is gone\n")
    }
    return .passed
}

/// Returns when nothing of a lab is left. One that does not answer is ended by force.
/// - Parameter isTold: called when the lab knows that it is to go.
func takeDown(_ lab: LabDirectory, _ isTold: () -> Void = {}) throws {
    try awaitEnd(lab) {
        let connection = try? lab.connect()
        let request = try? connection?.start(.down)
        isTold()
        // One that cannot be told is on its way out, or has to be ended by force.
        guard let connection, let request else { return endPatience }
        // Its answer, or the end of the connection where it is on its way out already.
        let answer = Result {
            try connection.next(of: request, until: connection.now + endPatience)
        }
        if case .success(nil) = answer { return .zero }
        return endPatience
    }
}

/// Waits until nothing of a lab is left; one that does not go is ended by force.
/// - Parameter body: makes the lab go, and returns how long it may take from then on.
func awaitEnd(_ lab: LabDirectory, after body: () throws -> Duration = { endPatience }) throws {
    if try lab.waitUntilGone(after: body) { return }
    guard let server = lab.server else {
        throw Failure("\(lab.name) does not go, and no process of it is known")
    }
    Terminal.note("\(lab.name) does not answer; ending its process \(server)")
    let isGone = try lab.waitUntilGone {
        ChildProcess.signal(server, SignalDescriptor.kill)
        return endPatience
    }
    if !isGone { throw Failure("\(lab.name) does not go, though process \(server) was killed") }
}

/// How long a lab may take to answer that it goes, and then to be gone.
let endPatience: Duration = .seconds(5)
