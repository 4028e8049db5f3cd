// SPDX-License-Identifier: Apache-2.0

/// A regular expression for a whole text, in the part of ECMA 262 that JSON Schema recommends and
/// that other engines read alike: no classes such as \d, which differ between them.
struct Expression: Sendable, Hashable, ExpressibleByStringInterpolation {
    var text: String

    init(stringLiteral text: String) { self.text = text }

    /// For a schema, where an expression may match anywhere.
    var anchored: String { "^(?:\(text))$" }

    static func | (a: Expression, b: Expression) -> Expression { "\(a.text)|\(b.text)" }
}

/// The texts of the language. Where the exact grammar would be unreadable, the expression is wider;
/// a test holds that none is narrower than its form.
extension Expression {
    private static let number8 = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
    private static let number16 = "(?:0|[1-9][0-9]{0,4})"
    private static let number32 = "(?:0|[1-9][0-9]{0,9})"
    private static let length = "(?:12[0-8]|1[01][0-9]|[1-9]?[0-9])"

    static let ipv4: Expression = #"\#(number8)(?:\.\#(number8)){3}"#
    private static let ipv6: Expression = "[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*"
    static let address = ipv4 | ipv6
    static let prefix: Expression =
        "\(ipv4.text)/(?:3[0-2]|[12]?[0-9])|\(ipv6.text)/\(length)"
    static let host: Expression = "\(ipv4.text)(?:/32)?|\(ipv6.text)(?:/128)?"
    static let prefixMatch: Expression =
        " *(?:\(prefix.text))(?: +(?:exact|orlonger|longer|upto +\(length)))? *"

    static let name: Expression = "[A-Za-z0-9][A-Za-z0-9_.-]{0,62}"
    static let nodeName: Expression = "[A-Za-z0-9][A-Za-z0-9_-]{0,62}"
    /// A node's name where it is given.
    static let unreserved: Expression =
        "(?!(?:\(Names.reserved.joined(separator: "|")))$)\(nodeName.text)"
    static let interface: Expression = {
        let kernel = Names.kernelNames.joined(separator: "|")
        let plan = Names.planPrefixes.joined(separator: "|")
        let rest = Names.interfaceLengthMax - 1
        return "(?!(?:\(kernel))$)(?!\(plan))[A-Za-z0-9][A-Za-z0-9_-]{0,\(rest)}"
    }()
    static let endpoint: Expression = "\(nodeName.text)(?::\(interface.text))?"

    static let asNumber: Expression = #"\#(number32)|\#(number16)\.\#(number16)"#
    static let administratorPair: Expression = "(?:\(ipv4.text)|\(number32)L?):\(number32)"
    static let routeTarget: Expression = "(?:target:)?(?:\(administratorPair.text))"
    static let community: Expression = {
        let wellKnown: Expression = "no-export|no-advertise|no-export-subconfed"
        let standard: Expression = "\(number16):\(number16)"
        let extended: Expression = "(?:target|origin):(?:\(administratorPair.text))"
        let large: Expression = "\(number32):\(number32):\(number32)"
        return wellKnown | standard | extended | hexadecimal | large
    }()
    /// An extended community of a type without a name.
    private static let hexadecimal: Expression = "0x[0-9A-Fa-f]{16}"

    static let duration: Expression = #"[0-9]+(?:\.[0-9]+)?(?:ns|us|ms|s|m)"#
    static let packetShare: Expression =
        #"(?:100(?:\.0{1,4})?|[1-9]?[0-9](?:\.[0-9]{1,4})?)%"#
    static let bitRate: Expression = #"(?:0|[1-9][0-9]*)(?:\.[0-9]+)?[kmg]?bit"#
    static let upTo80: Expression = #"[\s\S]{1,80}"#
}
