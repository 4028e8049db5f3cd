// SPDX-License-Identifier: Apache-2.0

import Control
import Kernel
import KernelObjects
import Primitives

/// Things done to a running lab.
extension Supervisor {
    func event(_ reply: Reply, _ lab: RunningLab) {
        switch reply["event"]?.string {
        case "deactivate", "activate": command(reply, lab)
        case "link-down": setLink(reply, lab, isUp: false)
        case "link-up": setLink(reply, lab, isUp: true)
        case "impair": impair(reply, lab)
        case "repair": repair(reply, lab)
        case "kill": kill(reply, lab)
        case "stop": stopNode(reply, lab)
        case "start": start(reply, lab)
        case "rekey": rekey(reply, lab)
        case let other: reply.fail("a lab knows no event '\(other ?? "")'")
        }
    }

    private func command(_ reply: Reply, _ lab: RunningLab) {
        guard let router = router(reply, lab) else { return }
        let at = loop.now
        router.ask(.event, reply.request.members) { [unowned self] answer in
            switch answer {
            case .success: finishEvent(reply, at, [router.node])
            case .failure(let refusal): reply.fail(refusal.text)
            }
        }
    }

    private func setLink(_ reply: Reply, _ lab: RunningLab, isUp: Bool) {
        let name = reply["link"]?.string ?? ""
        let node = reply["node"]?.string
        guard let ends = lab.links.ends(of: name, node: node) else {
            return reply.fail(lab.links.refusal(of: name, node: node))
        }
        let change = lab.links.set(ends, isUp: isUp)
        let at = loop.now
        attempt(reply) { () throws(SystemError) in try lab.apply(change) }
        finish(reply, at, change, lab)
    }

    /// The process dies at once and says nothing more; its kernel closes its connections. Then the
    /// links go. (For a box that falls silent, pull its cables.)
    private func kill(_ reply: Reply, _ lab: RunningLab) {
        guard let router = router(reply, lab) else { return }
        guard router.state == .running else { return reply.fail("\(router.node) is not running") }
        let at = loop.now
        router.kill()
        lab.ipsec.daemon(router.node)?.kill()
        whenEnded(router, lab) { [unowned self] in cut(router, reply, at, lab) }
    }

    private func whenEnded(_ router: RouterChild, _ lab: RunningLab, _ body: @escaping () -> Void) {
        router.whenEnded { lab.ipsec.whenEnded(router.node, body) }
    }

    /// Takes a dead node's links down.
    private func cut(_ router: RouterChild, _ reply: Reply, _ at: Instant, _ lab: RunningLab) {
        let change = lab.links.set(node: router.node, isAlive: false)
        attempt(reply) { () throws(SystemError) in try lab.apply(change) }
        finish(reply, at, change, lab)
    }

    /// The links go when all have heard the goodbye: a router looks at its links before its
    /// connections, and answers a question after both.
    private func stopNode(_ reply: Reply, _ lab: RunningLab) {
        guard let router = router(reply, lab) else { return }
        guard router.state == .running else { return reply.fail("\(router.node) is not running") }
        let at = loop.now
        router.expectEnd()
        router.ask(.stop, [:]) { [unowned self] answer in
            if case .failure(let refusal) = answer { reply.fail(refusal.text) }
            lab.ipsec.daemon(router.node)?.stop()
            whenEnded(router, lab) {
                let others = lab.routers.filter { $0.state == .running }
                self.ask(others, "counters") { _ in self.cut(router, reply, at, lab) }
            }
        }
    }

    private func start(_ reply: Reply, _ lab: RunningLab) {
        guard let router = router(reply, lab) else { return }
        guard router.pid == nil else { return reply.fail("\(router.node) is running") }
        let at = loop.now
        attempt(reply) { () throws(SystemError) in
            try lab.ipsec.start([router.node]) { failure in
                if let failure { return reply.fail(failure) }
                lab.start([router]) { [unowned self] failure in
                    if let failure { return reply.fail(failure) }
                    self.connect(router, reply, at, lab)
                }
            }
        }
    }

    /// Plugs a node's cables in. Not before its router has tidied up: until then the node would
    /// still answer for virtual addresses, and forward by routes, that it had when it was killed.
    private func connect(_ router: RouterChild, _ reply: Reply, _ at: Instant, _ lab: RunningLab) {
        let change = lab.links.set(node: router.node, isAlive: true)
        attempt(reply) { () throws(SystemError) in try lab.apply(change) }
        lab.ipsec.initiate([router.node])
        finish(reply, at, change, lab)
    }

    /// Does something that the kernel may refuse; the request then fails.
    func attempt(_ reply: Reply, _ body: () throws(SystemError) -> Void) {
        do throws(SystemError) { try body() } catch { reply.fail("\(error)") }
    }

    /// Answers when every router that lost or gained a link has taken that in.
    private func finish(
        _ reply: Reply, _ at: Instant, _ change: LinkStates.Change, _ lab: RunningLab
    ) {
        guard !reply.isOver else { return }
        let nodes = Dictionary(grouping: change.expectations, by: \.node)
        let names = nodes.keys.filter { lab.router($0)?.state == .running }.sorted()
        var left = nodes.count
        if left == 0 { return finishEvent(reply, at, names) }
        for (node, expectations) in nodes {
            let deadline = loop.now + RunningLab.patience
            expect(expectations, of: lab.router(node), until: deadline) { [unowned self] failure in
                if let failure { return reply.fail(failure) }
                left -= 1
                if left == 0 { finishEvent(reply, at, names) }
            }
        }
    }

    /// Asks a router for its interfaces until they are as expected. The kernel tells of a change at
    /// once, so the first or second question finds it.
    func expect(
        _ expectations: [LinkStates.Expectation], of router: RouterChild?, until deadline: Instant,
        _ body: @escaping (String?) -> Void
    ) {
        guard let router, router.state == .running else { return body(nil) }
        router.ask(.show, ["query": "interfaces"]) { [unowned self] answer in
            guard case .success(let state) = answer else { return body(nil) }
            let interfaces = state["interfaces"]?.array ?? []
            let missing = expectations.first { expected in
                let seen = interfaces.first { $0["name"]?.string == expected.interface }
                return seen?["up"]?.bool != expected.isUp
            }
            guard let missing else { return body(nil) }
            guard self.loop.now < deadline else {
                let state = missing.isUp ? "up" : "down"
                return body("\(router.node) did not see \(missing.interface) go \(state)")
            }
            self.loop.call(at: self.loop.now + .milliseconds(1)) { [unowned self] in
                self.expect(expectations, of: router, until: deadline, body)
            }
        }
    }
}
