// SPDX-License-Identifier: Apache-2.0

import Control
import Kernel
import KernelObjects
import Primitives

let setCommand = Command(
    name: "set", summary: "Make something happen in a running lab",
    description: """
        EVENT is one of those that a file's tests can have:
          deactivate NODE NEIGHBOR     take a BGP session down and keep it down (--vrf)
          activate NODE NEIGHBOR       let it come up again (--vrf)
          link-down LINK               take the carrier from a link or LAN, or one end (--node)
          link-up LINK                 give it back (--node)
          impair LINK                  delay, lose or slow down what all its ends send, or one
                                       (--node, --delay, --jitter, --loss, --rate)
          repair LINK                  no more of that (--node)
          kill NODE                    end a node without a goodbye
          stop NODE                    end a node with a goodbye to its neighbors
          start NODE                   bring a killed or stopped node back
          rekey NODE PEER              replace IPsec keys with a peer by new ones
        A NEIGHBOR is given by name or address. The answer comes when every router that the event
        touches has taken it in. Without EVENT: all that is not as the lab's file says.
        """,
    arguments: [
        .init(name: "EVENT", summary: "What happens, as above", isRequired: false),
        .init(name: "NAME", summary: "To what, as above", isRequired: false, arity: .many),
    ],
    options: [
        .init(name: "node", value: "NODE", summary: "One end of a link; else all its ends"),
        .init(name: "vrf", value: "VRF", summary: "Whose neighbor, where both VRFs know it"),
        .init(name: "delay", value: "TIME", summary: "impair: longer on the way, such as 20ms"),
        .init(name: "jitter", value: "TIME", summary: "impair: so much more or less delay"),
        .init(name: "loss", value: "SHARE", summary: "impair: lost at random, such as 1%"),
        .init(name: "rate", value: "RATE", summary: "impair: at most, such as 10mbit"),
        .json, .lab,
    ],
    examples: [
        .init(line: "weft set link-down juno-luna", says: "pull the cable; link-up plugs it in"),
        .init(line: "weft set link-down site --node luna", says: "one end of a LAN"),
        .init(line: "weft set deactivate juno luna", says: "the session goes, the link stays"),
        .init(
            line: "weft set impair juno-luna --delay 20ms --jitter 5ms --loss 1%",
            says: "both directions; then: weft set repair juno-luna"),
        .init(line: "weft set kill ceres", says: "then: weft set start ceres"),
        .init(line: "weft set", says: "what was done and has not been undone"),
    ]
) { invocation in
    let wantsJSON = invocation.has("json")
    guard let request = try SetRequest(invocation) else {
        let lab = try LabChoice.directory(named: invocation.value("lab")).connect()
        let answer = try lab.call(.deviations)
        Terminal.write(
            wantsJSON
                ? answer.indentedText + "\n" : DeviationText.text(answer, Terminal.style))
        return .passed
    }
    let lab = try LabChoice.connect(invocation, request.place)
    if request.isImpairment { try checkNetem(lab) }
    let answer = try lab.call(.event, request.members)
    Terminal.write(wantsJSON ? answer.indentedText + "\n" : DeviationText.event(answer))
    return .passed
}

/// A lab on this kernel needs a part that not every kernel has.
private func checkNetem(_ lab: ControlConnection) throws {
    guard try lab.call(.hello)["substrate"] != "microvm" else { return }
    let features = KernelFeatures.probe()
    guard features.isPermitted, features.missing[.netem] != nil else { return }
    throw Failure("this kernel has no netem; `weft up FILE --substrate microvm` has one")
}

/// What `weft set EVENT …` asks for.
struct SetRequest: Hashable {
    /// An event, with what names it takes and which options.
    struct Form: Hashable {
        var event: String
        var names: [Name]
        var options: Set<String> = []
    }

    enum Name: String, Hashable {
        case node, neighbor, link, peer
    }

    static let forms = [
        Form(event: "deactivate", names: [.node, .neighbor], options: ["vrf"]),
        Form(event: "activate", names: [.node, .neighbor], options: ["vrf"]),
        Form(event: "link-down", names: [.link], options: ["node"]),
        Form(event: "link-up", names: [.link], options: ["node"]),
        Form(
            event: "impair", names: [.link], options: ["node", "delay", "jitter", "loss", "rate"]),
        Form(event: "repair", names: [.link], options: ["node"]),
        Form(event: "kill", names: [.node]), Form(event: "stop", names: [.node]),
        Form(event: "start", names: [.node]), Form(event: "rekey", names: [.node, .peer]),
    ]
    /// Options that say what happens, and not where or how it is shown.
    static let options = ["node", "vrf", "delay", "jitter", "loss", "rate"]

    /// The request's members.
    let members: [JSON.Member]
    /// The lab that has this is meant.
    let place: LabChoice.Place

    /// - Returns: nil where no event is asked for.
    init?(_ invocation: Invocation) throws(UsageError) {
        let event = invocation.argument("EVENT")
        let given = Self.options.filter { invocation.value($0) != nil }
        guard !event.isEmpty else {
            if let option = given.first { throw Self.wrong("--\(option) goes with an event") }
            return nil
        }
        let events = Self.forms.map(\.event)
        guard let form = Self.forms.first(where: { $0.event == event }) else {
            let hint = Suggestion.nearest(to: event, among: events)
            throw Self.wrong(
                "no event '\(event)'; "
                    + (hint.map { "did you mean '\($0)'?" }
                        ?? "expected " + events.joined(separator: ", ")))
        }
        let words = invocation.rest
        if words.count < form.names.count {
            throw Self.wrong("\(event): which \(form.names[words.count].rawValue)?")
        }
        if words.count > form.names.count {
            throw Self.wrong("one word too many: '\(words[form.names.count])'")
        }
        if let option = given.first(where: { !form.options.contains($0) }) {
            throw Self.wrong("\(event) takes no --\(option)")
        }
        let named = zip(form.names, words).map { JSON.Member($0.rawValue, .string($1)) }
        let chosen = given.map { JSON.Member($0, JSON(invocation.value($0))) }
        members = [.init("event", .string(event))] + named + chosen
        if event == "impair" {
            do throws(Impairment.Mistake) { _ = try Impairment(.object(members)) } catch {
                throw Self.wrong("impair: \(error.text)")
            }
        }
        place = form.names.first == .link ? .link(words[0]) : .node(words[0])
    }

    var isImpairment: Bool { members.first?.value == "impair" }

    private static func wrong(_ message: String) -> UsageError {
        UsageError(message: message, command: "set")
    }
}
