// SPDX-License-Identifier: Apache-2.0

import Control
import Kernel
import Primitives

/// What clients ask about IPsec.
extension Supervisor {
    func ipsec(_ reply: Reply, _ lab: RunningLab) {
        guard let router = router(reply, lab) else { return }
        do throws(SystemError) {
            reply.finish(try lab.ipsec.report(router.node))
        } catch {
            reply.fail("\(error)")
        }
    }

    /// Has a node's IKE daemon replace its associations with a peer, and answers when both ends
    /// send under the new ones only.
    func rekey(_ reply: Reply, _ lab: RunningLab) {
        guard let router = router(reply, lab) else { return }
        let name = reply["peer"]?.string ?? ""
        guard let daemon = lab.ipsec.daemon(router.node),
            let peer = daemon.peers.first(where: { $0.node == name })
        else {
            let peers = lab.ipsec.daemon(router.node)?.peers.map(\.node) ?? []
            let hint = Suggestion.text(for: name, among: peers)
            return reply.fail("\(router.node) has no IKE peer '\(name)'\(hint)")
        }
        let at = loop.now
        do throws(SystemError) {
            let old = try lab.ipsec.associations(router.node).filter(peer.owns).map(\.spi)
            let ends = [
                Rekeying(node: router.node, peer: peer, old: Set(old)),
                Rekeying(node: name, peer: peer, old: Set(old)),
            ]
            daemon.rekey(peer) { [unowned self] failure in
                if let failure {
                    return reply.fail("\(router.node) cannot rekey with \(name): \(failure)")
                }
                let deadline = loop.now + RunningLab.patience
                self.await(ends, lab, until: deadline) { [unowned self] failure in
                    if let failure { return reply.fail(failure) }
                    finishEvent(reply, at, [router.node, name])
                }
            }
        } catch { reply.fail("\(error)") }
    }

    /// One end of an exchange of keys.
    private struct Rekeying {
        var node: String
        var peer: IKEPeer
        /// The SPIs of what is replaced.
        var old: Set<UInt32>

        func isOver(_ all: [ObservedAssociation], local: IPAddress?) -> Bool {
            let own = all.filter(peer.owns)
            let outgoing = own.filter { $0.source == local }
            let incoming = own.filter { $0.destination == local }
            return !outgoing.isEmpty && outgoing.allSatisfy { !old.contains($0.spi) }
                && incoming.contains { !old.contains($0.spi) }
        }
    }

    /// Looks until both ends have what they should. Nothing tells of it.
    private func await(
        _ ends: [Rekeying], _ lab: RunningLab, until deadline: Instant,
        _ body: @escaping (String?) -> Void
    ) {
        do throws(SystemError) {
            for (end, local) in zip(ends, [ends.first?.peer.local, ends.first?.peer.remote]) {
                if end.isOver(try lab.ipsec.associations(end.node), local: local) { continue }
                guard loop.now < deadline else { return body("\(end.node) goes on with old keys") }
                loop.call(at: loop.now + .milliseconds(10)) { [unowned self] in
                    self.await(ends, lab, until: deadline, body)
                }
                return
            }
            body(nil)
        } catch { body("\(error)") }
    }
}
