// SPDX-License-Identifier: Apache-2.0

import Foundation
import Kernel
import Primitives
import Testing
import Topology

@testable import Lab

@Suite struct IKEDaemonTests {
    @Test(arguments: [
        ("strongswan.conf", StrongSwanTemplates.daemon),
        ("connection.conf", StrongSwanTemplates.connection),
    ])
    func `the program carries the templates as they are`(_ name: String, _ text: String) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let file = root.appending(path: "Templates/strongswan/\(name)")
        #expect(try String(contentsOf: file, encoding: .utf8) == text)
    }

    private func requests(secret: String) throws -> [String: ViciMessage] {
        let profile = IPsecProfile(
            name: "esp", keying: .ike, mode: .tunnel, cipher: .aesCBC256SHA256,
            rekeyTime: .seconds(90), deadPeerDelay: .milliseconds(500),
            place: Place(line: 1, column: 1))
        let peer = IKEPeer(
            node: "pe2", transport: "secure", profile: profile,
            local: try #require(IPAddress("10.0.0.1")), remote: try #require(IPAddress("10.0.0.2")),
            keyName: "k")
        let requests = peer.requests(secret: secret)
        #expect(requests.map(\.command) == ["load-shared", "load-conn"])
        return Dictionary(uniqueKeysWithValues: requests.map { ($0.command, $0.message) })
    }

    @Test func `a peer's profile is in what the daemon is told`() throws {
        let load = try #require(try requests(secret: "s")["load-conn"])
        guard case .section(let connection) = load["pe2"],
            case .section(let children) = connection["children"],
            case .section(let child) = children["secure"]
        else {
            Issue.record("no connection pe2 with a child secure: \(load)")
            return
        }
        #expect(connection["local_addrs"] == .list(["10.0.0.1"]))
        #expect(connection["remote_addrs"] == .list(["10.0.0.2"]))
        #expect(connection.text("dpd_delay") == "1s")
        #expect(child.text("mode") == "tunnel")
        #expect(child["local_ts"] == .list(["dynamic[gre]"]))
        #expect(child["esp_proposals"] == .list(["aes256-sha256"]))
        #expect(child.text("rekey_time") == "90s")
        // The lower address speaks first.
        #expect(child.text("close_action") == "start")
    }

    @Test(arguments: ["plain", "} # %peer% { = \n \"", ""])
    func `a secret is taken as it is`(_ secret: String) throws {
        let load = try #require(try requests(secret: secret)["load-shared"])
        #expect(load.text("data") == secret)
        #expect(load["owners"] == .list(["10.0.0.1", "10.0.0.2"]))
        #expect(load.text("type") == "IKE")
    }

    @Test(arguments: [
        (
            "07[IKE] <pe2|3> received AUTHENTICATION_FAILED notify error",
            IKELogLine.News.refused(
                "the peer's key is another one than ours (AUTHENTICATION_FAILED)")
        ),
        (
            "05[IKE] <pe2|1> received NO_PROPOSAL_CHOSEN notify, no CHILD_SA built",
            .refused("the peer has no use for our proposals (NO_PROPOSAL_CHOSEN)")
        ),
        (
            "06[IKE] <pe2|3> tried 1 shared key for '10.0.0.1' - '10.0.0.2', but MAC mismatched",
            .refused("the peer's key is another one than ours")
        ),
        ("15[IKE] <pe2|2> giving up after 3 retransmits", .silent),
        ("09[IKE] <pe2|4> received DELETE for IKE_SA pe2[4]", .goodbye),
        (
            "15[IKE] <pe2|1> CHILD_SA secure{2} established with SPIs c7e06e61_i c93bca79_o",
            .established
        ),
    ])
    func `a line of the log says what became of a peer`(_ line: String, _ news: IKELogLine.News) {
        let read = IKELogLine(line[...])
        #expect(read?.peer == "pe2")
        #expect(read?.news == news)
    }

    @Test(arguments: [
        "", "00[JOB] spawning 8 worker threads", "12[IKE] <2> 10.0.0.2 is initiating an IKE_SA",
        "06[CFG] <pe2|5> selected peer config 'pe2'", "x> y <a", "<|>",
    ])
    func `other lines say nothing`(_ line: String) { #expect(IKELogLine(line[...]) == nil) }

    @Test func `what a daemon said about a peer does not say why it ended`() {
        #expect(IKELogLine.isAboutPeer("06[CFG] <pe2|5> selected peer config 'pe2'"))
        #expect(!IKELogLine.isAboutPeer("00[DMN] loading plugin 'x' failed"))
    }

    @Test func `packets that do not authenticate are judged by what came last`() throws {
        let (a, b) = (try #require(IPAddress("10.0.0.1")), try #require(IPAddress("10.0.0.2")))
        var verdict = IntegrityVerdict()
        var seen = ObservedAssociation(source: a, destination: b, spi: 256)
        verdict.take(seen)
        #expect(!verdict.isFailing)
        seen.integrityFailures = 1
        verdict.take(seen)
        #expect(verdict.isFailing)
        verdict.take(seen)
        #expect(verdict.isFailing, "nothing better has come")
        seen.packets = 5
        verdict.take(seen)
        #expect(!verdict.isFailing)
    }
}
