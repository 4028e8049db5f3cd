// SPDX-License-Identifier: Apache-2.0

import Foundation
import Primitives
import Testing

@testable import Topology

@Suite("The JSON Schema")
struct SchemaTests {
    @Test func isTheOneThatIsRecorded() throws {
        try expectRecorded(Topology.jsonSchema.indentedText + "\n", in: "weft.schema.json")
    }

    @Test func theReferenceNamesEveryKeyOnce() {
        let lines = Topology.languageReference.split(separator: "\n")
        #expect(lines.allSatisfy { $0.count <= 100 })
        for kind in Language.kinds {
            let titles = lines.filter { $0 == kind.title || $0.hasPrefix(kind.title + ": ") }
            #expect(titles.count == 1, "\(kind.title)")
        }
        let keys = lines.filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") && $0.contains(": ") }
        #expect(keys.count == Language.kinds.reduce(0) { $0 + $1.keys.count })
        #expect(lines.contains("a VRF: nodes.NAME.vrfs.NAME"))
    }

    @Test func isValidAndSoIsEveryTopologyAndExample() throws {
        var texts = try Files.all(in: Files.topologies, ending: "yaml").map {
            try String(contentsOf: $0, encoding: .utf8)
        }
        texts += try ReadmeTests.examples()
        texts += TemplateSummary.labs.map(\.text)
        texts += TemplateSummary.templates.map { template in
            let lines = template.text.split(separator: "\n").map { "    " + $0 + "\n" }.joined()
            return "name: x\nnodes: {}\ntemplates:\n  \(template.name):\n" + lines
        }
        texts.append("name: x\nuse: [{template: p-ring}]\nnodes: {p-ring-1: {loopback: 10.0.0.1}}")
        #expect(texts.count >= 23)
        let answer = try SchemaWitness.ask(texts.map { .init(text: $0) })
        #expect(answer.metaschema == [])
        #expect(answer.cases == texts.map { _ in [] })
    }

    /// Every rejected file that is wrong by its shape, rather than by what its names stand for: an
    /// editor marks it too, or the list says that it does not.
    @Test func refusesTheRejectedFilesThatAreMisshapen() throws {
        let files = try Files.all(in: RejectedTests.folder, ending: "yaml").filter {
            !$0.lastPathComponent.hasPrefix("yaml-")
        }
        let bytes = try files.map { Array(try Data(contentsOf: $0)) }
        let answer = try SchemaWitness.ask(
            bytes.map { .init(text: String(decoding: $0, as: UTF8.self)) })
        var list = ""
        for ((file, bytes), mistakes) in zip(zip(files, bytes), answer.cases) {
            var validator = Validator()
            let root = try #require(try YAMLTree.read(bytes))
            let isShapely = validator.check(root, .mapping(Language.file), "the file")
            #expect(!isShapely || mistakes == [], "\(file.lastPathComponent)")
            guard !isShapely else { continue }
            let name = file.deletingPathExtension().lastPathComponent
            list += (mistakes.isEmpty ? "accepted " : "refused  ") + name + "\n"
        }
        try expectRecorded(list, in: "misshapen.txt")
    }

    /// After a change on purpose, run with WEFT_RECORD=1 in the environment and look at the
    /// difference.
    private func expectRecorded(_ text: String, in name: String) throws {
        let file = Files.tests.appending(path: "Schema/" + name)
        if ProcessInfo.processInfo.environment["WEFT_RECORD"] != nil {
            try Data(text.utf8).write(to: file)
        }
        #expect(text == String(decoding: try Data(contentsOf: file), as: UTF8.self))
    }

    @Test func acceptsEveryTextThatAFormAccepts() throws {
        var generator = MutationTests.Generator(state: 22)
        let forms = Self.forms
        #expect(forms.count > 35)
        var cases: [SchemaWitness.Case] = []
        var accepted = [Int](repeating: 0, count: forms.count)
        for _ in 0..<6000 {
            let text = FormTexts.next(&generator)
            for (index, form) in forms.enumerated() {
                for yaml in [FormTexts.plain(text), FormTexts.quoted(text)].compactMap(\.self) {
                    guard form.accepts(text, isPlain: yaml == text), accepted[index] < 400
                    else { continue }
                    accepted[index] += 1
                    cases.append(.init(text: yaml, schema: .object(SchemaWriter.schema(of: form))))
                }
            }
        }
        for (form, count) in zip(forms, accepted) { #expect(count > 0, "\(form.expectation)") }
        let answer = try SchemaWitness.ask(cases)
        for (item, mistakes) in zip(cases, answer.cases) {
            #expect(mistakes == [], "\(item.text) against \(item.schema?.text ?? "")")
        }
    }

    /// Every form of the language, each once.
    static var forms: [Form] {
        var forms: [String: Form] = [:]
        func collect(_ shape: Shape) {
            switch shape {
            case .scalar(let form): forms[form.expectation] = form
            case .mapping: break
            case .map(let keys, let values):
                forms[keys.expectation] = keys
                collect(values)
            case .list(let element, _), .oneOrMore(let element, _): collect(element)
            case .either(let shapes): for shape in shapes { collect(shape) }
            case .template(let shape): collect(shape)
            }
        }
        for key in Language.kinds.flatMap(\.keys) { collect(key.shape) }
        return forms.sorted { $0.key < $1.key }.map(\.value)
    }
}

/// Texts that are near what the language takes.
enum FormTexts {
    static let seeds = [
        "1%", "0.5%", "100%", "10mbit", "1.5gbit", "64kbit", "10.0.0.1", "10.0.0.1/32",
        "10.0.0.0/8", "192.0.2.1/30", "0.0.0.0/0", "255.255.255.255",
        "2001:db8::1", "2001:db8::/32", "::", "::/0", "::1/128", "::ffff:10.0.0.1",
        "fe80::5e00:201",
        "FE80::A/64", "10.0.0.0/8 upto 24", "10.0.0.0/8  orlonger", "2001:db8::/32 upto 64",
        " 10.0.0.0/8 longer ", "10.0.0.0/8 exact", "lab", "my-lab_2.x", "juno", "juno:eth1",
        "juno:eth1.5", "7", "1e5", "1.5", "true", "none", "discard", "self", "mpls", "NULL", "0",
        "65000", "4294967295", "4294967296", "1.10", "65535.65535", "65000:1", "10.0.0.1:1",
        "65000L:1", "target:65000:1", "origin:1:1", "target:10.0.0.1:7", "65000:1:2", "no-export",
        "no-advertise", "no-export-subconfed", "0x0002000000010001", "0x+002000000010001",
        "^65000 .* 65001$", ".*", "1 2? 3+$", "65000 65001", "500ms", "1s", "2m", "1.5s", "200us",
        "7ns", "90", "3", "*", "eth1", "gre0", "vrrp1", "wan", "s3cret", "é", "two words",
        "0123456789012345678901234567890123456789", "false", "1", "100", "255", "1500", "17",
        "1000",
        "pe", "host", "static", "ip", "gre", "mgre", "manual", "ike", "transport", "tunnel",
        "aes-gcm-128", "accept", "reject", "direct", "bgp", "ipv4-unicast", "vpnv4", "arp", "esp",
        "established", "idle", "ipv4", "ipv6", "master", "backup", "up", "down", "failing", "2",
        "prefix", "49.0001", "47.0005.80ff", "0100.0000.0005", "isis", "ospf", "md5", "clear",
        "hmac-md5", "hmac-sha-256", "sha-1", "meticulous-sha-1", "point-to-point", "broadcast",
        "1-2", "0.0.0.1", "intra-area", "external-2", "frr", "weft",
    ]
    private static let signs = Array("0159afLs:./- _+*^$xé")

    static func next(_ generator: inout MutationTests.Generator) -> String {
        var text = Array(seeds.randomElement(using: &generator) ?? "")
        for _ in 0..<Int.random(in: 0...2, using: &generator) {
            let at = Int.random(in: 0...text.count, using: &generator)
            switch Int.random(in: 0...3, using: &generator) {
            case 0 where at < text.count: text.remove(at: at)
            case 1 where at < text.count: text.insert(text[at], at: at)
            case 2: text.insert(contentsOf: seeds.randomElement(using: &generator) ?? "", at: at)
            default: text.insert(signs.randomElement(using: &generator) ?? "0", at: at)
            }
        }
        return String(text)
    }

    /// The text without quotes, where it then is what it looks like.
    static func plain(_ text: String) -> String? {
        guard let (root, mistakes) = try? YAMLDocument.read(Array(text.utf8)), mistakes.isEmpty,
            case .scalar(text, isPlain: true)? = root?.content, root?.isNull == false
        else { return nil }
        return text
    }

    static func quoted(_ text: String) -> String? { JSON.string(text).text }
}
