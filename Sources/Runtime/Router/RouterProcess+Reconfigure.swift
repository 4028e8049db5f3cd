// SPDX-License-Identifier: Apache-2.0

import Control
import Engine
import Kernel
import Primitives

/// From one configuration to another, in two steps: before and after the supervisor changes links
/// and addresses.
///
/// The file's text is what comes, and every router that changes makes its own configuration of it,
/// as the supervisor did: a plan is a pure function of the text, so the two cannot differ, and
/// there is no second form of a configuration that could.
extension RouterProcess {
    /// Whatever is to go says goodbye.
    func prepare(_ request: ControlRequest, _ text: String) {
        do {
            let new = try configure(text, configuration.name)
            next = new
            let rest = configuration.retiring(for: new)
            if rest != configuration {
                configuration = rest
                take(.command(.reconfigure(rest)))
            }
            supervisor.send(request.result([:]))
        } catch {
            supervisor.send(request.error("\(error)"))
        }
    }

    /// Goes on under the new configuration, as far as the kernel lets it. What could not be done is
    /// done when the same is asked for again.
    func reconfigure(_ request: ControlRequest) {
        guard let new = next else {
            return supervisor.send(request.error("\(configuration.name) was not prepared"))
        }
        configuration = new
        var problems: [String] = []
        func attempt(_ body: () throws(SystemError) -> Void) {
            do throws(SystemError) { try body() } catch { problems.append(error.description) }
        }
        attempt { () throws(SystemError) in try forwarding.refreshLinks() }
        attempt { () throws(SystemError) in try transport.reconfigure(new) }
        attempt { () throws(SystemError) in try vrrp.reconfigure(new.vrrpGroups) }
        attempt { () throws(SystemError) in
            try advertisements.reconfigure(new.routerAdvertisements)
        }
        attempt { () throws(SystemError) in try packets.open(new) }
        links.reconfigure(new)
        take(.command(.reconfigure(new)))
        attempt { () throws(SystemError) in
            take(links.take(all: try monitor.list().map(LinkStates.Link.init)))
        }
        tell(forwarding.reconcile())
        let text = problems.joined(separator: "; ")
        supervisor.send(problems.isEmpty ? request.result([:]) : request.error(text))
    }
}
