// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@Suite("JSON")
struct JSONTests {
    @Test(arguments: [
        "null", "true", "-12", "1.5", "\"a\\\"b\\\\\\n\\u0001é\"", "[]", "[1,[2],{}]",
        "{\"b\":1,\"a\":[null,false]}",
    ])
    func readsBackAsWritten(text: String) throws {
        #expect(try JSON(parsing: text).text == text)
    }

    @Test(arguments: [
        "", "nul", "01", "-", "1.", "[1,]", "{\"a\"}", "{a:1}", "\"", "\"\\x\"", "\"\\ud800\"",
        "1 2",
        "\"\u{1}\"",
    ])
    func rejectsWhatIsNotJSON(text: String) {
        #expect(throws: JSON.ParseError.self) { try JSON(parsing: text) }
    }

    @Test func nestingIsLimited() {
        #expect(throws: JSON.ParseError.self) {
            try JSON(parsing: String(repeating: "[", count: 100_000))
        }
    }

    @Test func surrogatePairsBecomeOneScalar() throws {
        #expect(try JSON(parsing: "\"\\ud83d\\ude00\"").string == "😀")
    }

    @Test func membersAreFoundByName() throws {
        let value = try JSON(parsing: "{ \"a\" : { \"b\" : [1, 2] } }")
        #expect(value["a"]?["b"]?[1]?.int == 2)
        #expect(value["x"] == nil)
        #expect(
            value.indentedText == "{\n  \"a\": {\n    \"b\": [\n      1,\n      2\n    ]\n  }\n}")
    }
}
