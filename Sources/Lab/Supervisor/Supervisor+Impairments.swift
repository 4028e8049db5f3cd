// SPDX-License-Identifier: Apache-2.0

import Control
import Kernel
import KernelObjects
import Primitives

/// Links that delay, lose or slow down what their ends send.
extension Supervisor {
    func impair(_ reply: Reply, _ lab: RunningLab) {
        do throws(Impairment.Mistake) {
            set(try Impairment(reply.request.members), reply, lab)
        } catch {
            reply.fail(error.text)
        }
    }

    func repair(_ reply: Reply, _ lab: RunningLab) { set(nil, reply, lab) }

    /// All ends, or none: what the kernel refuses at one is taken back at the others.
    private func set(_ impairment: Impairment?, _ reply: Reply, _ lab: RunningLab) {
        let link = reply["link"]?.string ?? ""
        let node = reply["node"]?.string
        let senders = lab.links.senders(of: link, node: node)
        guard !senders.isEmpty else { return reply.fail(lab.links.refusal(of: link, node: node)) }
        let at = loop.now
        attempt(reply) { () throws(SystemError) in
            let before = lab.impairments
            do throws(SystemError) {
                for sender in senders { try lab.set(impairment, at: sender) }
            } catch {
                for sender in senders { try? lab.set(before[sender.name], at: sender) }
                throw error
            }
            finishEvent(reply, at, [])
        }
    }
}

extension RunningLab {
    /// Impairs what an end sends; nil repairs it.
    fileprivate func set(
        _ impairment: Impairment?, at sender: LinkStates.Sender
    ) throws(SystemError) {
        let (socket, index) = try device(sender.end)
        let name = "\(sender.end.link) in \(sender.end.namespace)"
        if let impairment {
            try socket.impair(link: index, name, NetemDiscipline(impairment))
        } else if impairments[sender.name] != nil {
            try socket.repair(link: index, name)
        }
        impairments[sender.name] = impairment
    }

    /// As the control protocol's `deviations` has it.
    var impairmentList: [JSON] {
        impairments.sorted { ($0.key.link, $0.key.node) < ($1.key.link, $1.key.node) }.map {
            let names: [JSON.Member] = [
                .init("link", .string($0.key.link)), .init("node", .string($0.key.node)),
            ]
            return .object(names + $0.value.members)
        }
    }
}
