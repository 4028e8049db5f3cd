// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@Suite("Addresses of IS-IS")
struct NetworkEntityTitleTests {
    @Test(arguments: [
        ("49.0001.1000.0000.0001.00", "49.0001", "1000.0000.0001"),
        ("47.1234.5678.9abc.def0.1234.5678.90.0000.0c11.1110.00", nil, nil),
        ("49.1000.0000.0001.00", "49", "1000.0000.0001"),
        (
            "47.0005.80ff.f800.0000.0001.0000.0c11.1110.00", "47.0005.80ff.f800.0000.0001",
            "0000.0c11.1110"
        ),
        // A selector that is not zero, a group with digits missing, letters, nothing.
        ("49.0001.1000.0000.0001.01", nil, nil), ("49.001.1000.0000.0001.00", nil, nil),
        ("49.0001.1000.0000.001.00", nil, nil), ("49.000g.1000.0000.0001.00", nil, nil),
        ("1000.0000.0001.00", nil, nil), ("", nil, nil), ("49.+1.1000.0000.0001.00", nil, nil),
    ])
    func titlesAreReadAndWritten(text: String, area: String?, system: String?) {
        let title = NetworkEntityTitle(text)
        #expect(title?.area.description == area)
        #expect(title?.system.description == system)
        if area != nil { #expect(title?.description == text) }
    }

    @Test func aSystemIDMayComeFromARouterID() throws {
        let router = try #require(IPv4Address("10.0.255.7"))
        #expect(SystemID(routerID: router).description == "0100.0025.5007")
    }

    @Test func theyAreInOrder() throws {
        let texts = [
            "49.0001.1000.0000.0001.00", "49.0001.1000.0000.0002.00", "49.0002.0000.0000.0001.00",
        ]
        let titles = try texts.map { try #require(NetworkEntityTitle($0)) }
        #expect(titles.reversed().sorted() == titles)
    }
}
