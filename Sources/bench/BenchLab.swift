// SPDX-License-Identifier: Apache-2.0

import Engine
import Kernel
import KernelObjects
import Plan
import Primitives
import Topology

/// A lab's namespaces, links and addresses on this machine's kernel, with nothing running in them.
/// Held by descriptors alone: they go with this process, however it ends.
final class BenchLab {
    let plan: LabPlan
    private let realiser = Realiser()

    /// - Parameter path: the topology file.
    convenience init(_ path: String) throws { try self.init(path, FileSystem.read(path)) }

    /// - Parameters:
    ///   - name: what complaints call it.
    ///   - topology: the text of a topology file.
    init(_ name: String, _ topology: String) throws {
        do throws(TopologyErrors) {
            plan = LabPlan(try Topology.parse(Array(topology.utf8)))
        } catch {
            throw Failure("\(name): \(error)")
        }
        _ = try realiser.realise(plan.objects)
    }

    func namespace(_ node: String) throws -> Namespace {
        guard let namespace = realiser.namespace(node) else {
            throw Failure("no node \(node)")
        }
        return namespace
    }

    func configuration(_ node: String) throws -> RouterConfiguration {
        guard let configuration = plan.router(node) else { throw Failure("no node \(node)") }
        return configuration
    }

    /// Takes one end of a link up or down; the other end's carrier follows.
    func set(_ link: String, of node: String, isUp: Bool) throws {
        guard let socket = try realiser.socket(node) else { throw Failure("no node \(node)") }
        let index = try LinkIndexes(try socket.links()).index(of: link, for: "set \(link)")
        try socket.set(link: index, link, isUp: isUp)
    }

    /// The interface of a node whose neighbor there is another.
    func interface(of node: String, towards other: String) throws -> String {
        let objects = plan.objects.namespaces.first { $0.name == node }
        let link = objects?.links.first {
            if case .veth(let peer) = $0.kind { peer.namespace == other } else { false }
        }
        guard let link else { throw Failure("no link from \(node) to \(other)") }
        return link.name
    }

    /// The next hop by which a node's kernel forwards to a prefix; nil where it has no such route.
    func gateway(of node: String, to prefix: String) throws -> String? {
        let tables = try namespace(node).enter { () throws(SystemError) in try ForwardingTables() }
        let routes = try tables.routes(.ipv4, .all).filter {
            $0.key.table == RoutingTable.main && "\($0.key.prefix)" == prefix
        }
        guard case .forward(let hops)? = routes.min(by: { $0.key < $1.key })?.action else {
            return nil
        }
        return hops.first?.via.map { "\($0)" }
    }
}
