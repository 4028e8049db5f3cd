// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import FRR

/// Paths of a VRF as bgpd and zebra of FRR 8.4 told of them, shortened to what is read.
@Suite("The ways to a destination that a node with FRR tells")
struct FRRPathsTests {
    /// In the VPN table: from Juno itself and from a reflector.
    private static let vpn = [
        sent(by: "10.0.0.5", reflected: nil), sent(by: "10.0.0.4", reflected: "10.0.0.4"),
    ]

    private static func sent(by peer: String, reflected cluster: String?) -> JSON {
        path(peer, localPreference: 150, nextHop: "10.0.0.5", cluster: cluster, isImported: false)
    }

    private static func path(
        _ peer: String, localPreference: Int, nextHop: String, cluster: String? = nil,
        isImported: Bool = true, isReachable: Bool = true
    ) -> JSON {
        let isVPN = nextHop == "10.0.0.5"
        let path: JSON = [
            "aspath": ["string": "65500", "length": 1], "origin": "IGP",
            "locPrf": JSON(localPreference), "nhVrfName": isVPN && isImported ? "default" : .null,
            "sourced": isVPN && isImported ? true : .null,
            "remoteLabel": isVPN ? 16 : .null,
            "clusterList": cluster.map { ["list": [.string($0)]] } ?? .null,
            "nexthops": [["ip": .string(nextHop), "accessible": JSON(isReachable)]],
            "peer": ["peerId": .string(isImported && isVPN ? "0.0.0.0" : peer)],
        ]
        return path.compact
    }

    private static func best(_ path: JSON) -> JSON {
        .object(
            path.members + [
                JSON.Member("bestpath", ["overall": true, "selectionReason": "Neighbor IP"])
            ])
    }

    private static let route: JSON = [
        "protocol": "bgp", "selected": true, "distance": 20,
        "nexthops": [
            ["ip": "10.0.0.5", "recursive": true],
            ["ip": "4.0.0.18", "interfaceName": "eth3.114", "fib": true, "labels": [3, 16]],
        ],
    ]

    private static let customer = path("4.0.0.45", localPreference: 10, nextHop: "4.0.0.45")

    private func rows(_ paths: [JSON]) -> [JSON] {
        FRRPaths(zebra: [Self.route], bgp: paths, vpn: Self.vpn).rows
    }

    @Test func `an imported path is told with the neighbor that sent it to the VPN`() {
        let rows = rows([
            Self.path("", localPreference: 150, nextHop: "10.0.0.5", cluster: "10.0.0.4"),
            Self.best(Self.path("", localPreference: 150, nextHop: "10.0.0.5")),
        ])
        #expect(rows.map { $0["from"] } == ["10.0.0.5", "10.0.0.4"])
        #expect(rows.map { $0["active"] } == [true, false])
        #expect(rows.map { $0["next-hop"] } == ["4.0.0.18", "4.0.0.18"])
        #expect(rows.map { $0["labels"] } == [[16], [16]])
        #expect(rows.map { $0["reason"] } == ["Neighbor IP", "not the best"])
    }

    @Test func `a path that lost says where it is worse than the best`() {
        let better = Self.path("", localPreference: 150, nextHop: "10.0.0.5")
        let second = Self.path(
            "", localPreference: 150, nextHop: "10.0.0.5", cluster: "10.0.0.4")
        let rows = rows([Self.customer, Self.best(better), second])
        #expect(rows.map { $0["from"] } == ["10.0.0.5", "10.0.0.4", "4.0.0.45"])
        #expect(rows.last?["reason"] == "local preference 10 < 150")
        #expect(rows.last?["next-hop"] == "4.0.0.45")
    }

    @Test func `a path whose next hop is not reached is unusable, not worse`() {
        let unreachable = Self.path(
            "", localPreference: 150, nextHop: "10.0.0.5", isReachable: false)
        let rows = rows([unreachable, Self.best(Self.customer)])
        #expect(rows.map { $0["reason"] } == ["Neighbor IP", "unusable"])
    }

    /// A better local preference that did not win lost for what is not compared here.
    @Test func `a path that is better in what comes first has no reason made up for it`() {
        let rows = rows([
            Self.path("", localPreference: 150, nextHop: "10.0.0.5"), Self.best(Self.customer),
        ])
        #expect(rows[1]["reason"] == "not the best")
    }

    @Test func `BGP's copy of a static route is not a second path`() {
        let copy = Self.best(
            ["peer": ["peerId": "0.0.0.0"], "sourced": true, "nexthops": [["ip": "4.0.0.97"]]])
        let fixed: JSON = ["protocol": "static", "selected": true, "nexthops": []]
        let rows = FRRPaths(zebra: [fixed], bgp: [copy]).rows
        #expect(rows.map { $0["protocol"] } == ["static"])
    }
}
