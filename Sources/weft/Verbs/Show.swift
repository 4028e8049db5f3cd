// SPDX-License-Identifier: Apache-2.0

import Control
import Primitives

let showCommand = Command(
    name: "show", summary: "Show what a router knows",
    description: """
        WHAT is one of
          route [PREFIX|ADDRESS] [vrf NAME] [protocol direct|static|core|bgp]
                                       the routing tables; an ADDRESS finds its best match
          route received NEIGHBOR      what a neighbor sent, before import policy
          route advertised NEIGHBOR    what is sent to a neighbor, after export policy
          bgp, neighbors               BGP sessions
          vrf, vrrp, mpls, interfaces  VRFs, VRRP groups, labels and paths, interfaces
          isis                         neighbors, interfaces and link state packets of IS-IS
          ospf, ospf3                  neighbors, interfaces, databases and routes of OSPF
          rip, ripng                   RIP: neighbors, and every route with its metric
          ldp                          label distribution: neighbors, sessions, labels
          bfd                          BFD sessions, and who watches by them
          transports                   how VPN routes are carried: profiles and their endpoints
          ipsec                        security associations with every peer, and why there is none
        A NEIGHBOR is given by name or address, with `vrf NAME` where both VRFs know it.
        """,
    arguments: [
        .init(name: "NODE", summary: "Whose state"),
        .init(name: "WHAT", summary: "Which state, as above", arity: .many),
    ],
    options: [.json, .lab],
    examples: [
        .init(line: "weft show luna route 10.0.0.3", says: "all paths there, the active one first"),
        .init(line: "weft show liber route vrf ipvpn", says: "the whole table of a VRF"),
        .init(line: "weft show orcus route received ceres", says: "fourteen prefixes, MED 150"),
        .init(line: "weft show luna vrrp", says: "who is master and which address that makes"),
        .init(line: "weft show pe1 ipsec", says: "keys of each peer, packets, what does not fit"),
        .init(line: "weft show juno bgp --json", says: "sessions, for a program"),
    ]
) { invocation in
    let request = try ShowRequest(invocation.rest)
    let node = invocation.argument("NODE")
    let lab = try LabChoice.connect(invocation, node: node)
    let members = request.members(node: node)
    var answer = try lab.call(request.operation, members)
    if let address = request.address { answer = answer.longestMatches(for: address) }
    Terminal.write(
        invocation.has("json")
            ? answer.indentedText + "\n" : request.text(answer, Terminal.style))
    return .passed
}

/// What `weft show NODE` is asked for.
struct ShowRequest: Hashable, Sendable {
    enum Subject: String, Hashable, Sendable, CaseIterable {
        case route, received, advertised, neighbors, vrf, vrrp, mpls, interfaces, transports
        case isis, ospf, ospf3, rip, ripng, ldp, bfd
        /// The kernel's, which the router does not know.
        case ipsec

        /// What the control protocol calls it.
        var query: String {
            switch self {
            case .route: "routes"
            case .vrf: "vrfs"
            default: rawValue
            }
        }
    }

    private(set) var subject = Subject.route
    private(set) var vrf: String?
    private(set) var prefix: IPPrefix?
    /// An address whose most specific routes are wanted.
    private(set) var address: IPAddress?
    private(set) var source: RouteSource?
    /// A name or an address.
    private(set) var neighbor: String?

    static let words = [
        "route", "bgp", "neighbors", "vrf", "vrrp", "mpls", "interfaces", "transports", "ipsec",
        "isis", "ospf", "ospf3", "rip", "ripng", "ldp", "bfd", "received", "advertised",
    ]

    /// Reads the words after the node.
    init(_ words: [String]) throws(UsageError) {
        var rest = words[...]
        let word = rest.popFirst() ?? "route"
        guard Self.words.contains(word) else { throw Self.unknown(word, among: Self.words) }
        subject = Subject(rawValue: word) ?? .neighbors
        if word == "route", let next = rest.first, let direction = Subject(rawValue: next),
            direction == .received || direction == .advertised
        {
            subject = direction
            rest.removeFirst()
        }
        while let word = rest.popFirst() { try take(word, &rest) }
        if subject == .received || subject == .advertised, neighbor == nil {
            throw UsageError(message: "\(subject.rawValue): which neighbor?", command: "show")
        }
    }

    private mutating func take(
        _ word: String, _ rest: inout ArraySlice<String>
    ) throws(UsageError) {
        switch (word, subject) {
        case ("vrf", .route), ("vrf", .received), ("vrf", .advertised):
            vrf = try value(of: word, &rest)
        case ("protocol", .route):
            let name = try value(of: word, &rest)
            guard let source = RouteSource(name) else {
                throw Self.unknown(name, among: RouteSource.allCases.map(\.rawValue))
            }
            self.source = source
        case (_, .route):
            if let prefix = IPPrefix(word) {
                self.prefix = prefix
            } else if let address = IPAddress(word) {
                self.address = address
            } else {
                throw Self.unknown(word, among: ["vrf", "protocol", "received", "advertised"])
            }
        case (_, .received), (_, .advertised):
            guard neighbor == nil else { throw Self.unknown(word, among: ["vrf"]) }
            neighbor = word
        default:
            throw UsageError(message: "one word too many: '\(word)'", command: "show")
        }
    }

    private func value(
        of word: String, _ rest: inout ArraySlice<String>
    ) throws(UsageError) -> String {
        guard let value = rest.popFirst() else {
            throw UsageError(message: "\(word): which one?", command: "show")
        }
        return value
    }

    private static func unknown(_ word: String, among words: [String]) -> UsageError {
        let hint =
            Suggestion.nearest(to: word, among: words).map { "did you mean '\($0)'?" }
            ?? "expected " + words.joined(separator: ", ")
        return UsageError(message: "cannot show '\(word)'; \(hint)", command: "show")
    }

    var operation: ControlOperation { subject == .ipsec ? .ipsec : .show }

    /// The request's members.
    func members(node: String) -> [JSON.Member] {
        if subject == .ipsec { return [.init("node", .string(node))] }
        let members: [(String, JSON)] = [
            ("node", .string(node)), ("query", .string(subject.query)), ("vrf", JSON(vrf)),
            ("prefix", JSON(prefix)), ("source", JSON(source?.rawValue)),
            ("neighbor", JSON(neighbor)),
        ]
        return members.filter { $0.1 != .null }.map { JSON.Member($0.0, $0.1) }
    }

    /// The answer for people.
    func text(_ answer: JSON, _ style: Style = .plain) -> String {
        switch subject {
        case .route: RouteText.text(answer, style)
        case .received, .advertised: NeighborText.routes(answer, style)
        case .neighbors: NeighborText.neighbors(answer, style)
        case .vrf: StateText.vrfs(answer, style)
        case .vrrp: StateText.vrrp(answer, style)
        case .mpls: StateText.mpls(answer, style)
        case .rip, .ripng: RIPText.instances(answer, style)
        case .ospf, .ospf3: OSPFText.text(answer, style)
        case .bfd: BFDText.sessions(answer, style)
        case .interfaces: StateText.interfaces(answer, style)
        case .isis: ISISText.text(answer, style)
        case .transports: TransportText.transports(answer, style)
        case .ldp: LDPText.text(answer, style)
        case .ipsec: TransportText.ipsec(answer, style)
        }
    }
}
