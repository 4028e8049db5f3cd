// SPDX-License-Identifier: Apache-2.0

import Kernel
import Plan
import Primitives
import Topology

/// What a lab has to do with IPsec while it runs: the IKE daemons of its nodes, and a view of the
/// associations that the kernel has.
final class LabIPsec {
    private unowned let lab: RunningLab
    private let loop: EventLoop
    private var daemons: [String: IKEDaemon] = [:]
    /// Called with a node and what its daemon said.
    var onLine: (String, String) -> Void = { _, _ in }
    private var sockets: [String: NetlinkSocket] = [:]
    private var verdicts: [AssociationKey: IntegrityVerdict] = [:]

    private struct AssociationKey: Hashable {
        var node: String
        var source: IPAddress
        var spi: UInt32
    }

    init(_ lab: RunningLab, _ loop: EventLoop) {
        self.lab = lab
        self.loop = loop
        for node in lab.plan.topology.nodes {
            let peers = Self.ikePeers(lab.plan.ipsecPeers(of: node.name))
            if !peers.isEmpty { daemons[node.name] = daemon(node.name, peers) }
        }
    }

    private func daemon(_ node: String, _ peers: [IKEPeer]) -> IKEDaemon {
        let daemon = IKEDaemon(node, peers, loop) { [unowned self] in self.secret(of: $0) }
        daemon.onLine = { [unowned self] in self.onLine(node, $0) }
        daemon.isUp = { [unowned self] peer in
            let all = (try? self.associations(node)) ?? []
            return all.contains(where: peer.owns)
        }
        return daemon
    }

    /// One a remote address: the daemon protects all GRE between two addresses, and so all
    /// transports alike.
    private static func ikePeers(_ peers: [IPsecPeer]) -> [IKEPeer] {
        var seen: Set<IPAddress> = []
        return peers.filter { $0.profile.keying == .ike }.map { IKEPeer($0) }
            .filter { seen.insert($0.remote).inserted }
    }

    /// The pre-shared key: the file's, or one that the lab's ring has for both ends.
    private func secret(of peer: IKEPeer) -> String {
        if let secret = peer.secret { return secret }
        return lab.keys.key(peer.keyName, length: Self.secretLength)
            .map { String($0, radix: 16) }.joined(separator: ".")
    }

    /// Octets, as many as the hash of the exchange has.
    private static let secretLength = 32

    // MARK: Daemons

    func daemon(_ node: String) -> IKEDaemon? { daemons[node] }

    /// Starts the daemons of nodes that need one, and calls `body` when all that is to be protected
    /// is held back until it is, or with what went wrong.
    func start(
        _ nodes: [String], _ body: @escaping (String?) -> Void
    ) throws(SystemError) {
        let starting = nodes.compactMap { daemons[$0] }.filter { $0.pid == nil }
        guard !starting.isEmpty else { return body(nil) }
        guard FileSystem.exists(IKEDaemon.program) else {
            return body("IKE needs \(IKEDaemon.program): apt install \(IKEDaemon.package)")
        }
        var left = starting.count
        var failure: String?
        for daemon in starting {
            try daemon.start(in: try lab.namespace(daemon.node), try lab.room(daemon.node))
            daemon.whenReady { problem in
                failure = failure ?? problem
                left -= 1
                if left == 0 { body(failure) }
            }
        }
    }

    /// Why a plan's associations could not be had here, or not from now on: between one keying and
    /// another there would be a moment in which nothing is protected.
    func refusal(of plan: LabPlan) -> String? {
        for node in plan.topology.nodes.map(\.name) {
            for old in lab.plan.ipsecPeers(of: node) {
                let other = plan.ipsecPeers(of: node).first {
                    $0.remote == old.remote && $0.profile.keying != old.profile.keying
                }
                guard other != nil else { continue }
                return "the keying of IPsec between \(node) and \(old.node) stays the same while "
                    + "the lab runs"
            }
        }
        let needsDaemon = plan.topology.nodes.contains { node in
            plan.ipsecPeers(of: node.name).contains { $0.profile.keying == .ike }
        }
        return needsDaemon && !FileSystem.exists(IKEDaemon.program)
            ? "IKE needs \(IKEDaemon.program): apt install \(IKEDaemon.package)" : nil
    }

    /// Follows the lab to another plan: daemons learn of other peers, and keep the associations
    /// with those that are the same; new ones start, and those without peers end. Calls `body` when
    /// what is to be protected is held back until it is, or with what went wrong.
    func change(_ body: @escaping (String?) -> Void) throws(SystemError) {
        var left = 1
        var failure: String?
        func done(_ problem: String?) {
            failure = failure ?? problem
            left -= 1
            if left == 0 { body(failure) }
        }
        let nodes = Set(lab.plan.topology.nodes.map(\.name))
        for node in Set(daemons.keys).union(sockets.keys) where !nodes.contains(node) {
            (daemons[node], sockets[node]) = (nil, nil)
        }
        for node in lab.plan.topology.nodes.map(\.name) {
            let peers = Self.ikePeers(lab.plan.ipsecPeers(of: node))
            guard let daemon = daemons[node] else {
                guard !peers.isEmpty else { continue }
                daemons[node] = self.daemon(node, peers)
                guard !lab.links.dead.contains(node) else { continue }
                left += 1
                try start([node], done)
                continue
            }
            guard daemon.peers != peers else { continue }
            left += 1
            guard peers.isEmpty else {
                daemon.change(to: peers, done)
                continue
            }
            daemon.change(to: []) { [unowned self] _ in
                daemon.stop()
                whenEnded(node) { [unowned self] in
                    daemons[node] = nil
                    done(nil)
                }
            }
        }
        done(nil)
    }

    func initiate(_ nodes: [String]) { for node in nodes { daemons[node]?.initiateAll() } }

    func take(_ exit: ChildProcess.Exit) -> Bool { daemons.values.contains { $0.take(exit) } }

    func killAll() { for daemon in daemons.values { daemon.kill() } }

    /// Calls `body` when a node's daemon has ended and nothing that it negotiated is left.
    func whenEnded(_ node: String, _ body: @escaping () -> Void) {
        guard let daemon = daemons[node] else { return body() }
        daemon.whenEnded { [unowned self] in
            let rest = ((try? self.associations(node)) ?? []).filter { association in
                daemon.peers.contains { $0.owns(association) }
            }
            try? self.socket(node).remove(rest)
            body()
        }
    }

    // MARK: Associations

    private func socket(_ node: String) throws(SystemError) -> NetlinkSocket {
        if let socket = sockets[node] { return socket }
        let socket = try lab.namespace(node).enter(NetlinkSocket.forSecurity)
        sockets[node] = socket
        return socket
    }

    /// What the kernel has in a node.
    func associations(_ node: String) throws(SystemError) -> [ObservedAssociation] {
        try socket(node).securityAssociations()
    }

    /// The state of a node's associations with all its peers, as `ControlOperation.ipsec` says.
    func report(_ node: String) throws(SystemError) -> JSON {
        let peers = lab.plan.ipsecPeers(of: node)
        let all = peers.isEmpty ? [] : try associations(node)
        let rows = peers.map { peer in
            let daemon = daemons[node]
            let report = IPsecPeerReport(
                peer, of: all, reason: daemon?.reason(of: peer.node),
                hasKeeper: daemon?.isReady == true)
            let failures = report.incoming.compactMap { failure(node, $0) }
            return report.json(failure: failures.first)
        }
        return ["peers": JSON(rows)]
    }

    /// Whether packets arrive that do not authenticate, in words.
    private func failure(_ node: String, _ association: ObservedAssociation) -> String? {
        let key = AssociationKey(node: node, source: association.source, spi: association.spi)
        var verdict = verdicts[key] ?? IntegrityVerdict()
        verdict.take(association)
        verdicts[key] = verdict
        return verdict.isFailing
            ? "\(association.integrityFailures) packets came that do not authenticate: other keys?"
            : nil
    }
}
