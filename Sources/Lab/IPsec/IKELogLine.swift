// SPDX-License-Identifier: Apache-2.0

/// What a line of an IKE daemon's log says about a peer.
struct IKELogLine: Hashable, Sendable {
    enum News: Hashable, Sendable {
        case established
        /// There will be no association unless somebody tries again; in words for people.
        case refused(String)
        /// There is none, but the daemon goes on trying by itself.
        case silent
        case goodbye
    }

    /// The connection's name.
    var peer: String
    var news: News

    /// Reads `07[IKE] <pe2|3> received AUTHENTICATION_FAILED notify error`.
    /// - Returns: nil for a line that says nothing of interest.
    init?(_ line: Substring) {
        guard let (peer, text) = Self.parts(line), let news = Self.news(text) else { return nil }
        self.peer = String(peer)
        self.news = news
    }

    /// Whether a line is about one peer, and so says nothing about the daemon.
    static func isAboutPeer(_ line: Substring) -> Bool { parts(line) != nil }

    /// The connection's name and what is said about it.
    private static func parts(_ line: Substring) -> (peer: Substring, text: Substring)? {
        guard let open = line.firstIndex(of: "<"),
            let close = line[open...].firstIndex(of: ">"),
            let bar = line[open..<close].lastIndex(of: "|")
        else { return nil }
        return (line[line.index(after: open)..<bar], line[close...].dropFirst(2))
    }

    private static func news(_ text: Substring) -> News? {
        let words = text.split(separator: " ")
        if text.hasPrefix("CHILD_SA "), words.count > 2, words[2] == "established" {
            return .established
        }
        if text.hasPrefix("received DELETE for IKE_SA") { return .goodbye }
        if text.hasPrefix("giving up after ") { return .silent }
        if text.hasPrefix("tried "), text.hasSuffix("but MAC mismatched") {
            return .refused("the peer's key is another one than ours")
        }
        let isError = text.hasSuffix("notify error") || text.hasSuffix("no CHILD_SA built")
        guard text.hasPrefix("received "), isError, words.count > 2 else { return nil }
        return .refused(Self.meaning(of: words[1]))
    }

    /// RFC 7296 §3.10.1.
    private static func meaning(of notification: Substring) -> String {
        switch notification {
        case "AUTHENTICATION_FAILED": "the peer's key is another one than ours (\(notification))"
        case "NO_PROPOSAL_CHOSEN": "the peer has no use for our proposals (\(notification))"
        case "TS_UNACCEPTABLE": "the peer protects other packets (\(notification))"
        default: "the peer said \(notification)"
        }
    }
}
