// SPDX-License-Identifier: Apache-2.0

import Primitives

/// The texts of the language: addresses, names, communities …
extension Form {
    /// A text that a type of Primitives reads.
    static func value<Value: LosslessStringConvertible & SendableMetatype>(
        _ noun: String, example: String, _ type: Value.Type,
        advice: @escaping @Sendable (String) -> String? = { _ in nil }
    ) -> Form {
        .pattern(noun, example: example, { Value($0) != nil }, advice: advice)
    }

    static let labName = pattern("a name of letters, digits, '-', '_' and '.'", example: "my-lab") {
        Names.isValid($0, alsoAllowed: "-_.")
    }
    /// No dot: `juno.ipvpn` may come to mean a VRF; no colon: `juno:eth1` is an interface.
    static let nodeName = pattern("a name of letters, digits, '-' and '_'", example: "pe-1") {
        Names.isValid($0, alsoAllowed: "-_") && !Names.reserved.contains($0)
    } advice: {
        Names.reserved.contains($0) ? "that word has a meaning of its own" : nil
    }
    static let name = pattern("a name of letters, digits, '-', '_' and '.'", example: "to-customer")
    {
        Names.isValid($0, alsoAllowed: "-_.")
    }
    static let interfaceName = pattern("an interface name", example: "eth1", Names.isInterface)
    static let endpoint = pattern("a node, or node:interface,", example: "juno or juno:eth1") {
        let parts = $0.split(separator: ":", omittingEmptySubsequences: false)
        return (parts.count == 1 || parts.count == 2 && Names.isInterface(String(parts[1])))
            && Names.isValid(String(parts[0]), alsoAllowed: "-_")
    }

    static let address = value("an address", example: "10.0.0.1", IPAddress.self)
    static let interfaceAddress = value(
        "an address with its length", example: "10.0.0.1/30", InterfaceAddress.self,
        advice: {
            IPAddress($0).map {
                "say the subnet's length too: \($0)/\($0.family == .ipv4 ? 30 : 64)"
            }
        })
    static let prefix = value(
        "a prefix", example: "10.0.0.0/8", IPPrefix.self, advice: prefixAdvice)
    /// A loopback: an address, or a prefix of one.
    static let hostAddress = pattern("an address", example: "10.0.0.1 or 10.0.0.1/32") {
        HostAddress.parse($0) != nil
    } advice: {
        InterfaceAddress($0).map { "a loopback has one address: \($0.address)" }
    }
    static let identifier = value("a dotted identifier", example: "10.0.0.1", IPv4Address.self)
    static let gateway = pattern("a next hop", example: "10.0.0.1, a node's name, or discard") {
        IPAddress($0) != nil || $0 == "discard" || Names.isValid($0, alsoAllowed: "-_")
    }
    static let addressOrNode = pattern("an address or a node", example: "10.0.0.1 or juno") {
        IPAddress($0) != nil || Names.isValid($0, alsoAllowed: "-_")
    }
    static let hop = pattern("an address, or '*' for a hop that is silent,", example: "10.0.0.1") {
        $0 == "*" || IPAddress($0) != nil
    }

    static let asNumber = value("an AS number", example: "65500", ASNumber.self)
    static let routeDistinguisher = value(
        "a route distinguisher", example: "65000:1 or 10.0.0.1:1", RouteDistinguisher.self)
    static let routeTarget = pattern("a route target", example: "65000:1 or target:65000:1") {
        ExtendedCommunity(routeTarget: $0) != nil
    }
    static let community = value(
        "a community", example: "65000:1, target:65000:1, origin:65000:1, 65000:1:2 or no-export",
        AnyCommunity.self)
    static let asPathPattern = value(
        "an AS path pattern", example: "^65000 .* 65001$", ASPathPattern.self)
    static let asPath = pattern("an AS path", example: "\"65000 65001\"") {
        $0.split(separator: " ").allSatisfy { ASNumber(String($0)) != nil }
    }
    static let prefixMatch = pattern(
        "a prefix, alone or with exact, orlonger, longer or upto LENGTH,",
        example: "\"10.0.0.0/8 upto 24\""
    ) {
        PrefixMatch(text: $0) != nil
    } advice: {
        prefixAdvice(String($0.prefix { $0 != " " }))
    }
    static let prefixOrVRF = pattern("a prefix or a VRF", example: "10.0.0.0/8 or red") {
        IPPrefix($0) != nil || Names.isValid($0, alsoAllowed: "-_.") && IPAddress($0) == nil
    } advice: {
        prefixAdvice($0)
    }
    static let duration = pattern("a time", example: "500ms, 1s or 2m") {
        Duration(text: $0) != nil
    }
    static let password = pattern("a text of 1 to 80 bytes", example: "s3cret") {
        (1...80).contains($0.utf8.count)
    }
    static let families = choice(BGPFamily.allCases.map(\.rawValue))
    static let unicastFamilies = choice(BGPFamily.allCases.filter { !$0.isVPN }.map(\.rawValue))

    @Sendable private static func prefixAdvice(_ text: String) -> String? {
        if let address = InterfaceAddress(text) {
            return address.address == address.prefix.address
                ? nil : "the network is \(address.prefix)"
        }
        return IPAddress(text).map { "say its length too: \(IPPrefix(host: $0))" }
    }
}

/// What names may look like.
enum Names {
    /// The longest interface name that Linux takes (IFNAMSIZ less the closing zero).
    static let interfaceLengthMax = 15
    /// Words that stand where a node's name could.
    static let reserved: Set<String> = ["discard", "none"]

    static func isValid(_ name: String, alsoAllowed: String) -> Bool {
        let others = Set(alsoAllowed.utf8)
        guard let first = name.utf8.first, isAlphanumeric(first), name.utf8.count <= 63
        else { return false }
        return name.utf8.allSatisfy { isAlphanumeric($0) || others.contains($0) }
    }

    /// `lo` and what the plan makes itself are not for links; a dot comes before a VLAN.
    @Sendable static func isInterface(_ name: String) -> Bool {
        name.utf8.count <= interfaceLengthMax && isValid(name, alsoAllowed: "-_")
            && !["lo", "all", "default", "gre0", "gretap0", "erspan0"].contains(name)
            && !["vrrp", "vrf-", "pop-", "gre-", "mgre-"].contains { name.hasPrefix($0) }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
    }
}

/// A loopback's address, with or without the length that it must have.
enum HostAddress {
    static func parse(_ text: String) -> IPAddress? {
        IPAddress(text) ?? IPPrefix(text).flatMap { $0.isHost ? $0.address : nil }
    }
}

extension PrefixMatch {
    /// Reads `10.0.0.0/8`, then nothing, `exact`, `orlonger`, `longer`, or `upto 24`.
    init?(text: String) {
        let words = text.split(separator: " ").map(String.init)
        guard let first = words.first, let prefix = IPPrefix(first) else { return nil }
        switch words.dropFirst() {
        case [], ["exact"]: self.init(prefix: prefix, range: .exact)
        case ["orlonger"]: self.init(prefix: prefix, range: .orLonger)
        case ["longer"]: self.init(prefix: prefix, range: .longer)
        default:
            guard words.count == 3, words[1] == "upto", let length = Form.number(words[2]),
                Int(prefix.length) <= length, length <= prefix.family.bitWidth
            else { return nil }
            self.init(prefix: prefix, range: .upTo(UInt8(length)))
        }
    }
}
