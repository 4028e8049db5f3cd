// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Testing

@testable import FRR

/// FRR 8.4's own answers, as its daemons gave them, in the words of our router's.
@Suite("What a node with FRR answers")
struct FRRAnswersTests {
    private static let isis = RoutingConfiguration.isis(
        ISISConfiguration(
            systemID: SystemID(routerID: IPv4Address(bits: 0x0a00_0001)),
            areas: [AreaAddress(octets: [0x49, 0, 1])], hostname: "a",
            routerID: IPv4Address(bits: 0x0a00_0001), circuits: []))

    private static let ldp = RoutingConfiguration.ldp(
        LDPConfiguration(
            routerID: IPv4Address(bits: 0x0a00_0001), interfaces: [],
            labelRange: Label(1000)...Label(1999), addresses: []))

    private static let ospf = RoutingConfiguration.ospf(
        OSPFConfiguration(
            family: .ipv4, routerID: IPv4Address(bits: 0x0a00_0001), areas: [], interfaces: []))

    private static let router = RouterConfiguration(
        name: "a", routerID: IPv4Address(bits: 0x0a00_0001),
        interfaces: [
            InterfaceConfiguration(name: "lo", addresses: [], isLoopback: true),
            InterfaceConfiguration(name: "eth1", addresses: []),
            InterfaceConfiguration(name: "eth2", addresses: []),
        ], protocols: [isis, ospf, ldp])

    /// Answers of daemons by command.
    private static let said: [String: String] = [
        "show isis hostname": """
        vrf     : default
        Level  System ID      Dynamic Hostname
        2      0100.0000.0002 b
             * 0100.0000.0001 a

        """,
        "show isis neighbor detail json": """
        {"areas":[{"area":"weft","circuits":[{"circuit":0,"adj":"b","interface":{
        "name":"eth1","state":"Up","adj-flaps":1,"last-ago":"11s","circuit-type":"L2",
        "speaks":"IPv4","snpa":"2020.2020.2020","area-address":{"isonet":"49.0001"},
        "ipv4-address":{"ipv4":"10.1.0.2"},"adj-sid":{}},"level":2,"expires-in":"7s"},
        {"circuit":0}]}]}
        """,
        "show ip ospf neighbor detail json": """
        {"neighbors":{"10.0.0.2":[{"ifaceAddress":"10.1.0.2","areaId":"0.0.0.0",
        "ifaceName":"eth1","nbrPriority":1,"nbrState":"Full\\/-",
        "lastPrgrsvChangeMsec":3076}],
        "10.0.0.3":[{"ifaceAddress":"10.2.0.2","areaId":"0.0.0.0","ifaceName":"eth2",
        "nbrPriority":1,"nbrState":"ExStart\\/DROther","lastPrgrsvChangeMsec":76}]}}
        """,
        "show ip ospf interface json": """
        {"interfaces":{"eth1":{"ipAddress":"10.1.0.1","area":"0.0.0.0",
        "networkType":"POINTOPOINT","cost":10,"state":"Point-To-Point","priority":1}}}
        """,
        "show ip ospf route json": """
        {"10.0.0.2/32":{"routeType":"N","cost":10,"area":"0.0.0.0",
        "nexthops":[{"ip":"10.1.0.2","via":"eth1"}]},
        "10.1.0.0/30":{"routeType":"N","cost":10,"area":"0.0.0.0",
        "nexthops":[{"ip":" ","directly attached to":"eth1","directlyAttachedTo":"eth1"}]},
        "10.9.0.0/24":{"routeType":"N IA","cost":20,"area":"0.0.0.0",
        "nexthops":[{"ip":"10.1.0.2","via":"eth1"}]},
        "10.0.0.2":{"routeType":"R ","cost":10,"area":"0.0.0.0","routerType":"abr"}}
        """,
        "show bfd peers json": """
        [{"multihop":false,"peer":"10.1.0.2","local":"10.1.0.1","vrf":"default",
        "interface":"eth1","id":4198534722,"remote-id":7,"status":"up","uptime":10,
        "detect-multiplier":3},
        {"multihop":true,"peer":"10.0.0.2","local":"10.0.0.1","vrf":"default","id":17,
        "remote-id":0,"status":"down","detect-multiplier":3}]
        """,
        "show mpls ldp neighbor json": """
        {"neighbors":[{"addressFamily":"ipv4","neighborId":"10.0.0.2","state":"OPERATIONAL",
        "transportAddress":"10.0.0.2","upTime":"00:00:21"}]}
        """,
        "show mpls ldp discovery json": """
        {"adjacencies":[{"addressFamily":"ipv4","neighborId":"10.0.0.2","type":"link",
        "interface":"eth1","helloHoldtime":15}]}
        """,
        "show interface vrf all json": """
        {"eth1":{"administrativeStatus":"up","operationalStatus":"up"},
        "eth2":{"administrativeStatus":"up","operationalStatus":"down"}}
        """,
    ]

    private static func answer(_ query: Query) throws -> JSON {
        let answers = FRRAnswers(router) { daemon, command throws(FRRError) in
            guard let text = said[command] else { throw FRRError("unknown: \(command)") }
            return text
        }
        return try answers.answer(query)
    }

    @Test func `an adjacency has the system ID of the name that FRR tells`() throws {
        let adjacencies = try Self.answer(.routing(.isis))["instances"]?[0]?["adjacencies"]
        #expect(adjacencies?.array.count == 1)
        let adjacency = adjacencies?[0]
        #expect(adjacency?["system-id"] == "0100.0000.0002")
        #expect(adjacency?["neighbor"] == "b")
        #expect(adjacency?["interface"] == "eth1")
        #expect(adjacency?["state"] == "up")
        #expect(adjacency?["hold-time"] == 7)
    }

    @Test func `neighbors, interfaces and routes of OSPF`() throws {
        let instance = try Self.answer(.routing(.ospf))["instances"]?[0]
        let neighbors = instance?["neighbors"]?.array ?? []
        #expect(neighbors.map { $0["router-id"] } == ["10.0.0.2", "10.0.0.3"])
        #expect(neighbors.map { $0["state"] } == ["full", "ex-start"])
        #expect(neighbors.map { $0["role"] } == [nil, "dr-other"])
        #expect(instance?["interfaces"]?[0]?["state"] == "point-to-point")
        let routes = instance?["routes"]?.array ?? []
        #expect(routes.map { $0["prefix"] } == ["10.0.0.2/32", "10.1.0.0/30", "10.9.0.0/24"])
        #expect(routes.map { $0["type"] } == ["intra-area", "intra-area", "inter-area"])
        #expect(
            routes.map { $0["next-hops"]?[0] } == [
                ["interface": "eth1", "gateway": "10.1.0.2"], ["interface": "eth1"],
                ["interface": "eth1", "gateway": "10.1.0.2"],
            ])
    }

    @Test func `sessions of BFD are told apart by hop and state`() throws {
        let sessions = try Self.answer(.routing(.bfd))["sessions"]?.array ?? []
        #expect(sessions.map { $0["address"] } == ["10.1.0.2", "10.0.0.2"])
        #expect(sessions.map { $0["interface"] } == ["eth1", nil])
        #expect(sessions.map { $0["state"] } == ["up", "down"])
        #expect(sessions.map { $0["multihop"] } == [false, true])
    }

    @Test func `sessions of LDP`() throws {
        let instance = try Self.answer(.routing(.ldp))["instances"]?[0]
        let session = instance?["sessions"]?[0]
        #expect(session?["transport-address"] == "10.0.0.2")
        #expect(session?["state"] == "operational")
        #expect(instance?["neighbors"]?[0]?["interface"] == "eth1")
    }

    @Test func `an interface without carrier is down`() throws {
        let rows = try Self.answer(.interfaces)["interfaces"]?.array ?? []
        #expect(rows.map { $0["up"] } == [true, true, false])
    }

    /// A check that cannot be answered is a failure that says so.
    @Test func `what FRR is not asked for is refused`() {
        #expect(throws: FRRError.self) { try Self.answer(.vrfs) }
        #expect(throws: FRRError.self) { try Self.answer(.mpls) }
    }

    @Test func `an answer that is no JSON is an error that names the daemon`() {
        let answers = FRRAnswers(Self.router) { _, _ in "% Unknown command" }
        #expect { try answers.answer(.routing(.bfd)) } throws: { "\($0)".contains("bfdd") }
    }
}
