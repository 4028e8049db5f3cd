// SPDX-License-Identifier: Apache-2.0

import Engine
import Plan
import Primitives
import Simulation
import Testing

/// The same events at the same moments give the same effects, byte for byte.
@Suite struct DeterminismTests {
    /// A life with a bit of everything.
    static func journal() -> [String] {
        var network = VirtualNetwork(MultihomedLab.plan)
        network.isRecording = true
        network.startAll()
        network.run(for: .seconds(5))
        network.command("juno", .deactivate(key("4.0.0.21", vrf: "ipvpn")))
        network.run(for: .seconds(5))
        network.command("juno", .activate(key("4.0.0.21", vrf: "ipvpn")))
        network.kill("luna")
        network.run(for: .seconds(12))
        network.setLink("liber-juno", isUp: false)
        network.start("luna")
        network.run(for: .seconds(25))
        network.stop("ceres")
        network.run(for: .seconds(5))
        return network.journal
    }

    static let recorded = journal()

    @Test func `two lives of a lab are equal effect for effect`() {
        #expect(Self.recorded.count > 300)
        #expect(Self.journal() == Self.recorded)
    }

    @Test func `a recorded life replays on its own`() throws {
        var routers: [String: Router] = [:]
        for line in Self.recorded {
            let json = try JSON(parsing: line)
            let name = try #require(json["node"]?.string)
            let event = try #require(json["event"].flatMap { Event(json: $0) })
            let moment = Instant(nanoseconds: try #require(json["at"]?.int))
            if event == .start {
                routers[name] = Router(try #require(MultihomedLab.plan.router(name)))
            }
            let effects = routers[name]?.step(event, at: moment) ?? []
            let wanted = try #require(json["effects"])
            #expect(JSON(effects.map(\.json)) == wanted, "\(name) at \(moment)")
        }
    }
}
