// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Debian's BIRD 2 in a node of a lab.
struct BIRD {
    let lab: TestLab
    let node: String

    private static let socket = "/run/bird.ctl"

    init(_ lab: TestLab, _ node: String, configuration: String) throws {
        self.lab = lab
        self.node = node
        _ = try HostTool("birdc", package: "bird2")
        let bird = try HostTool("bird", package: "bird2")
        try lab.shell(
            node,
            "cat > /run/bird.conf; \(bird.path) -c /run/bird.conf -s \(Self.socket) -P /run/bird.pid",
            input: configuration)
    }

    /// What a command of its client prints, without the greeting.
    func text(_ command: String) throws -> String {
        let words = ["birdc", "-s", Self.socket] + command.split(separator: " ").map(String.init)
        let text = try lab.run(node, words)
        return text.split(separator: "\n", omittingEmptySubsequences: false).dropFirst()
            .joined(separator: "\n")
    }

    /// The routes that a protocol brought, in the order of prefixes.
    func routes(from name: String) throws -> [RouteView] {
        var routes: [RouteView] = []
        for line in try text("show route all protocol \(name)").split(separator: "\n") {
            if let match = line.firstMatch(of: /^([0-9.]+\/[0-9]+)\s/) {
                routes.append(RouteView(prefix: String(match.1), origin: ""))
            } else if let match = line.firstMatch(of: /^\tBGP\.([a-z_]+): (.*)$/), !routes.isEmpty {
                routes[routes.count - 1].take(bird: String(match.1), String(match.2))
            }
        }
        return routes.sorted()
    }
}

extension RouteView {
    /// Takes an attribute as `show route all` prints it.
    fileprivate mutating func take(bird name: String, _ value: String) {
        switch name {
        case "origin": origin = value.lowercased()
        case "as_path": asPath = value
        case "next_hop": nextHop = value
        case "med": med = Int64(value)
        case "local_pref": localPreference = Int64(value)
        case "originator_id": originator = value
        case "cluster_list": clusterList = value.split(separator: " ").map(String.init)
        case "community", "ext_community", "large_community":
            communities = (communities + Self.communities(bird: value)).sorted()
        default: break
        }
    }

    /// `(65003,10) (rt, 65003, 5)` and the like.
    private static func communities(bird text: String) -> [String] {
        text.matches(of: /\(([^)]*)\)/).map { match in
            let text = match.1.split(separator: ",")
                .map { $0.trimmingPrefix(" ") }.joined(separator: ":")
            return switch text {
            case "65535:65281": "no-export"
            case "65535:65282": "no-advertise"
            default:
                text.replacing(/^rt:/, with: "target:").replacing(/^ro:/, with: "origin:")
            }
        }
    }
}
