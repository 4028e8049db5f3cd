// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Simulation
import Testing

/// The recorded lab in virtual time: what the article's show commands print.
@Suite struct MultihomedLabTests {
    func converged() throws -> VirtualNetwork {
        var network = MultihomedLab.started()
        let time = try settled(&network)
        #expect(time < .seconds(10))
        return network
    }

    func path(_ network: VirtualNetwork) -> [String] {
        let path = network.path(from: "saturn", to: value("10.0.0.3"))
        return path.outcome == .arrived(vrf: nil) ? path.nodes : []
    }

    let primary = ["saturn", "luna", "juno", "liber", "genius"]
    let secondary = ["saturn", "luna", "orcus", "ceres", "sol", "liber", "genius"]
    let byOrcus = ["saturn", "orcus", "ceres", "sol", "liber", "genius"]

    @Test func `every session comes up within a second of virtual time`() throws {
        var network = MultihomedLab.started()
        network.run(for: .seconds(1))
        for name in network.names {
            for neighbor in network.show(name, .neighbors)["neighbors"]?.array ?? [] {
                #expect(neighbor["state"]?.string == "established", "\(name) \(neighbor)")
            }
        }
    }

    @Test func `Saturn reaches Genius by Luna and Juno, and Genius Saturn the same way`() throws {
        let network = try converged()
        #expect(network.vrrpState("luna", group: 1) == "master")
        #expect(network.vrrpState("orcus", group: 1) == "backup")
        #expect(path(network) == primary)
        let back = network.path(from: "genius", to: value("10.0.0.12"))
        #expect(back.outcome == .arrived(vrf: nil))
        #expect(back.nodes == ["genius", "liber", "juno", "luna", "saturn"])
    }

    @Test func `without the session from Juno to Luna traffic goes by Orcus, and back`() throws {
        var network = try converged()
        network.command("juno", .deactivate(key("4.0.0.21", vrf: "ipvpn")))
        let down = try settled(&network)
        #expect(down < .seconds(1))
        #expect(path(network) == secondary)
        let back = network.path(from: "genius", to: value("10.0.0.12"))
        #expect(back.nodes == ["genius", "liber", "sol", "ceres", "orcus", "saturn"])
        network.command("juno", .activate(key("4.0.0.21", vrf: "ipvpn")))
        let up = try settled(&network)
        #expect(up < .seconds(3), "Juno is passive, and Luna tries every two seconds")
        #expect(path(network) == primary)
    }

    @Test func `with Luna killed Orcus is master within VRRP's time, and Luna comes back`() throws {
        var network = try converged()
        network.kill("luna")
        // Three intervals and the skew time of priority 150.
        network.run(for: .milliseconds(3420))
        #expect(network.vrrpState("orcus", group: 1) == "master")
        #expect(path(network) == byOrcus)
        network.start("luna")
        network.run(for: .milliseconds(2900))
        #expect(network.vrrpState("luna", group: 1) == "backup", "the preempt delay of 3 s")
        #expect(path(network) == ["saturn", "orcus", "luna", "juno", "liber", "genius"])
        network.run(for: .milliseconds(200))
        #expect(network.vrrpState("luna", group: 1) == "master")
        #expect(path(network) == primary)
    }

    @Test func `with Luna cut off silently the hold time of Orcus's session tells`() throws {
        var network = try converged()
        network.kill("luna", silently: true)
        network.run(for: .seconds(6))
        #expect(path(network) == [], "Orcus still believes in Luna's routes")
        network.run(for: .seconds(5))
        #expect(path(network) == byOrcus)
    }

    @Test func `a clean stop of Luna moves the virtual address at once`() throws {
        var network = try converged()
        network.stop("luna")
        network.run(for: .milliseconds(420))
        #expect(network.vrrpState("orcus", group: 1) == "master", "after the skew time")
        #expect(path(network) == byOrcus)
    }

    @Test func `a killed reflector leaves forwarding alone, and is back soon after its start`()
        throws
    {
        var network = try converged()
        network.kill("janus", silently: true)
        _ = try settled(&network)
        #expect(path(network) == primary)
        network.start("janus")
        let time = try settled(&network)
        // Its neighbors have hold time 0: they learn of its death from its new connections.
        #expect(time < .seconds(1))
        for neighbor in network.show("janus", .neighbors)["neighbors"]?.array ?? [] {
            #expect(neighbor["state"]?.string == "established")
        }
    }

    @Test func `a link that loses carrier moves traffic in the same instant`() throws {
        var network = try converged()
        network.setLink("luna-juno", isUp: false)
        network.run(for: .milliseconds(10))
        #expect(path(network) == secondary)
        network.setLink("luna-juno", isUp: true)
        network.run(for: .milliseconds(500))
        #expect(path(network) == primary)
    }

    @Test func `both ends of every session count the same messages`() throws {
        let network = try converged()
        var counts: [String: [Int64]] = [:]
        for name in network.names {
            for session in network.show(name, .counters)["sessions"]?.array ?? [] {
                let ends = [session["address"], session["local-address"]].compactMap { $0?.string }
                let counted = [session["sent"], session["received"]].compactMap { $0?.int }
                let isFirst = ends[0] < ends[1]
                counts[ends.sorted().joined(separator: " "), default: []] +=
                    isFirst ? counted : counted.reversed()
            }
        }
        #expect(counts.count == 8)
        for (session, numbers) in counts {
            #expect(numbers.count == 4, "\(session)")
            #expect(numbers.prefix(2) == numbers.suffix(2), "\(session)")
        }
    }
}
