// SPDX-License-Identifier: Apache-2.0

/// What a link is made to do to the packets that one of its ends sends.
public struct Impairment: Hashable, Sendable {
    /// Added to every packet's way.
    public var delay: Duration
    /// By how much the delay varies, more or less, at random.
    public var jitter: Duration
    /// How many packets are lost, at random.
    public var loss: PacketShare
    /// No more passes than this; what is too much waits. nil sets no limit.
    public var rate: BitRate?

    public init(
        delay: Duration = .zero, jitter: Duration = .zero, loss: PacketShare = .none,
        rate: BitRate? = nil
    ) {
        self.delay = delay
        self.jitter = jitter
        self.loss = loss
        self.rate = rate
    }

    /// The longest delay that makes sense.
    public static let delayMax = Duration.seconds(60)

    /// Why it makes no sense; nil where it does.
    public var problem: String? {
        if delay > Self.delayMax { return "a delay is at most \(Self.delayMax.text)" }
        if jitter > delay { return "the jitter is at most the delay" }
        if delay == .zero, loss == .none, rate == nil {
            return "it needs a delay, a loss or a rate"
        }
        return nil
    }

    /// `delay 20ms, jitter 5ms, loss 1%, rate 10mbit`: what is said of it.
    public var text: String {
        var parts: [String] = []
        if delay != .zero { parts.append("delay \(delay.text)") }
        if jitter != .zero { parts.append("jitter \(jitter.text)") }
        if loss != .none { parts.append("loss \(loss)") }
        if let rate { parts.append("rate \(rate)") }
        return parts.joined(separator: ", ")
    }

    // MARK: In messages

    /// The members of a message; what is not said is left out.
    public var members: [JSON.Member] {
        var members: [JSON.Member] = []
        if delay != .zero { members.append(.init("delay", .string(delay.text))) }
        if jitter != .zero { members.append(.init("jitter", .string(jitter.text))) }
        if loss != .none { members.append(.init("loss", JSON(loss))) }
        if let rate { members.append(.init("rate", JSON(rate))) }
        return members
    }

    /// Why members of a message are no impairment.
    public struct Mistake: Error, Hashable, Sendable {
        public var text: String

        public init(text: String) { self.text = text }
    }

    /// Reads the members of a message.
    /// - Throws: what is wrong, in words.
    public init(_ message: JSON) throws(Mistake) {
        func value<Value>(
            _ name: String, _ noun: String, _ read: (String) -> Value?
        ) throws(Mistake) -> Value? {
            guard let text = message[name]?.string else { return nil }
            guard let value = read(text) else { throw Mistake(text: "'\(text)' is not \(noun)") }
            return value
        }
        let time = "a time such as 20ms"
        self.init(
            delay: try value("delay", time) { Duration(text: $0) } ?? .zero,
            jitter: try value("jitter", time) { Duration(text: $0) } ?? .zero,
            loss: try value("loss", "a share of packets such as 1%") { PacketShare($0) } ?? .none,
            rate: try value("rate", "a rate such as 10mbit") { BitRate($0) })
        if let problem { throw Mistake(text: problem) }
    }
}

/// A share of packets, in millionths: 0% to 100%.
public struct PacketShare: TextValue {
    public let millionths: UInt32

    public static let none = PacketShare(0)
    public static let all = PacketShare(1_000_000)

    /// nil for more than all.
    public init?(millionths: UInt32) {
        guard millionths <= 1_000_000 else { return nil }
        self.init(millionths)
    }

    private init(_ millionths: UInt32) { self.millionths = millionths }

    /// Reads `1%`, `0.5%`, `100%`: at most four decimals.
    public init?(_ text: String) {
        guard text.hasSuffix("%"), let value = text.dropLast().scaled(by: 10_000),
            let millionths = UInt32(exactly: value)
        else { return nil }
        self.init(millionths: millionths)
    }

    public var description: String { UInt64(millionths).text(in: 10_000) + "%" }
}

/// Bits a second; a whole number of octets.
public struct BitRate: TextValue {
    public let bitsPerSecond: UInt64

    /// nil for none, and for what is no whole number of octets.
    public init?(bitsPerSecond: UInt64) {
        guard bitsPerSecond > 0, bitsPerSecond.isMultiple(of: 8) else { return nil }
        self.bitsPerSecond = bitsPerSecond
    }

    public var octetsPerSecond: UInt64 { bitsPerSecond / 8 }

    /// As tc(8) has them: powers of ten. The longest ending first.
    private static let units: [(name: String, size: UInt64)] = [
        ("gbit", 1_000_000_000), ("mbit", 1_000_000), ("kbit", 1000), ("bit", 1),
    ]

    /// Reads `10mbit`, `1.5gbit`, `64kbit`, `800bit`.
    public init?(_ text: String) {
        guard let unit = Self.units.first(where: { text.hasSuffix($0.name) }),
            let value = text.dropLast(unit.name.count).scaled(by: unit.size)
        else { return nil }
        self.init(bitsPerSecond: value)
    }

    public var description: String {
        let unit = Self.units.first { bitsPerSecond >= $0.size } ?? ("bit", 1)
        return bitsPerSecond.text(in: unit.size) + unit.name
    }
}

extension StringProtocol {
    /// A decimal number without sign times a power of ten, if that is whole: "1.5" by 1000 is 1500.
    fileprivate func scaled(by scale: UInt64) -> UInt64? {
        let parts = fields(".")
        guard parts.count <= 2, let whole: UInt64 = parts[0].decimal() else { return nil }
        let (value, overflow) = whole.multipliedReportingOverflow(by: scale)
        guard !overflow else { return nil }
        guard parts.count == 2 else { return value }
        var (fraction, size) = (UInt64(0), scale)
        guard !parts[1].isEmpty else { return nil }
        for digit in parts[1].utf8 {
            guard (0x30...0x39).contains(digit), size % 10 == 0 else { return nil }
            size /= 10
            fraction += UInt64(digit - 0x30) * size
        }
        let (sum, carry) = value.addingReportingOverflow(fraction)
        return carry ? nil : sum
    }
}

extension UInt64 {
    /// A multiple of 1/`scale`, in the fewest decimals: 1500 in thousands is 1.5.
    fileprivate func text(in scale: UInt64) -> String {
        let (whole, rest) = quotientAndRemainder(dividingBy: scale)
        guard rest > 0 else { return String(whole) }
        var digits = String(String(scale + rest).dropFirst())
        while digits.last == "0" { digits.removeLast() }
        return "\(whole).\(digits)"
    }
}
