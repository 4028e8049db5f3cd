// SPDX-License-Identifier: Apache-2.0

import Primitives

/// What several routing protocols have in common: times, authentication, BFD.
extension Resolver {
    /// Where a key stands in a mapping of its own; nil where it does not.
    func keyPlace(_ key: String, in fields: Fields) -> Place? {
        fields.node.pairs.first { $0.key == key }?.keyPlace
    }

    /// Where a value stands, or the mapping that should have it.
    func place(of key: String, in fields: Fields) -> Place {
        fields[key]?.place ?? fields.node.place
    }

    /// A number of whole seconds.
    mutating func time(
        _ key: String, of fields: Fields, _ standard: Int64, in range: ClosedRange<Int64>
    ) -> Duration {
        let time = fields.duration(key) ?? .seconds(standard)
        let seconds = time.nanoseconds / 1_000_000_000
        if time != .seconds(seconds) || !range.contains(seconds) {
            report(
                place(of: key, in: fields),
                "'\(key)' is \(range.lowerBound)s to \(range.upperBound)s, in whole seconds, "
                    + "not \(time.text)")
        }
        return time
    }

    /// A time in milliseconds.
    mutating func milliseconds(
        _ key: String, of fields: Fields, _ standard: Duration, in range: ClosedRange<Duration>
    ) -> Duration {
        let time = fields.duration(key) ?? standard
        if time.nanoseconds % 1_000_000 != 0 || !range.contains(time) {
            report(
                place(of: key, in: fields),
                "'\(key)' is \(range.lowerBound.text) to \(range.upperBound.text), in whole "
                    + "milliseconds, not \(time.text)")
        }
        return time
    }

    /// A time that ends what another keeps alive.
    ///
    /// - Parameter standards: both times where the file does not say them, in seconds.
    mutating func checkLonger(
        _ key: String, than other: String, _ fields: Fields, _ standards: (Int64, Int64)
    ) {
        let time = fields.duration(key) ?? .seconds(standards.0)
        let interval = fields.duration(other) ?? .seconds(standards.1)
        guard time <= interval else { return }
        let given = fields[key] ?? fields[other] ?? fields.node
        report(
            given.place,
            "'\(key)' of \(time.text) is no longer than '\(other)' of \(interval.text)")
    }

    mutating func spf(_ fields: Fields) -> SPFTimes {
        let spf = Fields(fields["spf"] ?? YAMLNode(place: fields.node.place))
        let range = Duration.zero...Duration.seconds(60)
        let standard = SPFTimes()
        let throttle = SPFTimes(
            initial: milliseconds("initial", of: spf, standard.initial, in: range),
            wait: milliseconds("wait", of: spf, standard.wait, in: range),
            maximum: milliseconds("maximum", of: spf, standard.maximum, in: range))
        if throttle.wait > throttle.maximum {
            report(
                place(of: "wait", in: spf),
                "'wait' of \(throttle.wait.text) is more than 'maximum', \(throttle.maximum.text)")
        }
        return throttle
    }

    /// - Parameter value: what the file says of BFD; nil or `none` is none.
    mutating func bfd(_ value: YAMLNode?) -> BFD? {
        guard let value, value.text != "none" || value.isNull else { return nil }
        let fields = Fields(value)
        return BFD(
            interval: milliseconds(
                "interval", of: fields, .milliseconds(300),
                in: .milliseconds(10)...Duration.seconds(60)),
            multiplier: fields.number("multiplier") ?? 3,
            isDemand: fields.flag("demand") ?? false,
            authentication: authentication(fields, .bfd))
    }

    /// A protocol with authentication of its own.
    enum SigningProtocol: String {
        case isis = "IS-IS"
        case ospf = "OSPF"
        case rip = "RIP"
        case bfd = "BFD"

        var standard: Authentication.Method {
            switch self {
            case .isis: .hmacMD5
            case .ospf, .rip: .md5
            case .bfd: .meticulousSHA1
            }
        }

        /// How long passwords may be where it is the packet that limits them: RFC 2328 §D.3, RFC
        /// 2453 §4.1 and RFC 4822 §2.1, RFC 5880 §4.2 to 4.4.
        func lengthMax(_ method: Authentication.Method) -> Int? {
            switch (self, method) {
            case (.ospf, .clear): 8
            case (.isis, _): nil
            case (.rip, .clear), (.bfd, .clear), (_, .md5), (_, .meticulousMD5): 16
            case (.bfd, _): 20
            default: nil
            }
        }

        /// RFC 5304 §3: HMAC-MD5 has no number, in IS-IS.
        func hasKeyID(_ method: Authentication.Method) -> Bool {
            switch self {
            case .isis: method != .clear && method != .hmacMD5
            case .bfd: true
            case .ospf, .rip: method != .clear
            }
        }
    }

    mutating func authentication(
        _ fields: Fields, _ signer: SigningProtocol
    ) -> Authentication? {
        guard let value = fields["authentication"] else { return nil }
        let own = Fields(value)
        guard let password = own.text("password") else { return nil }
        let method = own.text("type").flatMap(Authentication.Method.init) ?? signer.standard
        if let most = signer.lengthMax(method), password.utf8.count > most {
            report(
                place(of: "password", in: own),
                "a password of \(signer.rawValue) has at most \(most) bytes with the type "
                    + method.rawValue)
        }
        if let number = own["key-id"], !signer.hasKeyID(method) {
            report(
                number.place,
                "'key-id' does nothing with the type \(method.rawValue) of \(signer.rawValue)")
        }
        return Authentication(
            method: method, keyID: own.number("key-id") ?? 1, password: password)
    }
}

extension YAMLNode {
    /// A mapping that says nothing.
    init(place: Place) { self.init(place: place, content: .mapping([])) }
}
