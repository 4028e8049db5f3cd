// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import Wire

/// An UPDATE with one fault on a session of one type, and the verdict that the RFCs ask for.
struct AttributeCase: CustomStringConvertible {
    var rule: AttributeRule
    var context: BGPCodecContext
    var fault: String
    var section: String
    /// The attributes under test in hex; they replace the right one where there must be one.
    var attributes: String
    /// The list ends before the last attribute does.
    var overrun = 0
    var verdict: Verdict

    var description: String {
        let session = context.isInternal ? "internal" : "external"
        let size = context.fourOctetAS ? 4 : 2
        return "\(rule) \(fault), \(session) session, AS numbers of \(size) octets: \(section)"
    }

    /// The attributes that an UPDATE of routes has on such a session, but for one.
    private var others: String {
        let path = context.fourOctetAS ? "40 02 06 0201 0000ffdc" : "40 02 04 0201 ffdc"
        var list: [(UInt8, String)] = [(1, "40 01 01 00"), (2, path)]
        if !carriesRoutes { list.append((3, "40 03 04 04000015")) }
        if context.isInternal { list.append((5, "40 05 04 00000064")) }
        return list.filter { $0.0 != rule.code }.map(\.1).joined()
    }

    private var carriesRoutes: Bool { rule.code == 14 || rule.code == 15 }

    /// The whole message. Withdrawals stand alone, as they do in life.
    var octets: [UInt8] {
        let list = hex((rule.code == 15 ? "" : others) + attributes)
        let nlri: [UInt8] = carriesRoutes ? [] : [8, 10]
        let body = [0, 0, UInt8(list.count >> 8), UInt8(list.count & 0xff)] + list + nlri
        return hex(BGPFixture.marker) + [0, UInt8(19 + body.count), 2] + body
    }

    /// What our decoder does.
    var outcome: Verdict? {
        do throws(BGPNotification) {
            guard case .update(let update) = try BGPMessage(decoding: octets, in: context) else {
                return nil
            }
            let routes = update.announced.flatMap(\.nlri) + update.withdrawn.flatMap(\.nlri)
            guard routes.count == 1 else { return nil }
            switch update.faults.map(\.treatment).max() {
            case nil: return .accept
            case .attributeDiscard: return update.announced.isEmpty ? nil : .attributeDiscard
            case .treatAsWithdraw: return update.announced.isEmpty ? .treatAsWithdraw : nil
            case .sessionReset: return nil
            }
        } catch {
            return error.errorCode == .updateMessage ? .sessionReset : nil
        }
    }
}

@Suite("RFC 7606, by attribute, by fault and by type of session")
struct RFC7606Tests {
    private static let contexts = BGPMutationTests.contexts

    /// Flags, code, length and value.
    private static func attribute(
        _ rule: AttributeRule, _ value: String, flags: UInt8? = nil, count: Int? = nil
    ) -> String {
        let octets = hex(value)
        return text([flags ?? rule.flags, rule.code, UInt8(count ?? octets.count)] + octets)
    }

    /// The remedy where an attribute of the rule is there but malformed in some way, on a session.
    private static func remedy(
        _ rule: AttributeRule, _ malformed: Verdict, _ context: BGPCodecContext
    ) -> Verdict {
        if !context.isInternal, rule.external != .accept { return rule.external }
        if context.fourOctetAS, rule.fourOctet != .accept { return rule.fourOctet }
        return malformed
    }

    private static func right(_ rule: AttributeRule, _ context: BGPCodecContext) -> String {
        attribute(rule, context.fourOctetAS ? rule.value : rule.short)
    }

    private static func cases(
        _ rule: AttributeRule, _ context: BGPCodecContext
    ) -> [AttributeCase] {
        func make(
            _ fault: String, _ section: String, _ attributes: String, _ verdict: Verdict
        ) -> AttributeCase {
            AttributeCase(
                rule: rule, context: context, fault: fault, section: section,
                attributes: attributes, verdict: remedy(rule, verdict, context))
        }
        let right = right(rule, context)
        let octets = hex(right)
        let value = text(Array(octets.dropFirst(3)))
        var cases = [make("as it should be", rule.section, right, .accept)]
        // Optional and Transitive: §3 c, and §3 f for what never costs a route.
        for wrong in [0x80, 0x40, 0xc0] as [UInt8] {
            let flags = rule.flags ^ wrong
            cases.append(
                make(
                    "with flags 0x\(String(flags, radix: 16))", "RFC 7606 §3 c, f",
                    attribute(rule, value, flags: flags), min(rule.malformed, .treatAsWithdraw)))
        }
        // Partial and the unused bits are none of the two that §3 c speaks of (RFC 4271 §4.3).
        cases.append(
            make(
                "with the Partial bit", "RFC 7606 §3 c",
                attribute(rule, value, flags: rule.flags | 0x20), .accept))
        cases.append(
            make(
                "with unused bits", "RFC 4271 §4.3",
                attribute(rule, value, flags: rule.flags | 0x0f), .accept))
        cases.append(
            make(
                "with a length of two octets", "RFC 4271 §4.3",
                text([rule.flags | 0x10, rule.code, 0] + octets.dropFirst(2)), .accept))
        cases += rule.faults.map { fault in
            let value = context.fourOctetAS ? fault.value : fault.short
            return make(fault.name, fault.section, attribute(rule, value), rule.malformed)
        }
        // Twice, the same or not: §3 g.
        let again = rule.malformed == .sessionReset ? Verdict.sessionReset : .attributeDiscard
        cases.append(make("twice", "RFC 7606 §3 g", right + right, again))
        return cases
    }

    @Test("every fault has the remedy of its attribute", arguments: AttributeRule.all)
    func faults(_ rule: AttributeRule) {
        for context in Self.contexts {
            for item in Self.cases(rule, context) {
                #expect(item.outcome == item.verdict, "\(item)")
            }
        }
    }

    /// §4: the list is relied on to find the routes; unless they are in what is cut off (§3 j).
    @Test("an attribute that overruns the list costs its routes", arguments: AttributeRule.all)
    func overruns(_ rule: AttributeRule) {
        for context in Self.contexts {
            let octets = hex(Self.right(rule, context))
            let longer = text([octets[0], octets[1], octets[2] + 1] + octets.dropFirst(3))
            for attributes in [longer, text(Array(octets.prefix(2)))] {
                let item = AttributeCase(
                    rule: rule, context: context, fault: "that overruns the list",
                    section: "RFC 7606 §4, §3 j", attributes: attributes,
                    verdict: rule.malformed == .sessionReset ? .sessionReset : .treatAsWithdraw)
                #expect(item.outcome == item.verdict, "\(item)")
            }
        }
    }

    @Test(
        "a missing attribute costs the routes where it must be there", arguments: AttributeRule.all)
    func missing(_ rule: AttributeRule) {
        // Without what carries them there are no routes that could miss anything.
        guard rule.malformed != .sessionReset else { return }
        for context in Self.contexts {
            let item = AttributeCase(
                rule: rule, context: context, fault: "missing", section: "RFC 7606 §3 d",
                attributes: "",
                verdict: context.isInternal ? rule.missing.internal : rule.missing.external)
            #expect(item.outcome == item.verdict, "\(item)")
        }
    }

    /// §3 h: of two faults the stronger remedy is taken, in either order.
    @Test("two faults have the stronger remedy", arguments: AttributeRule.all)
    func twoFaults(_ rule: AttributeRule) throws {
        for context in Self.contexts {
            let first = try #require(Self.cases(rule, context).first { $0.fault == "twice" })
            for other in AttributeRule.all where other.code != rule.code && other.code > 3 {
                guard other.malformed != .sessionReset, let fault = other.faults.first else {
                    continue
                }
                let remedy = Self.remedy(other, other.malformed, context)
                // A withdrawal has no attributes that could be wrong.
                guard rule.code != 15, other.code != 5 || !context.isInternal else { continue }
                let wrong = Self.attribute(
                    other, context.fourOctetAS ? fault.value : fault.short)
                for attributes in [first.attributes + wrong, wrong + first.attributes] {
                    var item = first
                    item.fault = "twice, beside \(other) \(fault.name)"
                    item.section = "RFC 7606 §3 h"
                    item.attributes = attributes
                    item.verdict = max(first.verdict, remedy)
                    #expect(item.outcome == item.verdict, "\(item)")
                }
            }
        }
    }

    /// RFC 4271 §5, §6.3, §9: by what the flags say of an attribute that nobody here knows.
    @Test("an unknown attribute is kept, ignored or an error by its flags")
    func unknown() {
        for code in 0...255 as ClosedRange<UInt8> where PathAttributeTable.row(code) == nil {
            for context in Self.contexts {
                for flags in stride(from: 0, to: 256, by: 32).map(UInt8.init) {
                    let rule = AttributeRule(
                        code, "unknown", flags, "0102", malformed: .accept, "RFC 4271 §6.3", [])
                    let right = Self.attribute(rule, "0102")
                    let isWellKnown = flags & 0x80 == 0
                    let item = AttributeCase(
                        rule: rule, context: context, fault: "with flags \(flags)",
                        section: "RFC 4271 §6.3", attributes: right,
                        verdict: isWellKnown ? .sessionReset : .accept)
                    #expect(item.outcome == item.verdict, "\(item)")
                    var twice = item
                    twice.attributes = right + right
                    twice.verdict = isWellKnown ? .sessionReset : .attributeDiscard
                    #expect(twice.outcome == twice.verdict, "\(twice), twice: RFC 7606 §3 g")
                }
            }
        }
    }

    @Test("every attribute that has a codec has a rule, and no other")
    func everyAttributeHasARule() {
        #expect(AttributeRule.all.map(\.code).sorted() == PathAttributeTable.rows.map(\.code))
    }
}
