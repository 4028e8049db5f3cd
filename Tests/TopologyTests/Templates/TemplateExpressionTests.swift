// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import Topology

@Suite struct ExpressionTests {
    private func bindings() throws -> TemplateBindings {
        let prefix = try #require(IPPrefix("10.8.0.0/13"))
        let lan = try #require(IPPrefix("2001:db8::/64"))
        let address = try #require(IPAddress("192.0.2.255"))
        return TemplateBindings(values: [
            "n": .number(7), "name": .text("site-7"), "as-number": .number(65000),
            "net": .prefix(prefix, within: prefix), "lan": .prefix(lan, within: lan),
            "gate": .address(address),
        ])
    }

    @Test(arguments: [
        ("plain", "plain"), ("<name>", "site-7"), ("<name>-lan", "site-7-lan"), ("a<<b", "a<b"),
        ("<n>", "7"), ("<n+1>", "8"), ("< n * 2 + 1 >", "15"), ("<(n + 1) * 2>", "16"),
        ("<n - 10>", "-3"), ("<n % 4 + 1>", "4"), ("<n / 2>", "3"), ("<as-number>:<n>", "65000:7"),
        ("<1 + 2 * 3 - 4>", "3"), ("<10 - 3 - 2>", "5"),
        ("<net / 24 + n>", "10.8.7.0/24"), ("<(net / 24 + n)(10)>", "10.8.7.10"),
        ("<(net / 24 + n)(10) / 24>", "10.8.7.10/24"), ("<net.address>", "10.8.0.0"),
        ("<net.length>", "13"), ("<net / 30 - 0>", "10.8.0.0/30"),
        ("<net / 24 + 3 - 2>", "10.8.1.0/24"), ("<gate + 1>", "192.0.3.0"),
        ("<gate - 255>", "192.0.2.0"), ("<gate>/<net.length>", "192.0.2.255/13"),
        ("<lan(n)>", "2001:db8::7"), ("<lan / 127 + 1>", "2001:db8::2/127"),
    ])
    func `a text is computed`(_ text: String, _ expected: String) throws {
        #expect(try TemplateText(text).filled(try bindings()) == expected)
    }

    @Test(arguments: [
        ("<", "'<' opens an expression, and a '>' is missing; write '<<' for a plain '<'"),
        ("<>", "a number or a parameter is expected"),
        ("<n +>", "a number or a parameter is expected"),
        ("<n n>", "'n' is not expected there"), ("<(n>", "a ')' is missing"),
        ("<3x>", "'3x' is not a number"), ("<007>", "'007' is not a number"),
        ("<net.size>", "after '.' address or length is expected, not 'size'"),
        ("<*n>", "a number or a parameter is expected, not '*'"),
    ])
    func `what cannot be read is said`(_ text: String, _ expected: String) {
        #expect(throws: ExpressionError(expected)) { try TemplateText(text) }
    }

    @Test(arguments: [
        ("<n / 0>", "7 / 0 has no value"), ("<n % 0>", "7 % 0 has no value"),
        ("<n * 9223372036854775807>", "7 * 9223372036854775807 has no value"),
        ("<nam>", "there is no 'nam' here; did you mean 'name'?"),
        ("<name + 1>", "'+' does not join the text 'site-7' and the number 1"),
        ("<net / 8>", "10.8.0.0/13 has no part of the length 8"),
        ("<net / 24 + 2048>", "10.8.0.0/13 has no /24 number 2048 after 10.8.0.0/24"),
        ("<net / 24 - 1>", "10.8.0.0/13 has no /24 number -1 after 10.8.0.0/24"),
        ("<(net / 24)(256)>", "10.8.0.0/24 has no address number 256"),
        ("<net(n - 8)>", "10.8.0.0/13 has no address number -1"),
        (
            "<n(1)>",
            "an address is taken by its number from a prefix, not by the number 1 from the number 7"
        ),
        ("<gate.length>", "'.length' is of a prefix, not of the address 192.0.2.255"),
        ("<gate + 9999999999>", "192.0.2.255 has no neighbor so far away (9999999999)"),
    ])
    func `what cannot be computed is said`(_ text: String, _ expected: String) throws {
        let bindings = try bindings()
        #expect(throws: ExpressionError(expected)) { try TemplateText(text).filled(bindings) }
    }

    @Test func `an expression as long as a file is refused, not followed`() {
        let deep = String(repeating: "(", count: 100_000)
        #expect(throws: ExpressionError.self) { try TemplateText("<\(deep)n>") }
    }
}

extension ExpressionError: Equatable {
    public static func == (a: Self, b: Self) -> Bool { a.message == b.message }
}
