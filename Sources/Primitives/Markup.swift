// SPDX-License-Identifier: Apache-2.0

extension StringProtocol {
    /// Text for the content and the quoted attributes of XML and HTML; characters that XML 1.0
    /// cannot carry become '?'.
    public var markup: String {
        var out = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            case "'": out += "&#39;"
            case "\n", "\t": out.unicodeScalars.append(scalar)
            case "\u{0}"..<" ", "\u{7f}"..."\u{9f}", "\u{fffe}", "\u{ffff}": out += "?"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}
