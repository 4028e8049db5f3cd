// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import weft

@Suite struct OSPFTextTests {
    private static let answer: JSON = [
        "instances": [
            [
                "vrf": "red", "version": 2, "router-id": "10.255.0.1",
                "area-border-router": true, "as-boundary-router": true, "spf-runs": 7,
                "neighbors": [
                    [
                        "router-id": "10.1.0.1", "address": "192.168.1.2", "interface": "north",
                        "area": "0.0.0.0", "state": "full", "priority": 1, "uptime": 61,
                    ],
                    [
                        "router-id": "10.255.0.2", "address": "10.255.1.2",
                        "interface": "sham-10.255.1.2", "area": "0.0.0.0", "state": "exchange",
                        "role": "dr-other", "priority": 1, "uptime": 0,
                    ],
                ],
                "interfaces": [
                    [
                        "interface": "north", "area": "0.0.0.0", "type": "point-to-point",
                        "state": "point-to-point", "cost": 10,
                    ],
                    [
                        "interface": "lan", "area": "0.0.0.1", "type": "broadcast",
                        "state": "dr", "cost": 10, "designated-router": "192.168.7.1",
                        "last-error": "hello interval 30 from 192.168.7.9",
                    ],
                ],
                "database": [
                    ["type": "external"], ["type": "router", "area": "0.0.0.0"],
                    ["type": "router", "area": "0.0.0.0"],
                    ["type": "inter-area-prefix", "area": "0.0.0.0"],
                    ["type": "link", "interface": "north"],
                ],
                "routes": [
                    [
                        "prefix": "10.1.0.1/32", "type": "intra-area", "area": "0.0.0.0",
                        "cost": 10,
                        "next-hops": [
                            ["gateway": "192.168.1.2", "interface": "north"],
                            ["gateway": "192.168.7.2", "interface": "lan"],
                        ],
                    ],
                    [
                        "prefix": "10.4.4.0/24", "type": "external-2", "cost": 30,
                        "external-metric": 20, "next-hops": [["interface": "north"]],
                    ],
                ],
            ]
        ]
    ]

    @Test func `OSPF shows neighbors, interfaces, databases and routes`() throws {
        let text = OSPFText.text(Self.answer)
        for line in text.split(separator: "\n") { #expect(line.count <= 100, "\(line)") }
        try expectGolden("show-ospf", text)
        #expect(OSPFText.text(["instances": []]) == "no OSPF\n")
    }

    @Test func `it is asked for by its name, version 3 too`() throws {
        for word in ["ospf", "ospf3"] {
            let request = try ShowRequest([word])
            #expect(request.members(node: "pe1").contains(.init("query", .string(word))))
        }
    }
}
