// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import Engine

/// What gets better is taken up in an order in which no packet is led astray, on any network.
@Suite("IS-IS: repairs")
struct ISISRepairTests {
    /// Routers with links of any cost and delay; the first ones make a ring.
    private static func network(_ random: inout Jitter) -> ISISNetwork {
        func pick(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }
        var network = ISISNetwork()
        let count = 5 + pick(5)
        for _ in 0..<count { network.addNode() }
        var links = (0..<count).map { ($0, ($0 + 1) % count) }
        for _ in 0..<count / 2 {
            let (a, b) = (pick(count), pick(count))
            if a != b { links.append((a, b)) }
        }
        for (a, b) in links {
            let isLAN = pick(4) == 0
            let segment = network.join([a, b], metric: UInt32(1 + pick(20)), isLAN: isLAN)
            network.segments[segment].delay = .milliseconds(1 + pick(30))
        }
        return network
    }

    /// Lets time pass, and looks at all ways after every change of a route.
    /// - Returns: the first that led nowhere.
    private func strays(_ network: inout ISISNetwork, for duration: Duration) -> String? {
        let end = network.now + duration
        var seen = 0
        repeat {
            guard network.changes != seen else { continue }
            seen = network.changes
            if let stray = network.stray { return "\(network.now): \(stray)" }
        } while network.runNext(until: end)
        return nil
    }

    @Test(arguments: UInt64(1)...10)
    func whenALinkComesBackNoPacketGoesAstray(seed: UInt64) {
        var random = Jitter(seed: seed)
        var network = Self.network(&random)
        network.start()
        network.run(for: .seconds(20))
        network.expectShortestPaths()
        for segment in network.segments.indices {
            network.set(segment, isUp: false)
            network.run(for: .seconds(1))
            network.set(segment, isUp: true)
            let stray = strays(&network, for: .seconds(8))
            #expect(stray == nil, "\(segment)")
            network.expectShortestPaths("\(segment)")
        }
    }

    /// As many changes at once as a router has links.
    @Test(arguments: UInt64(1)...5)
    func whenARouterComesBackNoPacketOfOthersGoesAstray(seed: UInt64) {
        var random = Jitter(seed: seed)
        var network = Self.network(&random)
        network.start()
        network.run(for: .seconds(20))
        for node in network.nodes.indices {
            network.kill(node)
            network.run(for: .seconds(5))
            network.start(node)
            network.isNew = node
            let stray = strays(&network, for: .seconds(20))
            #expect(stray == nil, "\(node)")
            network.expectShortestPaths("\(node)")
            network.isNew = nil
        }
    }

    /// Where something is lost nothing waits: the first moment after is as good as it gets.
    @Test func aLossIsNotWaitedOut() {
        var network = ISISNetwork()
        for _ in 0..<4 { network.addNode() }
        for (a, b, metric) in [(0, 1, 1), (1, 2, 1), (2, 3, 1), (3, 0, 10)] as [(Int, Int, UInt32)]
        {
            network.join([a, b], metric: metric)
        }
        network.start()
        network.run(for: .seconds(20))
        network.set(1, isUp: false)
        network.run(for: .milliseconds(10))
        network.expectShortestPaths()
        // The better way waits, until another loss leaves no choice.
        network.set(1, isUp: true)
        network.run(for: .milliseconds(300))
        #expect(network.nodes[0].routes[ISISNetwork.loopback(2)]?.metric == 11)
        #expect(network.nodes[0].instance?.isAtRest == false)
        network.set(3, isUp: false)
        network.run(for: .milliseconds(250))
        network.expectShortestPaths()
    }
}

extension ISISNetwork {
    /// A way by the routes as they are that does not get where it ought to; nil where all do.
    fileprivate var stray: String? {
        for from in nodes.indices where nodes[from].instance != nil {
            for to in nodes.indices where to != from && nodes[to].instance != nil {
                if let way = stray(from: from, to: to) { return way }
            }
        }
        return nil
    }

    private func stray(from: Int, to: Int) -> String? {
        let isOld = from != isNew && to != isNew
        var isDone = [Bool](repeating: false, count: nodes.count)
        func visit(_ node: Int, _ way: [Int]) -> String? {
            if node == to || isDone[node] { return nil }
            guard let route = nodes[node].routes[Self.loopback(to)] else {
                return isOld ? "\(way) to \(to) has no route" : nil
            }
            for hop in route.nextHops {
                guard let next = neighbor(of: node, hop) else { return "\(way): no neighbor" }
                guard !way.contains(next) else { return "\(way + [next]) to \(to) is a circle" }
                if let stray = visit(next, way + [next]) { return stray }
            }
            isDone[node] = true
            return nil
        }
        return visit(from, [from])
    }

    private func neighbor(of node: Int, _ hop: ForwardingNextHop) -> Int? {
        for (number, segment) in segments.enumerated()
        where segment.isUp && hop.interface == "s\(number)" {
            for (place, end) in segment.ends.enumerated()
            where hop.gateway.bits == UInt128(0x0b00_0000 + number * 256 + place + 1) {
                return nodes[end.node].instance == nil ? nil : end.node
            }
        }
        return nil
    }
}
