// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import Runtime

@Suite("A search for the hops of a path")
struct TracerouteSearchTests {
    private let timeout = Duration.seconds(1)
    private let start = Instant.zero

    private func address(_ number: Int) -> IPAddress {
        IPAddress(IPv4Address(bits: 0x0a00_0000 | UInt32(number)))
    }

    /// All probes that the search wants to send now.
    private func volley(
        _ search: inout TracerouteSearch, at now: Instant
    ) -> [TracerouteSearch.Probe] {
        var probes: [TracerouteSearch.Probe] = []
        while let probe = search.next(at: now) { probes.append(probe) }
        return probes
    }

    @Test("probes several hops at once and stops at the destination, whoever answers first")
    func parallel() {
        var search = TracerouteSearch(hopsMax: 30, timeout: timeout)
        let probes = volley(&search, at: start)
        #expect(probes.map(\.hop) == Array(1...TracerouteSearch.window))
        for probe in probes.reversed() {
            #expect(!search.isDone)
            search.take(
                probe.hop >= 3 ? .reached : .timeExceeded, to: probe.number,
                from: address(min(probe.hop, 3)), at: start + .milliseconds(2))
        }
        #expect(search.isDone)
        #expect(
            search.result.text
                == #"{"hops":[{"hop":1,"from":"10.0.0.1","rtt-us":2000},"#
                + #"{"hop":2,"from":"10.0.0.2","rtt-us":2000},"#
                + #"{"hop":3,"from":"10.0.0.3","rtt-us":2000}],"reached":true}"#)
    }

    @Test("probes a silent hop twice and then shows it without an address")
    func silentHop() {
        var search = TracerouteSearch(hopsMax: 30, timeout: timeout)
        for probe in volley(&search, at: start) where probe.hop != 2 {
            search.take(
                probe.hop >= 3 ? .reached : .timeExceeded, to: probe.number,
                from: address(probe.hop), at: start)
        }
        #expect(!search.isDone)
        #expect(search.deadline == start + timeout)
        search.expire(at: start + timeout)
        #expect(volley(&search, at: start + timeout).map(\.hop) == [2])
        search.expire(at: start + timeout + timeout)
        #expect(search.isDone)
        #expect(search.result["hops"]?[1]?.text == #"{"hop":2}"#)
        #expect(search.result["reached"] == true)
    }

    @Test("ends where somebody on the way says that the destination is unreachable")
    func unreachable() {
        var search = TracerouteSearch(hopsMax: 30, timeout: timeout)
        for probe in volley(&search, at: start) {
            search.take(
                probe.hop == 1 ? .timeExceeded : .unreachable(type: 3, code: 1),
                to: probe.number, from: address(min(2, probe.hop)), at: start)
        }
        #expect(search.isDone)
        #expect(search.result["reached"] == false)
        #expect(search.result["hops"]?.array.count == 2)
        #expect(search.result["hops"]?[1]?["unreachable"]?.text == #"{"type":3,"code":1}"#)
    }

    @Test("gives up after the largest number of hops, some of them at a time")
    func nobody() {
        var search = TracerouteSearch(hopsMax: 8, timeout: timeout)
        var now = start
        var sent: [Int] = []
        while !search.isDone {
            sent += volley(&search, at: now).map(\.hop)
            now = search.deadline ?? now
            search.expire(at: now)
        }
        #expect(search.result["reached"] == false)
        #expect(sent.sorted() == (1...8).flatMap { [$0, $0] })
    }
}
