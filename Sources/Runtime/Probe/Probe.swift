// SPDX-License-Identifier: Apache-2.0

import Kernel
import Primitives

/// From where to where a probe goes.
package struct ProbePath: Hashable, Sendable {
    /// The VRF device that the probe is bound to; nil in the default VRF.
    package var device: String?
    /// nil lets the kernel choose.
    package var source: IPAddress?
    package var destination: IPAddress

    package init(device: String? = nil, source: IPAddress? = nil, destination: IPAddress) {
        self.device = device
        self.source = source
        self.destination = destination
    }

    var family: AddressFamily { destination.family }
}

/// A probe of the network, run in a forked child inside the namespace that it starts from.
///
/// It speaks with whoever started it in the frames of the control protocol, without ids: any
/// number of {progress: …}, then {result: …} or {error: TEXT}. It ends when it has given its
/// result, or when the other end closes.
package enum Probe: Hashable, Sendable {
    /// → {sent, received, replies: [{sequence, rtt-us}], errors: [{from, type, code}]}; where the
    /// kernel itself refuses to send, an error is {text}.
    case ping(ProbePath, count: Int, interval: Duration, timeout: Duration)
    /// → {passed, refused-mtu?, refused-by?, text}, as the control protocol's path-mtu has it.
    case pathMTU(ProbePath, node: String, mtu: UInt32, timeout: Duration)
    /// → {hops: [{hop, from?, rtt-us?, unreachable?: {type, code}}], reached, text?}
    case traceroute(ProbePath, hopsMax: Int, timeout: Duration)
    /// Sends to an `answer` at this port until {stop: true} comes. Progress {started: true} when
    /// the first answer has come or 2 s have passed, and {answered: true, sent-at: NS} of the probe
    /// that was answered first; → the near end's report for `OutageResult`.
    case outage(ProbePath, port: UInt16, interval: Duration)
    /// The far end of an outage meter, in the namespace of the address: progress {port: N}, then it
    /// answers until {stop: true} comes; → the far end's report for `OutageResult`.
    case answer(device: String?, address: IPAddress)
    /// Captures a link from this end of it, until {stop: true} comes. Progress {started: true} once
    /// it does; → as the control protocol's wire-stop has it.
    case wire(WireEnd, WireJudge)
    /// Captures a device until {stop: true} comes. Progress {started: true} once it does, then
    /// packets as data; → {packets, lost}.
    case capture(CaptureTarget)

    /// The whole life of the child.
    /// - Parameter control: its end of a socket pair; taken over.
    /// - Returns: the exit status.
    package func main(control: Int32) -> Int32 {
        FileDescriptor.closeAll(except: [control])
        do throws(SystemError) {
            let port = try ProbePort(descriptor: control)
            do throws(SystemError) { try run(port) } catch {
                port.send(["error": .string(error.description)])
                port.drain()
                return 1
            }
            port.drain()
            return 0
        } catch {
            return 1
        }
    }

    private func run(_ port: ProbePort) throws(SystemError) {
        switch self {
        case .ping(let path, let count, let interval, let timeout):
            ProcessControl.setName("weft-ping")
            let ledger = PingLedger(count: count, interval: interval, timeout: timeout)
            try PingProbe(path, ledger, port).run()
        case .traceroute(let path, let hopsMax, let timeout):
            ProcessControl.setName("weft-traceroute")
            let search = TracerouteSearch(hopsMax: hopsMax, timeout: timeout)
            try TracerouteProbe(path, search, port).run()
        case .outage(let path, let number, let interval):
            ProcessControl.setName("weft-outage")
            ProcessControl.raisePriority()
            try OutageProbe(path, number, interval, port).run()
        case .answer(let device, let address):
            ProcessControl.setName("weft-answer")
            ProcessControl.raisePriority()
            try OutageAnswer(device, address, port).run()
        case .pathMTU(let path, let node, let mtu, let timeout):
            ProcessControl.setName("weft-path-mtu")
            try PathMTUProbe(path, node, mtu: mtu, timeout, port).run()
        case .wire(let end, let judge):
            ProcessControl.setName("weft-wire")
            try WireProbe(end, judge, port).run()
        case .capture(let target):
            ProcessControl.setName("weft-capture")
            try CaptureProbe(target, port).run()
        }
    }
}
