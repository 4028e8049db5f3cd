// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import weft

@Suite struct RouteTextTests {
    static let table: JSON = [
        "tables": [
            [
                "name": "ipvpn.inet.0", "vrf": "ipvpn", "destinations": 19, "routes": 33,
                "entries": [
                    [
                        "prefix": "10.0.0.12/32",
                        "paths": [
                            [
                                "active": true, "protocol": "bgp", "preference": 170,
                                "reason": "higher local preference", "next-hop": "4.0.0.18",
                                "interface": "eth2", "labels": [300144, 16], "vpn-label": 16,
                                "from": "10.0.0.5", "local-preference": 150, "as-path": "65500",
                                "origin": "igp",
                                "communities": ["target:1:1", "origin:1000:1000"],
                                "originator": "10.0.0.5", "cluster-list": ["10.0.0.2"],
                                "age": 512_995,
                            ],
                            [
                                "active": false, "protocol": "bgp", "preference": 170,
                                "reason": "local preference 10 < 150", "next-hop": "4.0.0.45",
                                "from": "4.0.0.45", "interface": "eth1.111", "med": 0,
                                "local-preference": 10, "as-path": "65500",
                                "origin": "incomplete",
                                "age": 59.7,
                            ],
                        ],
                    ],
                    [
                        "prefix": "192.168.100.128/25",
                        "paths": [
                            [
                                "active": true, "protocol": "static", "preference": 5,
                                "reason": "",
                            ]
                        ],
                    ],
                    [
                        "prefix": "4.0.0.44/30",
                        "paths": [
                            [
                                "active": true, "protocol": "direct", "preference": 0,
                                "interface": "eth1.111",
                            ]
                        ],
                    ],
                ],
            ],
            ["name": "inet.0", "destinations": 0, "routes": 0, "entries": []],
        ]
    ]

    @Test func `a routing table is printed as routers print it, with each path's reason`() throws {
        try expectGolden(
            "show-route",
            RouteText.text(Self.table))
        #expect(RouteText.text(["tables": []]) == "no such route\n")
    }

    @Test func `an address finds its most specific routes in each table`() throws {
        func entry(_ prefix: String) -> JSON { ["prefix": .string(prefix), "paths": []] }
        let answer: JSON = [
            "tables": [
                [
                    "name": "a",
                    "entries": [entry("0.0.0.0/0"), entry("10.0.0.0/8"), entry("10.0.0.3/32")],
                ],
                ["name": "b", "entries": [entry("0.0.0.0/0"), entry("11.0.0.0/8")]],
                ["name": "c", "entries": [entry("::/0")]],
            ]
        ]
        let found = answer.longestMatches(for: try #require(IPAddress("10.0.0.3")))
        #expect(found["tables"]?[0]?["entries"] == [entry("10.0.0.3/32")])
        #expect(found["tables"]?[1]?["entries"] == [entry("0.0.0.0/0")])
        #expect(found["tables"]?[2]?["entries"] == [])
    }

    @Test(arguments: [
        (0, "00:00:00"), (213, "00:03:33"), (86399, "23:59:59"), (86400, "1d 00:00:00"),
        (693_148, "1w1d 00:32:28"),
    ])
    func `ages read as on routers`(seconds: Int64, text: String) {
        #expect(AgeText.text(seconds: seconds) == text)
    }

    @Test func `received routes are a table with the seed's columns`() throws {
        let answer: JSON = [
            "neighbor": "4.0.0.46",
            "routes": [
                [
                    "prefix": "4.0.0.20/30", "next-hop": "4.0.0.46", "med": 150, "as-path": "1",
                    "origin": "igp", "active": true,
                ],
                [
                    "prefix": "10.0.0.15/32", "route-distinguisher": "1:1", "next-hop": "4.0.0.46",
                    "local-preference": 100, "as-path": "", "origin": "igp", "active": false,
                ],
            ],
        ]
        try expectGolden(
            "show-received",
            NeighborText.routes(answer))
    }
}
