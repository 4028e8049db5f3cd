// SPDX-License-Identifier: Apache-2.0

import Plan
import Primitives

extension LabChange {
    /// A line for each node, link and LAN, with what is different below it; empty where nothing is.
    func text(_ style: Style = .plain) -> String {
        items.map { item in
            let head = "\(item.action.sign) \(item.kind.word) \(item.name)"
            guard item.action == .changed else {
                let more = item.details.isEmpty ? "" : " (\(item.details.joined(separator: ", ")))"
                return item.action.paint(head + more, style) + "\n"
            }
            let lines = item.details.flatMap { $0.wrapped(to: Table.widthMax - 4) }
            return item.action.paint(head, style) + "\n"
                + lines.map { "    \($0)\n" }.joined()
        }.joined()
    }
}

extension LabChange.Item.Action {
    fileprivate var sign: String {
        switch self {
        case .added: "+"
        case .removed: "-"
        case .changed: "~"
        }
    }

    fileprivate func paint(_ text: String, _ style: Style) -> String {
        switch self {
        case .added: style.good(text)
        case .removed: style.bad(text)
        case .changed: style.notable(text)
        }
    }
}

extension LabChange.Item.Kind {
    fileprivate var word: String { self == .lan ? "LAN" : rawValue }
}
