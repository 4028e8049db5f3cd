// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
//
// The rooms of Weft, lowest first. A room may import only the rooms named in its dependencies;
// `make build` passes --explicit-target-dependency-import-check error, so the build enforces it.

import PackageDescription

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// A room of the house: a library target under Sources/.
func room(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// The tests of one or more rooms, under Tests/.
func tests(
    _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []
) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

let package = Package(
    name: "weft",
    products: [.executable(name: "weft", targets: ["weft"])],
    targets: [
        // System modules: header maps over Debian's C libraries, and inline shims with no logic.
        .systemLibrary(name: "CNetlink", pkgConfig: "libmnl"),
        .systemLibrary(name: "CYAML", pkgConfig: "yaml-0.1"),
        .target(name: "CLinux"),

        // 0
        room("Primitives", []),
        // 1
        room("Wire", ["Primitives"]),
        room("KernelObjects", ["Primitives"]),
        room("Topology", ["Primitives", "CYAML"]),
        // 2
        room("Graph", ["Topology", "Primitives"]),
        room("Engine", ["Wire", "Primitives"]),
        room("Kernel", ["KernelObjects", "Primitives", "CNetlink", "CLinux"]),
        // 3
        room("Plan", ["Topology", "KernelObjects", "Engine", "Primitives"]),
        room("Control", ["Kernel", "Primitives"]),
        room("Runtime", ["Engine", "Wire", "Kernel", "KernelObjects", "Control", "Primitives"]),
        // 4
        room(
            "FRR",
            [
                "Plan", "Topology", "Engine", "Runtime", "Control", "Kernel", "KernelObjects",
                "Primitives",
            ]),
        room(
            "Lab",
            ["Plan", "Topology", "Kernel", "KernelObjects", "Control", "Runtime", "Primitives"]),
        room("Simulation", ["Plan", "Engine", "Topology", "KernelObjects", "Primitives"]),
        room("Verify", ["Graph", "Topology", "Control", "Kernel", "Primitives"]),
        // 5
        .executableTarget(
            name: "weft",
            dependencies: [
                "Primitives", "Topology", "Graph", "Plan", "Kernel", "KernelObjects", "Control",
                "Engine", "Runtime", "FRR", "Lab", "Verify",
            ],
            swiftSettings: strict),
        // What `make bench` runs; no part of the product.
        .executableTarget(
            name: "weft-bench",
            dependencies: [
                "Primitives", "Wire", "Topology", "Plan", "Kernel", "KernelObjects", "Control",
                "Engine", "Runtime", "CNetlink", "CLinux",
            ],
            path: "Sources/bench", swiftSettings: strict),

        // Every decoder and what must hold whatever it is given: under libFuzzer (`make fuzz`), under
        // a seeded generator, and with the kept corpus in FuzzTests.
        .target(
            name: "Fuzzing",
            dependencies: [
                "Primitives", "Wire", "Topology", "Engine", "Plan", "Kernel", "Control", "Lab",
            ],
            path: "Tests/Fuzzing", swiftSettings: strict),
        .executableTarget(
            name: "weft-fuzz", dependencies: ["Fuzzing", "Kernel", "Primitives"],
            path: "Tests/FuzzDriver", exclude: ["fuzz"], swiftSettings: strict),
        tests("FuzzTests", ["Fuzzing", "weft-fuzz", "Primitives"], exclude: ["Corpus"]),

        tests("InteropTests", ["weft", "Control", "Wire", "Primitives"]),
        tests("PrimitivesTests", ["Primitives"]),
        tests("EngineTests", ["Engine", "Wire", "Primitives"]),
        // iproute2 and other tools, run inside a namespace.
        .target(
            name: "KernelWitness", dependencies: ["Kernel", "Primitives"],
            path: "Tests/KernelWitness", swiftSettings: strict),
        // For what wants a process of its own, or another kernel; KernelTests run it.
        .executableTarget(
            name: "KernelScenarios",
            dependencies: ["Kernel", "KernelObjects", "Primitives", "KernelWitness"],
            path: "Tests/KernelScenarios", swiftSettings: strict),
        tests(
            "KernelTests",
            [
                "Kernel", "KernelObjects", "Primitives", "CNetlink", "KernelWitness",
                "KernelScenarios",
            ]),
        tests("PlanTests", ["Plan", "Topology", "KernelObjects", "Engine", "Primitives"]),
        // Single-threaded, so that it can fork routers; RuntimeTests run it.
        .executableTarget(
            name: "RuntimeScenarios",
            dependencies: [
                "Runtime", "Engine", "Wire", "Kernel", "Control", "Primitives",
            ],
            path: "Tests/RuntimeScenarios", swiftSettings: strict),
        tests(
            "RuntimeTests",
            [
                "Runtime", "Engine", "Wire", "Kernel", "KernelObjects", "Control", "Primitives",
                "RuntimeScenarios",
            ]),
        // Programs that read what we write.
        .target(name: "ProgramWitness", path: "Tests/ProgramWitness", swiftSettings: strict),
        tests("GraphTests", ["Graph", "Topology", "Primitives", "ProgramWitness"]),
        tests("FRRTests", ["FRR", "Plan", "Topology", "Engine", "Primitives"], exclude: ["Golden"]),
        tests("TidyTests", []),
        tests(
            "TopologyTests", ["Plan", "Topology", "Primitives"],
            exclude: ["Containerlab", "Rejected", "Schema"]),
        tests("WireTests", ["Wire", "Primitives"]),
        tests(
            "SimulationTests",
            ["Simulation", "Plan", "Engine", "Topology", "Verify", "Control", "Primitives"]),
        tests(
            "VerifyTests",
            ["Verify", "Graph", "Topology", "Control", "Primitives", "ProgramWitness"]),
        tests("ControlTests", ["Control", "Kernel", "Primitives"]),
        tests(
            "CommandTests",
            ["weft", "Plan", "Topology", "Kernel", "KernelObjects", "Primitives"],
            exclude: ["Golden"]),
        // Kills and shortages on labs in a sandbox; LabTests run it.
        .executableTarget(
            name: "CrashScenarios", dependencies: ["Control", "Kernel", "CLinux", "Primitives"],
            path: "Tests/CrashScenarios", swiftSettings: strict),
        tests(
            "LabTests",
            [
                "weft", "Lab", "Plan", "Topology", "KernelObjects", "Kernel", "Control",
                "Primitives", "ProgramWitness", "CrashScenarios",
            ]),
    ]
)
