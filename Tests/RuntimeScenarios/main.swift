// SPDX-License-Identifier: Apache-2.0

// Scenarios on the real kernel, in namespaces that this process makes and that go with it. Each is
// run in a process of its own, because forking wants a single thread; it prints one JSON object,
// which a test then judges.

import Glibc
import Primitives

func scenario(_ name: String) -> (() throws -> JSON)? {
    switch name {
    case "bgp-pair": BGPScenarios.pair
    case "slow-neighbor": SlowNeighborScenario.run
    case "bad-peer": BadPeerScenario.run
    case "failover": FailoverScenario.run
    case "vrrp": VRRPScenarios.takeover
    case "paths": ProbeScenarios.paths
    case "unreachable": ProbeScenarios.unreachable
    case "outage": ProbeScenarios.outage
    case "path-mtu": ProbeScenarios.pathMTU
    case "wire": WireScenarios.limits
    case "guest": GuestScenarios.all
    default: nil
    }
}

func scenarioMain() -> Int32 {
    guard CommandLine.arguments.count == 2, let body = scenario(CommandLine.arguments[1]) else {
        print("usage: RuntimeScenarios SCENARIO")
        return 2
    }
    do {
        print(try body().text)
        return 0
    } catch {
        print(JSON.object([.init("failure", .string("\(error)"))]).text)
        return 1
    }
}

exit(scenarioMain())
