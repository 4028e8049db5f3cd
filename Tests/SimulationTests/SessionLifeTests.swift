// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Simulation
import Testing

/// Sessions between whole routers, with everything that can happen between them.
@Suite struct SessionLifeTests {
    let sessionOf1 = key("10.1.1.2")

    @Test func `two routers that start together agree on one connection and swap routes`() throws {
        var network = PairLab.external()
        network.startAll()
        network.run(for: .milliseconds(5))
        #expect(network.states("1") == ["established"])
        #expect(network.states("2") == ["established"])
        #expect(network.hasRoute("1", "10.0.0.2/32"))
        #expect(network.hasRoute("2", "10.0.0.1/32"))
        network.run(for: .seconds(3600))
        #expect(network.states("1") == ["established"], "keepalives hold it")
    }

    @Test func `the outcome is the same whichever of the two starts first`() throws {
        for delay in [1, 50, 99, 100, 101, 2500] {
            for first in ["1", "2"] {
                var network = PairLab.external()
                network.start(first)
                network.run(for: .milliseconds(delay))
                network.startAll()
                network.run(for: .milliseconds(2100))
                #expect(network.states("1") == ["established"], "\(delay) ms after \(first)")
                #expect(network.states("2") == ["established"], "\(delay) ms after \(first)")
            }
        }
    }

    @Test func `one side or the other may be passive`() throws {
        for passive in [1, 2] {
            let network = try PairLab.external { if $0 == passive { $1.isPassive = true } }
                .converged()
            #expect(network.states("1") == ["established"])
        }
    }

    @Test func `two passive sides wait for ever`() throws {
        let network = try PairLab.external { $1.isPassive = true }.converged()
        #expect(network.states("1") == ["active"])
    }

    @Test func `different passwords never meet, the same do`() throws {
        let different = try PairLab.external { $1.password = "\($0)" }.converged()
        #expect(different.states("1") != ["established"])
        let same = try PairLab.external { $1.password = "secret" }.converged()
        #expect(same.states("1") == ["established"])
    }

    @Test func `a wrong AS is refused, and says so`() throws {
        let network = try PairLab.external { if $0 == 1 { $1.remoteAS = ASNumber(7) } }
            .converged()
        #expect(network.states("1") != ["established"])
        #expect(network.lastError("1") == "sent OPEN Message Error/Bad Peer AS")
        #expect(network.lastError("2") == "received OPEN Message Error/Bad Peer AS")
    }

    @Test func `an external session falls with its link and rises with it`() throws {
        for holdTime in [UInt16(90), 0] {
            var network = try PairLab.external { $1.holdTime = holdTime }.converged()
            network.setLink("1-2", isUp: false)
            network.run(for: .zero)
            #expect(network.states("1") == ["idle"])
            #expect(network.states("2") == ["idle"])
            #expect(!network.hasRoute("1", "10.0.0.2/32"))
            network.run(for: .seconds(1000))
            network.setLink("1-2", isUp: true)
            network.run(for: .milliseconds(5))
            #expect(network.states("1") == ["established"])
            #expect(network.hasRoute("1", "10.0.0.2/32"))
        }
    }

    @Test func `a neighbor that was out of service is back as soon as it may`() throws {
        var network = try PairLab.external().converged()
        network.command("1", .deactivate(sessionOf1))
        network.run(for: .seconds(1000))
        #expect(network.states("1") == ["idle"])
        #expect(network.lastError("2")?.contains("Connection Rejected") == true)
        network.command("1", .activate(sessionOf1))
        network.run(for: .milliseconds(5))
        #expect(network.states("1") == ["established"])
        #expect(network.states("2") == ["established"])
    }

    @Test func `a router that was killed is back soon after its start`() throws {
        for silently in [true, false] {
            for holdTime in [UInt16(90), 0] {
                var network = try PairLab.internalOverThird { $1.holdTime = holdTime }.converged()
                network.kill("3", silently: silently)
                network.run(for: .seconds(2))
                #expect((network.states("1") == ["established"]) == silently)
                network.start("3")
                network.run(for: .milliseconds(500))
                #expect(network.states("1") == ["established"])
                #expect(network.states("3") == ["established"])
                #expect(network.hasRoute("3", "10.1.1.0/24"))
            }
        }
    }

    @Test func `a passive router that was killed silently is found by keepalives`() throws {
        var network = try PairLab.internalOverThird { if $0 == 3 { $1.isPassive = true } }
            .converged()
        network.kill("3", silently: true)
        network.run(for: .seconds(1))
        network.start("3")
        network.run(for: .seconds(61))
        #expect(network.states("1") == ["established"])
        #expect(network.states("3") == ["established"])
    }

    @Test func `a cut in the middle ends the session after the hold time`() throws {
        var network = try PairLab.internalOverThird { $1.holdTime = 9 }.converged()
        network.setLink("2-3", isUp: false)
        network.run(for: .seconds(5))
        #expect(network.states("1") == ["established"])
        network.run(for: .seconds(5))
        #expect(network.states("1") != ["established"])
        #expect(network.lastError("1") == "sent Hold Timer Expired")
        network.setLink("2-3", isUp: true)
        network.run(for: .seconds(5))
        #expect(network.states("1") == ["established"])
        #expect(network.states("3") == ["established"])
    }

    @Test func `a short cut in the middle is bridged by retransmission`() throws {
        var network = try PairLab.internalOverThird { $1.holdTime = 9 }.converged()
        let before = network.reports.count
        network.setLink("2-3", isUp: false)
        network.run(for: .seconds(2))
        network.setLink("2-3", isUp: true)
        network.run(for: .seconds(60))
        let lost = network.reports[before...].filter {
            if case .session = $0.report { true } else { false }
        }
        #expect(lost.isEmpty)
    }

    @Test func `without hold time a session outlives any cut`() throws {
        var network = try PairLab.internalOverThird { $1.holdTime = 0 }.converged()
        network.setLink("2-3", isUp: false)
        network.run(for: .seconds(100_000))
        #expect(network.states("1") == ["established"])
        network.setLink("2-3", isUp: true)
        network.run(for: .seconds(1))
        #expect(network.states("1") == ["established"])
        #expect(network.states("3") == ["established"])
    }

    @Test func `a clean stop tells the neighbor, whose routes go at once`() throws {
        var network = try PairLab.internalOverThird().converged()
        network.stop("3")
        network.run(for: .milliseconds(5))
        #expect(network.lastError("1") == "received Cease/Administrative Shutdown")
        #expect(network.states("1") != ["established"])
    }
}
