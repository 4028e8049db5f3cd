// SPDX-License-Identifier: Apache-2.0

// What KernelTests cannot do themselves: what wants a process of its own, or another kernel. Prints
// one JSON value, which a test then judges.

import Glibc
import Kernel
import KernelObjects
import Primitives

/// What a user without privilege is told about the kernel.
func privilege() -> JSON {
    guard setgid(65534) == 0, setuid(65534) == 0 else { return ["failure": "not root"] }
    let features = KernelFeatures.probe()
    let rootless = KernelFeatures.probeRootless()
    return [
        "permitted": .bool(features.isPermitted),
        "present": JSON(features.present.sorted().map(\.rawValue)),
        "rootless": JSON(rootless.present.sorted().map(\.rawValue)),
        "obstacle": JSON(rootless.obstacle?.reason),
    ]
}

func scenario(_ name: String) -> (() throws -> JSON)? {
    switch name {
    case "privilege": privilege
    case "provider-core": ProviderCoreRun.run
    case "tunnel-core": TunnelCoreRun.run
    default: nil
    }
}

func run() -> Int32 {
    // iproute2 lives where a user's path may not lead.
    setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 1)
    guard CommandLine.arguments.count == 2, let body = scenario(CommandLine.arguments[1]) else {
        print("usage: KernelScenarios SCENARIO")
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

exit(run())
