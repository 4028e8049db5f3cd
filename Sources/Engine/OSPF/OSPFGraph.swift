// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

/// An area as routers and networks with what it costs to go from one to the next (RFC 2328 §16.1).
struct OSPFGraph {
    /// What an area's LSAs say, without those that are on their way out.
    struct Content {
        var routers: [IPv4Address: OSPFRouterLSA] = [:]
        var networks: [OSPFNetworkID: OSPFNetworkLSA] = [:]

        /// The links of a router LSA; a router of version 3 may have several LSAs.
        mutating func add(_ router: OSPFRouterLSA, of id: IPv4Address) {
            routers[id, default: OSPFRouterLSA()].links += router.links
            routers[id]?.flags.formUnion(router.flags)
            routers[id]?.options = router.options
        }
    }

    /// A first step from here.
    struct Start: Hashable {
        /// The interface's position.
        var position: Int
        /// The router there; none for the network itself.
        var neighbor: IPv4Address?
    }

    /// One of our own links.
    struct OwnLink {
        var position: Int
        var link: OSPFRouterLSA.Link
    }

    private(set) var routerVertices: [IPv4Address: Int] = [:]
    private var networkVertices: [OSPFNetworkID: Int] = [:]
    /// Networks that we are on ourselves, once more, without a way on: what leads on from them are
    /// the routers there.
    private var ownNetworkVertices: [OSPFNetworkID: Int] = [:]
    private var edges: [[ShortestPaths.Edge]] = [[]]
    /// By position in the root's edges.
    private(set) var starts: [Start] = []
    private(set) var paths: ShortestPaths
    /// To be compared with what the next computation sees.
    private(set) var seen = SeenNetwork<Vertex>()

    /// What a vertex stands for.
    enum Vertex: Hashable, Sendable {
        case router(IPv4Address)
        case network(OSPFNetworkID)
        /// One that we are on.
        case ownNetwork(OSPFNetworkID)
    }

    /// - Parameters:
    ///   - root: this router.
    ///   - own: the links that we have now, whatever was said of them.
    init(_ content: Content, _ dialect: OSPFDialect, root: IPv4Address, own: [OwnLink]) {
        paths = ShortestPaths(from: 0, [[]])
        routerVertices[root] = 0
        // Networks before routers: of equal distance they come first, or ways of equal cost would
        // be lost (RFC 2328 §16.1 step 3).
        for id in content.networks.keys.sorted(by: { ($0.router, $0.id) < ($1.router, $1.id) }) {
            networkVertices[id] = edges.count
            edges.append([])
        }
        for id in content.routers.keys.sorted() where id != root {
            routerVertices[id] = edges.count
            edges.append([])
        }
        for id in content.routers.keys.sorted() where id != root {
            addEdges(of: id, content, dialect, root: root)
        }
        for own in own { addOwn(own, content, dialect, root: root) }
        // Whether a way leads on from here: version 3 has routers that only are there.
        let vertices = vertices
        let isTransit = vertices.map { vertex in
            guard dialect.version == .v3, case .router(let id) = vertex,
                let router = content.routers[id]
            else { return true }
            return router.options.contains([.router, .v6])
        }
        paths = ShortestPaths(from: 0, edges) { isTransit[$0] }
        seen = SeenNetwork(vertices, edges, isTransit: isTransit)
    }

    /// By position.
    private var vertices: [Vertex] {
        var vertices = [Vertex](repeating: .router(IPv4Address(bits: 0)), count: edges.count)
        for (id, position) in routerVertices { vertices[position] = .router(id) }
        for (id, position) in networkVertices { vertices[position] = .network(id) }
        for (id, position) in ownNetworkVertices { vertices[position] = .ownNetwork(id) }
        return vertices
    }

    private mutating func addEdges(
        of id: IPv4Address, _ content: Content, _ dialect: OSPFDialect, root: IPv4Address
    ) {
        guard let from = routerVertices[id] else { return }
        for link in content.routers[id]?.links ?? [] {
            switch link.type {
            case .pointToPoint, .virtual:
                // Our own ways are known better than others know them.
                guard link.linkID != root, let to = routerVertices[link.linkID],
                    content.routers[link.linkID]?.hasLink(to: id, link.type) == true
                else { continue }
                edges[from].append(.init(to: to, cost: UInt32(link.metric)))
            case .transit:
                let network = dialect.network(of: link)
                guard let to = networkVertices[network],
                    content.networks[network]?.routers.contains(id) == true
                else { continue }
                edges[from].append(.init(to: to, cost: UInt32(link.metric)))
                edges[to].append(.init(to: from, cost: 0))
            case .stub: break
            }
        }
    }

    private mutating func addOwn(
        _ own: OwnLink, _ content: Content, _ dialect: OSPFDialect, root: IPv4Address
    ) {
        let cost = UInt32(own.link.metric)
        switch own.link.type {
        case .pointToPoint, .virtual:
            guard let to = routerVertices[own.link.linkID],
                content.routers[own.link.linkID]?.hasLink(to: root, own.link.type) == true
            else { return }
            start(own.position, own.link.linkID, to: to, cost)
        case .transit:
            let network = dialect.network(of: own.link)
            guard let told = content.networks[network], told.routers.contains(root) else { return }
            let end = ownNetworkVertices[network] ?? edges.count
            if end == edges.count { edges.append([]) }
            ownNetworkVertices[network] = end
            start(own.position, nil, to: end, cost)
            for router in told.routers where router != root {
                guard let to = routerVertices[router],
                    content.routers[router]?.links.contains(where: {
                        $0.type == .transit && dialect.network(of: $0) == network
                    }) == true
                else { continue }
                start(own.position, router, to: to, cost)
            }
        case .stub: break
        }
    }

    private mutating func start(
        _ position: Int, _ neighbor: IPv4Address?, to: Int, _ cost: UInt32
    ) {
        edges[0].append(.init(to: to, cost: cost))
        starts.append(Start(position: position, neighbor: neighbor))
    }

    /// The distance of a router or network and the first steps to it; none for what cannot be
    /// reached.
    struct Reach {
        var cost: UInt32
        var hops: Int
        var starts: [Start]
    }

    func reach(router: IPv4Address) -> Reach? { routerVertices[router].flatMap(reach) }

    /// That by the network itself, and that by others who are on it.
    func reaches(network: OSPFNetworkID) -> [Reach] {
        [ownNetworkVertices[network], networkVertices[network]].compactMap { $0.flatMap(reach) }
    }

    private func reach(_ vertex: Int) -> Reach? {
        paths.distances[vertex].map { cost in
            Reach(
                cost: cost, hops: paths.hops[vertex],
                starts: paths.firstHops[vertex].map { starts[$0] })
        }
    }
}

extension OSPFRouterLSA {
    /// Whether it has a link to a router: the way there must be one back as well.
    fileprivate func hasLink(to router: IPv4Address, _ type: LinkType) -> Bool {
        links.contains { $0.type == type && $0.linkID == router }
    }
}
