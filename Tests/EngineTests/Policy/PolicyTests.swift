// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Testing
import Wire

@Suite("Policy")
struct PolicyTests {
    private func route(
        _ prefix: String = "10.1.0.0/16", source: RouteSource = .bgp,
        _ change: (inout PathAttributes) -> Void = { _ in }
    ) -> PolicyRoute {
        var attributes = PathAttributes(
            asPath: value("65001 65002"), nextHop: value("192.0.2.1"))
        change(&attributes)
        return PolicyRoute(source: source, prefix: value(prefix), attributes: attributes)
    }

    private func chain(
        _ policies: [Policy], undecided: PolicyChain.Undecided = .acceptBGP
    ) -> PolicyChain {
        let named = Dictionary(uniqueKeysWithValues: policies.map { ($0.name, $0) })
        return PolicyChain(policies.map(\.name), from: named, undecided: undecided)
    }

    /// The result of one term that accepts under these conditions, in a chain that else rejects.
    private func isMet(_ conditions: [Policy.Condition], by route: PolicyRoute) -> Bool {
        let policy = Policy(
            name: "p", terms: [Policy.Term(conditions: conditions, verdict: .accept)])
        var route = route
        return chain([policy], undecided: .rejectWithoutPolicy).evaluate(&route) == .accepted
    }

    private func applying(_ actions: [Policy.Action], to route: PolicyRoute) -> PolicyRoute {
        var route = route
        for action in actions { route.apply(action) }
        return route
    }

    // MARK: Conditions

    @Test func prefixListsMatchExactlyLongerAndUpTo() {
        let cases: [(PrefixMatch.Range, [String])] = [
            (.exact, ["10.1.0.0/16"]), (.orLonger, ["10.1.0.0/16", "10.1.2.0/24", "10.1.2.3/32"]),
            (.longer, ["10.1.2.0/24", "10.1.2.3/32"]), (.upTo(24), ["10.1.0.0/16", "10.1.2.0/24"]),
        ]
        let candidates = ["10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "10.1.2.3/32", "10.2.0.0/16"]
        for (range, expected) in cases {
            let match = PrefixMatch(prefix: value("10.1.0.0/16"), range: range)
            let met = candidates.filter { isMet([.prefix([match])], by: route($0)) }
            #expect(met == expected, "\(range)")
        }
    }

    @Test func communitiesOfAllThreeKindsMatch() {
        let tagged = route {
            $0.communities = [value("65000:1")]
            $0.extendedCommunities = [value("origin:1:1")]
            $0.largeCommunities = [value("1:2:3")]
        }
        for text in ["65000:1", "origin:1:1", "1:2:3"] {
            #expect(isMet([.community([value("9:9"), value(text)])], by: tagged), "\(text)")
            #expect(!isMet([.community([value(text)])], by: route()), "\(text)")
        }
    }

    @Test func patternsOfASPathsMatch() {
        #expect(isMet([.asPath([value("^65001")])], by: route()))
        #expect(isMet([.asPath([value("65002$")])], by: route()))
        #expect(!isMet([.asPath([value("^65002")])], by: route()))
        #expect(isMet([.asPath([value("^$")])], by: route { $0.asPath = ASPath() }))
    }

    @Test func nextHopsMatchByPrefix() {
        #expect(isMet([.nextHop([value("192.0.2.0/24")])], by: route()))
        #expect(!isMet([.nextHop([value("192.0.3.0/24")])], by: route()))
        #expect(!isMet([.nextHop([value("0.0.0.0/0")])], by: route { $0.nextHop = nil }))
    }

    @Test func allConditionsOfATermMustHold() {
        let exact = PrefixMatch(prefix: value("10.1.0.0/16"), range: .exact)
        let both: [Policy.Condition] = [.source([.static]), .prefix([exact])]
        #expect(isMet(both, by: route(source: .static)))
        #expect(!isMet(both, by: route(source: .bgp)))
        #expect(!isMet(both, by: route("10.2.0.0/16", source: .static)))
    }

    // MARK: Actions

    @Test func communitiesAreAddedOnceRemovedAndSet() {
        let start = route {
            $0.communities = [value("65000:1")]
            $0.extendedCommunities = [value("target:1:1"), value("origin:1:1")]
            $0.largeCommunities = [value("1:2:3")]
        }
        let added = applying([.communityAdd([value("65000:1"), value("65000:2")])], to: start)
        #expect(added.attributes.communities == [value("65000:1"), value("65000:2")])
        let removed = applying(
            [.communityRemove([value("origin:1:1"), value("1:2:3")])], to: start)
        #expect(removed.attributes.extendedCommunities == [value("target:1:1")])
        #expect(removed.attributes.largeCommunities.isEmpty)
        let set = applying([.communitySet([value("7:7")])], to: start)
        #expect(set.attributes.communities == [value("7:7")])
        #expect(set.attributes.largeCommunities.isEmpty)
        // A target is the VPN's, not the route's.
        #expect(set.attributes.extendedCommunities == [value("target:1:1")])
    }

    @Test func prependingKeepsTheOrderWritten() {
        let result = applying([.asPathPrepend([ASNumber(1), ASNumber(2)])], to: route())
        #expect(result.attributes.asPath == value("1 2 65001 65002"))
    }

    // MARK: Chains

    @Test func aTermWithoutVerdictChangesTheRouteForTheTermsAfterIt() {
        let policy = Policy(
            name: "p",
            terms: [
                Policy.Term(actions: [.communityAdd([value("65000:1")])]),
                Policy.Term(
                    conditions: [.community([value("65000:1")])],
                    actions: [.localPreference(200)], verdict: .accept),
                Policy.Term(verdict: .reject),
            ])
        var route = route()
        #expect(chain([policy]).evaluate(&route) == .accepted)
        #expect(route.attributes.localPreference == 200)
    }

    @Test func theFirstVerdictOfTheChainDecides() {
        let passing = Policy(name: "a", terms: [Policy.Term(actions: [.med(5)])])
        let rejecting = Policy(name: "b", terms: [Policy.Term(verdict: .reject)])
        let accepting = Policy(name: "c", terms: [Policy.Term(verdict: .accept)])
        var first = route()
        #expect(
            chain([passing, rejecting, accepting]).evaluate(&first) == .rejected(.policy("b")))
        var second = route()
        #expect(chain([passing, accepting, rejecting]).evaluate(&second) == .accepted)
        #expect(second.attributes.med == 5)
    }

    @Test func undecidedBGPRoutesAreAcceptedAndOthersRejected() {
        for source in RouteSource.allCases {
            var route = route(source: source)
            let expected: PolicyChain.Outcome =
                source == .bgp ? .accepted : .rejected(.undecided)
            #expect(chain([]).evaluate(&route) == expected, "\(source)")
        }
    }

    @Test func theNamesAcceptAndRejectAreAlwaysDefined() {
        var direct = route(source: .direct)
        let accept = PolicyChain(["accept"], from: [:], undecided: .acceptBGP)
        #expect(accept.evaluate(&direct) == .accepted)
        var learned = route()
        let reject = PolicyChain(["reject"], from: [:], undecided: .acceptBGP)
        #expect(reject.evaluate(&learned) == .rejected(.policy("reject")))
    }

    // MARK: At a neighbor

    @Test func importPolicyDependsOnEachPrefixOfAnUpdate() {
        let policy = Policy(
            name: "p",
            terms: [
                Policy.Term(
                    conditions: [
                        .prefix([PrefixMatch(prefix: value("10.1.0.0/16"), range: .orLonger)])
                    ], verdict: .reject),
                Policy.Term(actions: [.localPreference(70)], verdict: .accept),
            ])
        var bench = RouterBench(
            [RouterBench.neighbor(1, 65001) { $0.importPolicy = ["p"] }], policies: [policy])
        bench.up("n1")
        bench.announce("n1", ["10.1.2.0/24", "10.2.0.0/24", "10.3.0.0/24"])
        #expect(bench.paths("10.1.2.0/24").isEmpty)
        #expect(bench.paths("10.2.0.0/24").numbers("local-preference") == [70])
        let received = bench.received("n1")
        #expect(
            received.texts("reason") == ["rejected by import policy p", "only path", "only path"])
        #expect(received.map { $0["accepted"]?.bool } == [false, true, true])
        let counts = bench.tables.prefixCounts(bench.neighbor("n1").key)
        #expect(counts.received == 3)
        #expect(counts.accepted == 2)
    }

    @Test func anExternalSessionWithoutPoliciesTakesAndSendsNothing() {
        var bench = RouterBench([
            RouterBench.neighbor(1, 65001),
            RouterBench.neighbor(2, 65002) {
                $0.importPolicy = []
                $0.exportPolicy = []
            },
        ])
        bench.up("n1", "n2")
        bench.announce("n2", ["10.2.0.0/24"])
        bench.announce("n1", ["10.1.0.0/24"])
        #expect(bench.paths("10.2.0.0/24").isEmpty)
        #expect(
            bench.received("n2").texts("reason") == [
                "no import policy on an external session (RFC 8212)"
            ])
        #expect(bench.prefixes(heldBy: "n2").isEmpty)
        let advertised = bench.tables.show(.advertised(bench.neighbor("n2").key), at: bench.now)
        #expect(
            advertised["reason"]?.string == "no export policy on an external session (RFC 8212)")
    }

    @Test func aRouteThatPolicyNoLongerAcceptsLeavesTheTable() {
        let policy = Policy(
            name: "p",
            terms: [
                Policy.Term(conditions: [.community([value("65001:666")])], verdict: .reject),
                Policy.Term(verdict: .accept),
            ])
        var bench = RouterBench(
            [RouterBench.neighbor(1, 65001) { $0.importPolicy = ["p"] }], policies: [policy])
        bench.up("n1")
        bench.announce("n1", ["10.1.0.0/24"])
        #expect(bench.kernel.route("10.1.0.0/24") != nil)
        bench.announce("n1", ["10.1.0.0/24"]) { $0.communities = [value("65001:666")] }
        #expect(bench.paths("10.1.0.0/24").isEmpty)
        #expect(bench.kernel.route("10.1.0.0/24") == nil)
        #expect(bench.tables.prefixCounts(bench.neighbor("n1").key).accepted == 0)
    }
}
