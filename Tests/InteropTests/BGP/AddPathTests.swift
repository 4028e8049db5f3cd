// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

extension Interoperability {
    @Suite("BIRD and we tell each other several paths to a destination (RFC 7911)")
    struct AddPathTests {
        private let topology = """
            nodes:
              a: {role: ce, static: {10.9.0.0/24: discard},
                  bgp: {as: 65001, neighbors: {ours: {import: accept, export: own}}}}
              b: {role: ce, static: {10.9.0.0/24: discard},
                  bgp: {as: 65002, neighbors: {ours: {import: accept, export: own}}}}
              ours:
                role: ce
                bgp:
                  as: 65003
                  neighbors:
                    a: {import: accept}
                    b: {import: accept}
                    bird: {as: 65003, add-path: 2, next-hop-self: true}
              bird: {role: ce}
            policies:
              own: [{match: {protocol: static}, then: accept}, {then: reject}]
            links:
              - {endpoints: [ours, a], subnet: 192.0.2.0/30}
              - {endpoints: [ours, b], subnet: 192.0.2.4/30}
              - {endpoints: [ours, bird], subnet: 192.0.2.8/30}
            """

        private let configuration = """
            router id 10.0.0.9;
            protocol device {}
            protocol static one { ipv4; route 10.8.0.0/24 blackhole; }
            protocol static two { ipv4 { preference 150; }; route 10.8.0.0/24 unreachable; }
            protocol bgp peer {
              local 192.0.2.10 as 65003;
              neighbor 192.0.2.9 as 65003;
              connect delay time 1;
              connect retry time 1;
              error wait time 1, 1;
              ipv4 {
                import all;
                export where source = RTS_STATIC;
                add paths on;
                next hop self;
              };
            }
            """

        @Test func `each end has all paths of the other, and loses them one by one`() throws {
            try TestLab.run("bird-paths", topology) { lab in
                let bird = try BIRD(lab, "bird", configuration: configuration)
                func pathsThere() throws -> Int {
                    try bird.text("show route 10.9.0.0/24 protocol peer").split(separator: "\n")
                        .count { $0.contains("[peer ") }
                }
                func pathsHere() throws -> [String] {
                    try lab.routes("received", "ours", "bird").map(\.prefix)
                }
                try lab.eventually("paths at BIRD", is: 2) { try pathsThere() }
                try lab.eventually("paths here", is: ["10.8.0.0/24", "10.8.0.0/24"]) {
                    try pathsHere()
                }
                try lab.event("link-down", ["link": "ours-a"])
                try lab.eventually("paths at BIRD", is: 1) { try pathsThere() }
                _ = try bird.text("disable two")
                try lab.eventually("paths here", is: ["10.8.0.0/24"]) { try pathsHere() }
                try lab.event("link-up", ["link": "ours-a"])
                try lab.eventually("paths at BIRD", is: 2) { try pathsThere() }
            }
        }
    }
}
