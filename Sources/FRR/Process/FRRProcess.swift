// SPDX-License-Identifier: Apache-2.0

import Control
import Engine
import Kernel
import Primitives
import Runtime

/// A node's router where that is FRR: the process that has started the daemons, and that answers
/// the supervisor in their name as our own router process would. It and the daemons live and die
/// together.
package final class FRRProcess {
    private let configuration: FRRConfiguration
    private let channel: FrameChannel
    private let signals: SignalDescriptor
    private var daemons = FRRDaemons()
    private var isStopped = false

    private init(
        _ configuration: FRRConfiguration, control: Int32
    ) throws(SystemError) {
        self.configuration = configuration
        channel = FrameChannel(FileDescriptor(owning: control))
        signals = try SignalDescriptor([SignalDescriptor.child])
    }

    /// The whole life in a child that was just forked, inside the node's namespaces.
    /// - Parameter control: the router's end of the socket pair.
    /// - Returns: the exit status.
    package static func main(_ configuration: FRRConfiguration, control: Int32) -> Int32 {
        ProcessControl.setName("weft-\(configuration.router.name)")
        FileDescriptor.closeAll(except: [control])
        do throws(SystemError) {
            return try FRRProcess(configuration, control: control).run()
        } catch {
            StandardStream.error.write("\(configuration.router.name): \(error)\n".utf8)
            return 1
        }
    }

    private func run() -> Int32 {
        do throws(FRRError) {
            if let refusal = configuration.refusals.first {
                throw FRRError("FRR cannot be told \(refusal)")
            }
            try daemons.start(configuration)
            send(["ready": true])
            while !isStopped, !channel.isClosed { try turn() }
            return 0
        } catch {
            report(["type": "problem", "text": .string("FRR: \(error)")])
            drain()
            return 1
        }
    }

    private func turn() throws(FRRError) {
        let interest: Poller.Interest = channel.hasBacklog ? [.read, .write] : .read
        let ready = try? Poller.wait(
            forAny: [(channel.descriptor, interest), (signals.raw, .read)], until: nil)
        if ready?.last == true {
            _ = signals.read()
            if let daemon = daemons.reap() {
                throw FRRError("\(daemon.rawValue) ended\(FRRDaemons.lastWords(daemon))")
            }
        }
        guard ready?.first == true else { return }
        channel.flush()
        for case .message(let message) in (try? channel.receive()) ?? [] {
            if let request = ControlRequest(message) { answer(request) }
        }
    }

    // MARK: The supervisor

    private func send(_ message: JSON) {
        do throws(FrameError) { try channel.send(.message(message)) } catch {
            guard let id = message["id"] else { return }
            send(["id": id, "error": .string("the answer is \(error)")])
        }
    }

    private func report(_ report: JSON) {
        send(["report": report, "at": JSON(MonotonicClock.now.nanoseconds)])
    }

    private func drain() {
        while channel.hasBacklog, !channel.isClosed {
            guard (try? Poller.wait(for: channel.descriptor, .write, until: nil)) == true else {
                return
            }
            channel.flush()
        }
    }

    private func answer(_ request: ControlRequest) {
        do throws(RouterRequest.Refusal) {
            let wanted = try RouterRequest(request, configuration.router)
            do throws(FRRError) {
                send(request.result(try answer(wanted)))
            } catch {
                send(request.error("\(configuration.router.name): \(error)"))
            }
        } catch {
            send(request.error(error.description))
        }
        if isStopped { drain() }
    }

    private func answer(_ request: RouterRequest) throws(FRRError) -> JSON {
        switch request {
        case .show(let query): return try FRRAnswers(configuration.router).answer(query)
        case .command(let command): return try perform(command)
        case .kernelRoutes: throw FRRError("kernel routes of a node with FRR are not answered")
        case .lookUp: throw FRRError("look-ups in a node with FRR are not answered")
        case .prepare, .reconfigure:
            throw FRRError("a node with FRR cannot be changed in a running lab: start it anew")
        case .stop:
            daemons.stop()
            isStopped = true
            return [:]
        }
    }

    private func perform(_ command: Command) throws(FRRError) -> JSON {
        let (key, word): (NeighborKey, String) =
            switch command {
            case .deactivate(let key): (key, "")
            case .activate(let key): (key, "no ")
            default: throw FRRError("this event is not for a node with FRR")
            }
        guard let local = configuration.router.autonomousSystem else {
            throw FRRError("no BGP on this node")
        }
        let vrf = configuration.router.vrfs.first { $0.name == key.vrf }
        _ = try Vty.ask(
            .bgpd,
            [
                "configure terminal", FRRConfiguration.instanceLine(local, vrf),
                "\(word)neighbor \(key.address) shutdown",
            ])
        return [:]
    }
}
