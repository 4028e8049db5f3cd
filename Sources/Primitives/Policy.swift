// SPDX-License-Identifier: Apache-2.0

/// Where a route comes from; what `match: {protocol: …}` names.
public enum RouteSource: String, TextValue, Comparable, CaseIterable {
    /// The subnet of an interface that is up, or a loopback address.
    case direct
    /// Configured.
    case `static`
    /// Computed by the plan over the provider's core.
    case core
    case ospf
    case isis
    case rip
    case bgp

    /// Lower wins between sources, with the values that Junos uses.
    public var defaultPreference: UInt32 {
        switch self {
        case .direct: 0
        case .static: 5
        case .core: 15
        case .ospf: 10
        case .isis: 18
        case .rip: 100
        case .bgp: 170
        }
    }

    public init?(_ text: String) { self.init(rawValue: text) }
    public var description: String { rawValue }
    public static func < (a: Self, b: Self) -> Bool { a.defaultPreference < b.defaultPreference }
}

/// A community of any of the three kinds, told apart by its text:
/// `65000:1`, `target:1:1` or `origin:1:1` or `0x…`, `64500:1:2`.
public enum AnyCommunity: TextValue, Comparable {
    case standard(Community)
    case extended(ExtendedCommunity)
    case large(LargeCommunity)

    public init?(_ text: String) {
        if let value = Community(text) {
            self = .standard(value)
        } else if let value = ExtendedCommunity(text) {
            self = .extended(value)
        } else if let value = LargeCommunity(text) {
            self = .large(value)
        } else {
            return nil
        }
    }

    public var description: String {
        switch self {
        case .standard(let value): value.description
        case .extended(let value): value.description
        case .large(let value): value.description
        }
    }

    private var rank: Int {
        switch self {
        case .standard: 0
        case .extended: 1
        case .large: 2
        }
    }

    public static func < (a: Self, b: Self) -> Bool {
        switch (a, b) {
        case (.standard(let x), .standard(let y)): x < y
        case (.extended(let x), .extended(let y)): x < y
        case (.large(let x), .large(let y)): x < y
        default: a.rank < b.rank
        }
    }
}

/// A named, ordered list of terms. The first term whose conditions all hold and that ends in
/// accept or reject decides; a term without a verdict changes the route and passes it on.
/// What no term decides is left to the next policy of the chain, then to the default of the place
/// where the chain is applied.
public struct Policy: Hashable, Sendable {
    public var name: String
    public var terms: [Term]

    public init(name: String, terms: [Term]) {
        self.name = name
        self.terms = terms
    }

    public enum Verdict: String, Hashable, Sendable, CaseIterable { case accept, reject }

    public struct Term: Hashable, Sendable {
        public var name: String?
        /// All must hold; none means that the term always applies.
        public var conditions: [Condition]
        /// Done in order when the conditions hold.
        public var actions: [Action]
        /// nil passes the changed route to the next term.
        public var verdict: Verdict?

        public init(
            name: String? = nil, conditions: [Condition] = [], actions: [Action] = [],
            verdict: Verdict? = nil
        ) {
            self.name = name
            self.conditions = conditions
            self.actions = actions
            self.verdict = verdict
        }
    }

    /// One condition; where it lists several values, any of them suffices.
    public enum Condition: Hashable, Sendable {
        case source([RouteSource])
        case prefix([PrefixMatch])
        case community([AnyCommunity])
        case asPath([ASPathPattern])
        /// The next hop lies in one of these.
        case nextHop([IPPrefix])
    }

    public enum Action: Hashable, Sendable {
        case localPreference(UInt32)
        /// Multi-exit discriminator.
        case med(UInt32)
        case nextHopSelf
        case nextHop(IPAddress)
        /// Which transport carries packets of the route to its next hop: a name of the file, or
        /// `mpls` (Cisco: set ip next-hop encapsulate l3vpn).
        case transport(String)
        case communityAdd([AnyCommunity])
        case communityRemove([AnyCommunity])
        /// Replaces standard and large communities, and the extended ones that are not targets.
        case communitySet([AnyCommunity])
        case asPathPrepend([ASNumber])
    }
}

/// Which prefixes a policy's prefix list takes.
public struct PrefixMatch: Hashable, Sendable {
    public var prefix: IPPrefix
    public var range: Range

    public enum Range: Hashable, Sendable {
        /// This prefix alone.
        case exact
        /// This prefix and everything inside.
        case orLonger
        /// Everything inside, but not the prefix itself.
        case longer
        /// This prefix and what lies inside up to a length.
        case upTo(UInt8)
    }

    public init(prefix: IPPrefix, range: Range) {
        self.prefix = prefix
        self.range = range
    }

    public func matches(_ other: IPPrefix) -> Bool {
        guard prefix.contains(other) else { return false }
        return switch range {
        case .exact: other.length == prefix.length
        case .orLonger: true
        case .longer: other.length > prefix.length
        case .upTo(let length): other.length <= length
        }
    }
}

/// A pattern over the AS numbers of a path, e.g. `^65500 .* 1$`: numbers, `.` for any one AS, each
/// with an optional `*`, `+` or `?`, between optional anchors. AS sets match as their members.
public struct ASPathPattern: TextValue {
    public struct Element: Hashable, Sendable {
        /// nil stands for any AS.
        public var number: ASNumber?
        /// How often: `.one` without a suffix.
        public var count: Count

        public enum Count: String, Hashable, Sendable {
            case one = ""
            case zeroOrMore = "*"
            case oneOrMore = "+"
            case zeroOrOne = "?"
        }
    }

    public var isAnchoredAtStart: Bool
    public var isAnchoredAtEnd: Bool
    public var elements: [Element]

    public init?(_ text: String) {
        var rest = text[...]
        isAnchoredAtStart = rest.first == "^"
        if isAnchoredAtStart { rest = rest.dropFirst() }
        isAnchoredAtEnd = rest.last == "$"
        if isAnchoredAtEnd { rest = rest.dropLast() }
        elements = []
        for word in rest.split(separator: " ") {
            guard let element = Self.element(word) else { return nil }
            elements.append(element)
        }
    }

    private static func element(_ word: Substring) -> Element? {
        var body = word
        var count = Element.Count.one
        if let last = word.last, let suffix = Element.Count(rawValue: String(last)) {
            count = suffix
            body = word.dropLast()
        }
        if body == "." { return Element(number: nil, count: count) }
        guard let number = ASNumber(String(body)) else { return nil }
        return Element(number: number, count: count)
    }

    public var description: String {
        let words = elements.map { ($0.number?.description ?? ".") + $0.count.rawValue }
        return (isAnchoredAtStart ? "^" : "") + words.joined(separator: " ")
            + (isAnchoredAtEnd ? "$" : "")
    }

    /// Whether the pattern occurs in the path, nearest AS first.
    ///
    /// All ways to match are followed at once, so that the time grows with pattern times path: a
    /// neighbor chooses the path, and must not be able to make it expensive.
    public func matches(_ path: [ASNumber]) -> Bool {
        var places = closure([0])
        for number in path {
            if places.contains(elements.count), !isAnchoredAtEnd { return true }
            places = closure(step(places, over: number))
            if !isAnchoredAtStart { places.formUnion(closure([0])) }
            if places.isEmpty { return false }
        }
        return places.contains(elements.count)
    }

    /// The places in the pattern that can be reached from others without taking a number.
    private func closure(_ places: Set<Int>) -> Set<Int> {
        var reached = places
        for place in elements.indices where reached.contains(place) {
            switch elements[place].count {
            case .zeroOrMore, .zeroOrOne: reached.insert(place + 1)
            case .one, .oneOrMore: break
            }
        }
        return reached
    }

    /// The places that can be reached by taking a number. A repeated element leads both back to
    /// itself and on, where "on" is a place of its own.
    private func step(_ places: Set<Int>, over number: ASNumber) -> Set<Int> {
        var reached: Set<Int> = []
        for place in places where place < elements.count {
            let element = elements[place]
            guard element.number == nil || element.number == number else { continue }
            reached.insert(place + 1)
            if element.count == .zeroOrMore || element.count == .oneOrMore {
                reached.insert(place)
            }
        }
        return reached
    }
}
