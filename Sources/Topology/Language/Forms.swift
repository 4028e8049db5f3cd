// SPDX-License-Identifier: Apache-2.0

import Primitives

/// The texts of the language: addresses, names, communities …
extension Form {
    /// A text that a type of Primitives reads.
    static func value<Value: LosslessStringConvertible & SendableMetatype>(
        _ noun: String, example: String, _ type: Value.Type, _ expression: Expression,
        advice: @escaping @Sendable (String) -> String? = { _ in nil }
    ) -> Form {
        .pattern(noun, example: example, expression, { Value($0) != nil }, advice: advice)
    }

    static let labName = pattern(
        "a name of letters, digits, '-', '_' and '.'", example: "my-lab", .name
    ) {
        Names.isValid($0, alsoAllowed: "-_.")
    }
    /// No dot: `juno.ipvpn` may come to mean a VRF; no colon: `juno:eth1` is an interface.
    static let nodeName = pattern(
        "a name of letters, digits, '-' and '_'", example: "pe-1", .unreserved
    ) {
        Names.isValid($0, alsoAllowed: "-_") && !Names.reserved.contains($0)
    } advice: {
        Names.reserved.contains($0) ? "that word has a meaning of its own" : nil
    }
    static let name = pattern(
        "a name of letters, digits, '-', '_' and '.'", example: "to-customer", .name
    ) {
        Names.isValid($0, alsoAllowed: "-_.")
    }
    static let interfaceName = pattern(
        "an interface name", example: "eth1", .interface, Names.isInterface)
    static let endpoint = pattern(
        "a node, or node:interface,", example: "juno or juno:eth1", .endpoint
    ) {
        let parts = $0.split(separator: ":", omittingEmptySubsequences: false)
        return (parts.count == 1 || parts.count == 2 && Names.isInterface(String(parts[1])))
            && Names.isValid(String(parts[0]), alsoAllowed: "-_")
    }

    static let address = value("an address", example: "10.0.0.1", IPAddress.self, .address)
    static let interfaceAddress = value(
        "an address with its length", example: "10.0.0.1/30", InterfaceAddress.self, .prefix,
        advice: {
            IPAddress($0).map {
                "say the subnet's length too: \($0)/\($0.family == .ipv4 ? 30 : 64)"
            }
        })
    static let prefix = value(
        "a prefix", example: "10.0.0.0/8", IPPrefix.self, .prefix, advice: prefixAdvice)
    /// A loopback: an address, or a prefix of one.
    static let hostAddress = pattern("an address", example: "10.0.0.1 or 10.0.0.1/32", .host) {
        HostAddress.parse($0) != nil
    } advice: {
        InterfaceAddress($0).map { "a loopback has one address: \($0.address)" }
    }
    static let identifier = value(
        "a dotted identifier", example: "10.0.0.1", IPv4Address.self, .ipv4)
    static let gateway = pattern(
        "a next hop", example: "10.0.0.1, a node's name, or discard", .address | .nodeName
    ) {
        IPAddress($0) != nil || $0 == "discard" || Names.isValid($0, alsoAllowed: "-_")
    }
    static let addressOrNode = pattern(
        "an address or a node", example: "10.0.0.1 or juno", .address | .nodeName
    ) {
        IPAddress($0) != nil || Names.isValid($0, alsoAllowed: "-_")
    }
    static let hop = pattern(
        "an address, or '*' for a hop that is silent,", example: "10.0.0.1", .address | #"\*"#
    ) {
        $0 == "*" || IPAddress($0) != nil
    }

    static let asNumber = value("an AS number", example: "65500", ASNumber.self, .asNumber)
    static let routeDistinguisher = value(
        "a route distinguisher", example: "65000:1 or 10.0.0.1:1", RouteDistinguisher.self,
        .administratorPair, advice: administratorAdvice)
    static let routeTarget = pattern(
        "a route target", example: "65000:1 or target:65000:1", .routeTarget
    ) {
        ExtendedCommunity(routeTarget: $0) != nil
    } advice: {
        administratorAdvice($0)
    }
    static let community = value(
        "a community", example: "65000:1, target:65000:1, origin:65000:1, 65000:1:2 or no-export",
        AnyCommunity.self, .community)
    static let asPathPattern = value(
        "an AS path pattern", example: "^65000 .* 65001$", ASPathPattern.self,
        #"\^?[0-9.*+? ]*\$?"#)
    static let asPath = pattern("an AS path", example: "\"65000 65001\"", "[0-9. ]*") {
        $0.split(separator: " ").allSatisfy { ASNumber(String($0)) != nil }
    }
    static let prefixMatch = pattern(
        "a prefix, alone or with exact, orlonger, longer or upto LENGTH,",
        example: "\"10.0.0.0/8 upto 24\"", .prefixMatch
    ) {
        PrefixMatch(text: $0) != nil
    } advice: {
        prefixAdvice(String($0.prefix { $0 != " " }))
    }
    static let prefixOrVRF = pattern(
        "a prefix or a VRF", example: "10.0.0.0/8 or red", .prefix | .name
    ) {
        IPPrefix($0) != nil || Names.isValid($0, alsoAllowed: "-_.") && IPAddress($0) == nil
    } advice: {
        prefixAdvice($0)
    }
    static let duration = pattern("a time", example: "500ms, 1s or 2m", .duration) {
        Duration(text: $0) != nil
    } advice: {
        let text = $0.filter { $0 != " " }
        if Duration(text: text) != nil { return "write it without blanks" }
        return Duration(text: text + "s") == nil ? nil : "say its unit too: \(text)s"
    }
    static let packetShare = value(
        "a share of packets", example: "1% or 0.5%", PacketShare.self, .packetShare)
    static let bitRate = value("a rate", example: "10mbit or 64kbit", BitRate.self, .bitRate)
    static let password = pattern("a text of 1 to 80 bytes", example: "s3cret", .upTo80) {
        (1...80).contains($0.utf8.count)
    }
    static let families = choice(BGPFamily.allCases.map(\.rawValue))
    static let unicastFamilies = choice(
        BGPFamily.allCases.filter { !$0.hasLabels }.map(\.rawValue))

    /// RFC 4364 §4.2, RFC 4360 §3: four octets on one side leave two for the other.
    @Sendable private static func administratorAdvice(_ text: String) -> String? {
        let parts = text.split(separator: ":").suffix(2).map { String($0) }
        guard parts.count == 2, let number = number(parts[1]), number > UInt16.max,
            IPv4Address(parts[0]) != nil || (Form.number(parts[0]) ?? 0) > UInt16.max
        else { return nil }
        return "after an address, or an AS above 65535, comes a number up to 65535"
    }

    @Sendable private static func prefixAdvice(_ text: String) -> String? {
        if let address = InterfaceAddress(text) {
            return address.address == address.prefix.address
                ? nil : "the network is \(address.prefix)"
        }
        return IPAddress(text).map { "say its length too: \(IPPrefix(host: $0))" }
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
