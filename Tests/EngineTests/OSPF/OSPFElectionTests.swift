// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import Engine

@Suite("The election of OSPF's designated routers")
struct OSPFElectionTests {
    private func candidate(
        _ id: UInt32, priority: UInt8 = 1, _ claim: OSPFElection.Claim = .none
    ) -> OSPFElection.Candidate {
        OSPFElection.Candidate(
            priority: priority, routerID: IPv4Address(bits: id),
            designation: IPv4Address(bits: id), claim: claim)
    }

    private func elect(
        _ own: OSPFElection.Candidate, _ others: [OSPFElection.Candidate]
    ) -> [UInt32] {
        let result = OSPFElection(own: own, others: others)
        return [result.designatedRouter.bits, result.backup.bits]
    }

    @Test func aRouterAloneIsTheDesignatedOne() {
        #expect(elect(candidate(1), []) == [1, 0])
    }

    @Test func ofEqualPriorityTheLargerRouterIDWins() {
        #expect(elect(candidate(3), [candidate(2), candidate(1)]) == [3, 2])
    }

    /// Nobody but the winner looks a second time; others hear from it who the backup is.
    @Test func whoLosesTakesTheBackupForBothUntilItSpeaks() {
        #expect(elect(candidate(1), [candidate(2), candidate(3)]) == [3, 3])
        #expect(elect(candidate(1), [candidate(2), candidate(3, .designated)]) == [3, 2])
    }

    @Test func priorityIsBeforeTheRouterID() {
        #expect(elect(candidate(1, priority: 9), [candidate(2), candidate(3)]) == [1, 3])
        #expect(elect(candidate(2), [candidate(1, priority: 9), candidate(3)]) == [1, 1])
    }

    @Test func priorityZeroTakesNoPart() {
        #expect(elect(candidate(9, priority: 0), [candidate(1, .designated)]) == [1, 0])
        #expect(elect(candidate(9, priority: 0), [candidate(1, priority: 0)]) == [0, 0])
    }

    @Test func whoIsDesignatedStaysItWhenABetterOneComes() {
        let others = [candidate(1, .designated), candidate(2, .backup)]
        #expect(elect(candidate(9, priority: 200), others) == [1, 2])
    }

    @Test func theBackupTakesOverAndANewOneIsFound() {
        // The designated router has gone; we are the backup.
        #expect(elect(candidate(2, .backup), [candidate(3), candidate(1)]) == [2, 3])
        // And the third router is the new backup once that one says so.
        #expect(elect(candidate(3), [candidate(2, .designated), candidate(1)]) == [2, 3])
    }

    @Test func ofTwoThatClaimAfterAPartitionTheBetterStays() {
        #expect(
            elect(candidate(1, .designated), [candidate(2, .designated), candidate(3, .backup)])
                == [2, 3])
    }
}
