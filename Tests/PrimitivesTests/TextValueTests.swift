// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@Suite("Text forms")
struct TextValueTests {
    func roundTrips<Value: TextValue>(_ type: Value.Type, _ texts: [String]) {
        for text in texts { #expect(Value(text)?.description == text, "\(type) \(text)") }
    }

    func rejects<Value: TextValue>(_ type: Value.Type, _ texts: [String]) {
        for text in texts { #expect(Value(text) == nil, "\(type) \(text)") }
    }

    @Test func addressesReadBackAsWritten() {
        roundTrips(
            IPAddress.self,
            [
                "0.0.0.0", "10.0.0.5", "255.255.255.255", "::", "::1", "2001:db8::1",
                "fe80::1:2:3:4", "2001:0:0:1::2", "::ffff:10.0.0.1", "1:2:3:4:5:6:7:8",
            ])
        rejects(
            IPAddress.self,
            [
                "", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1:2:3:4:5:6:7", ":1", "1::2::3",
                "12345::", "::1.2.3", "1.2.3.4:", "+1.2.3.4", "1:2:3:4:5:6:7:8::", "g::",
                "1 .2.3.4",
            ])
        #expect(IPAddress("2001:DB8:0::0:1")?.description == "2001:db8::1")
    }

    @Test func prefixesRejectHostBits() {
        roundTrips(
            IPPrefix.self, ["0.0.0.0/0", "10.0.0.0/8", "10.0.0.3/32", "2001:db8::/32", "::/0"])
        rejects(IPPrefix.self, ["10.0.0.1/8", "10.0.0.0", "10.0.0.0/33", "::/129", "10.0.0.0/08"])
        roundTrips(InterfaceAddress.self, ["4.0.0.21/30", "2001:db8::1/64"])
    }

    @Test func prefixesContainWhatTheyCover() throws {
        let net = try #require(IPPrefix("10.0.0.0/8"))
        #expect(net.contains(try #require(IPAddress("10.255.0.1"))))
        #expect(!net.contains(try #require(IPAddress("11.0.0.0"))))
        #expect(net.contains(try #require(IPPrefix("10.1.0.0/16"))))
        #expect(!net.contains(try #require(IPPrefix("0.0.0.0/0"))))
        #expect(IPPrefix.zero(.ipv6).contains(try #require(IPAddress("ff::"))))
        #expect(net.address(at: 5)?.description == "10.0.0.5")
        #expect(net.address(at: 1 << 24) == nil)
    }

    @Test func identifiersReadBackAsWritten() {
        roundTrips(ASNumber.self, ["0", "1", "65500", "4294967295"])
        #expect(ASNumber("1.1")?.value == 65537)
        rejects(ASNumber.self, ["", "-1", "4294967296", "01", "1.2.3"])
        roundTrips(Label.self, ["3", "16", "1048575"])
        rejects(Label.self, ["1048576", "-1"])
        roundTrips(MACAddress.self, ["00:00:5e:00:01:01"])
        rejects(MACAddress.self, ["00:00:5e:00:01", "00:00:5e:00:01:1", "00:00:5e:00:01:+1"])
    }

    @Test func communitiesReadBackAsWritten() {
        roundTrips(Community.self, ["65000:1", "no-export", "no-advertise"])
        roundTrips(LargeCommunity.self, ["64500:1:2"])
        roundTrips(RouteDistinguisher.self, ["1:1", "10.0.0.1:7", "70000:9", "1L:2"])
        roundTrips(
            ExtendedCommunity.self,
            ["target:1:1", "origin:1000:1000", "target:10.0.0.1:5", "0x030c000000000008"])
        #expect(ExtendedCommunity("target:1:1")?.bits == 0x0002_0001_0000_0001)
        #expect(ExtendedCommunity(routeTarget: "100:1000")?.description == "target:100:1000")
        #expect(RouteDistinguisher("1:1")?.bits == 0x0000_0001_0000_0001)
        rejects(RouteDistinguisher.self, ["1", "1:", ":1", "1:2:3", "1.2.3.4:70000", "x:1"])
    }

    @Test func durationsReadBackAsWritten() {
        for text in ["500ms", "1s", "1.5s", "200us", "2m", "0s"] {
            #expect(Duration(text: text)?.text == text)
        }
        for text in ["", "5", "ms", "-1s", ".5s", "1h", "1 s"] {
            #expect(Duration(text: text) == nil)
        }
        #expect(Instant(nanoseconds: 1_234_567_890).description == "1.234")
    }
}
