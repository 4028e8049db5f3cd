// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import weft

@Suite struct StateTextTests {
    @Test func `VRRP groups show state, priority, addresses and tracks`() throws {
        let answer: JSON = [
            "groups": [
                [
                    "interface": "eth2.150", "group": 1, "version": 2, "state": "master",
                    "priority": 250, "effective-priority": 150, "primary-address": "192.168.1.3",
                    "virtual-addresses": ["192.168.1.1"], "master-address": "192.168.1.3",
                    "tracks": [["object": "eth1.105", "up": false, "priority-cost": 100]],
                ]
            ]
        ]
        try expectGolden(
            "show-vrrp",
            StateText.vrrp(answer))
    }

    @Test func `RIP shows its neighbors and every route`() throws {
        let answer: JSON = [
            "instances": [
                [
                    "vrf": "red", "update-interval": "30s", "timeout": "3m", "garbage-time": "2m",
                    "neighbors": [
                        [
                            "address": "10.0.0.2", "interface": "eth1", "last-heard": 7,
                            "bad-packets": 0, "bad-routes": 1,
                        ]
                    ],
                    "routes": [
                        ["prefix": "10.0.0.0/30", "state": "direct", "metric": 1],
                        [
                            "prefix": "10.8.0.0/16", "state": "learned", "metric": 3, "tag": 77,
                            "next-hop": "10.0.0.2", "interface": "eth1", "expires": 173,
                        ],
                        ["prefix": "10.9.0.0/16", "state": "unreachable", "metric": 16],
                    ],
                ]
            ]
        ]
        try expectGolden("show-rip", RIPText.instances(answer))
        #expect(RIPText.instances([:]) == "no RIP\n")
    }

    @Test func `BFD sessions show their timing and who watches`() throws {
        let answer: JSON = [
            "sessions": [
                [
                    "address": "10.0.0.2", "interface": "eth1", "multihop": false, "state": "up",
                    "detection-time": "900ms", "transmit-interval": "300ms", "multiplier": 3,
                    "clients": ["isis", "static 10.20.0.0/16"],
                ],
                [
                    "address": "10.0.0.9", "vrf": "red", "multihop": true, "state": "down",
                    "transmit-interval": "1s", "multiplier": 5, "clients": ["bgp 10.0.0.9@red"],
                ],
            ]
        ]
        try expectGolden("show-bfd", BFDText.sessions(answer))
        #expect(BFDText.sessions([:]) == "no BFD sessions\n")
    }

    @Test func `BGP neighbors show session, counts and the last error`() throws {
        let answer: JSON = [
            "neighbors": [
                [
                    "name": "juno", "address": "4.0.0.22", "remote-as": 1, "state": "established",
                    "uptime": 61, "received": 14, "accepted": 14, "advertised": 5,
                    "messages-sent": 9, "messages-received": 8, "deactivated": false,
                ],
                [
                    "name": "luna", "address": "4.0.0.21", "vrf": "ipvpn", "remote-as": 65500,
                    "state": "idle", "received": 0, "accepted": 0, "advertised": 0,
                    "messages-sent": 3, "messages-received": 3, "last-error": "Cease",
                    "deactivated": true,
                ],
            ]
        ]
        try expectGolden(
            "show-bgp",
            NeighborText.neighbors(answer))
    }

    @Test func `VRFs, labels, interfaces, labs and nodes are tables`() throws {
        try expectGolden(
            "show-vrf",
            StateText.vrfs([
                "vrfs": [
                    [
                        "name": "ipvpn", "route-distinguisher": "1:1",
                        "import-targets": ["target:1:1"], "export-targets": ["target:1:1"],
                        "label": 16, "table": 1001, "interfaces": ["eth1.105"], "routes": 20,
                    ]
                ]
            ]))
        try expectGolden(
            "show-mpls",
            StateText.mpls([
                "labels": [
                    [
                        "label": 1003, "action": "swap", "destination": "10.0.0.5/32",
                        "next-hop": "4.0.0.17", "interface": "eth1", "labels": [1003],
                    ],
                    ["label": 16, "action": "look-up", "vrf": "ipvpn", "labels": []],
                ],
                "tunnels": [
                    [
                        "transport": "mpls", "destination": "10.0.0.5/32", "labels": [1003],
                        "next-hop": "4.0.0.17", "interface": "eth1", "metric": 20,
                    ],
                    [
                        "transport": "secure", "destination": "10.0.0.7/32", "labels": [],
                        "next-hop": "10.0.0.7", "interface": "gre-liber", "metric": 20,
                    ],
                ],
            ]))
        try expectGolden(
            "show-interfaces",
            StateText.interfaces([
                "interfaces": [["name": "eth1", "up": false, "addresses": ["4.0.0.1/30"]]]
            ]))
        let lab: JSON = [
            "name": "ce", "state": "running", "substrate": "host", "started": 3661,
            "file": "a.yaml",
            "nodes": [
                ["name": "a", "role": "ce", "state": "running", "pid": 12],
                ["name": "b", "role": "ce", "state": "stopped"],
            ],
        ]
        try expectGolden(
            "show-labs",
            ListText.labs([lab]))
        try expectGolden(
            "show-nodes",
            ListText.nodes(lab))
    }

    @Test func `IPsec shows each peer, why it is not up, and both directions`() throws {
        let secure: JSON = [
            "name": "pe2", "transport": "secure", "profile": "esp", "keying": "ike",
            "mode": "transport", "cipher": "aes-cbc-128-hmac-sha-256", "state": "up",
            "associations": [
                [
                    "direction": "in", "spi": 3_268_962_645, "bytes": 15048, "packets": 171,
                    "integrity-failures": 0, "replayed": 1, "age": 61, "rekey-in": 3539,
                ],
                [
                    "direction": "out", "spi": 256, "bytes": 0, "packets": 0,
                    "integrity-failures": 0, "replayed": 0, "age": 5,
                ],
            ],
        ]
        let dead: JSON = [
            "name": "pe3", "transport": "secure", "keying": "ike", "mode": "transport",
            "cipher": "aes-gcm-128", "state": "down", "associations": [],
            "reason": "the peer's key is another one than ours (AUTHENTICATION_FAILED)",
        ]
        try expectGolden("show-ipsec", TransportText.ipsec(["peers": [secure, dead]]))
    }

    @Test func `transports show their health and the endpoints that they reach`() throws {
        let answer: JSON = [
            "transports": [
                [
                    "name": "fast", "encapsulation": "mgre", "source": "10.0.0.1", "key": 1234,
                    "protected": false, "interface": "fast", "default": true, "healthy": true,
                    "problems": [],
                    "endpoints": [
                        [
                            "overlay": "10.0.0.2", "transport": "10.0.0.2", "interface": "fast",
                            "routes": 12, "age": 90,
                        ]
                    ],
                ],
                [
                    "name": "secure", "encapsulation": "gre", "source": "10.0.0.1",
                    "protected": true, "default": false, "healthy": false,
                    "problems": ["gre-pe3 is down", "no address"], "endpoints": [],
                ],
            ]
        ]
        try expectGolden("show-transports", TransportText.transports(answer))
    }

    @Test func `nothing to show is said in words`() throws {
        #expect(TransportText.ipsec(["peers": []]) == "no IPsec peers\n")
        #expect(TransportText.transports([:]) == "no transports\n")
        #expect(StateText.vrrp(nil) == "no VRRP groups\n")
        #expect(StateText.vrfs(["vrfs": []]) == "no VRFs\n")
        #expect(StateText.mpls([:]) == "no MPLS\n")
        #expect(NeighborText.neighbors([:]) == "no BGP neighbors\n")
        #expect(NeighborText.routes([:]) == "no routes\n")
        #expect(ListText.labs([]) == "no lab is running\n")
    }

    @Test func `a long last column goes on below itself within 100 columns`() throws {
        let words = Array(repeating: "word", count: 30).joined(separator: " ")
        let text = Table(columns: [.init("A"), .init("B")], rows: [["long name", words]]).text()
        let lines = text.split(separator: "\n")
        #expect(lines.allSatisfy { $0.count <= 100 })
        #expect(lines[2].hasPrefix("           word"))
    }

    @Test func `colour never changes the alignment and is off by default`() throws {
        let answer: JSON = ["interfaces": [["name": "eth1", "up": true, "addresses": []]]]
        let coloured = StateText.interfaces(answer, Style(isColoured: true))
        #expect(coloured.contains("\u{1b}[32mup   \u{1b}[0m"))
        #expect(!StateText.interfaces(answer).contains("\u{1b}"))
    }
}
