// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import weft

@Suite struct HelpTests {
    @Test func `the list of commands`() throws {
        try expectGolden("help-weft", HelpText.of(CommandTable.commands))
    }

    @Test(arguments: CommandTable.commands.map(\.name))
    func `the help of each command`(name: String) throws {
        let command = try #require(CommandTable.commands.first { $0.name == name })
        try expectGolden("help-\(name)", HelpText.of(command))
    }

    @Test(arguments: CommandTable.commands.map(\.name))
    func `every command teaches with an example and stays within 100 columns`(
        name: String
    ) throws {
        let command = try #require(CommandTable.commands.first { $0.name == name })
        let lines = HelpText.of(command).split(separator: "\n")
        #expect(lines.allSatisfy { $0.count <= 100 })
        #expect(command.isHidden || !command.examples.isEmpty)
        for example in command.examples {
            let words = example.line.split(separator: " ").map { String($0) }
            #expect(words.first == "weft")
            #expect(throws: Never.self) { try CommandTable.parse(Array(words.dropFirst())) }
        }
    }
}
