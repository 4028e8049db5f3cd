// SPDX-License-Identifier: Apache-2.0

import Engine
import Kernel
import Primitives

/// A configuration file of another daemon under Templates/, filled with what our router would be
/// told.
enum EngineTemplate {
    /// - Throws: when the template names something that is not known.
    static func fill(_ name: String, _ configuration: RouterConfiguration) throws -> String {
        let path = "Templates/\(name)"
        let text = try FileSystem.read(path)
        var output = ""
        var block: [Substring]?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            switch line.dropFirst(2) {
            case "each neighbor": block = []
            case "end":
                for neighbor in configuration.neighbors {
                    let values = values(configuration, neighbor)
                    for line in block ?? [] { output += try fill(line, values, path) }
                }
                block = nil
            default:
                if block?.append(line) == nil {
                    output += try fill(line, values(configuration), path)
                }
            }
        }
        return output
    }

    private static func values(_ configuration: RouterConfiguration) -> [String: String] {
        [
            "name": configuration.name, "router-id": "\(configuration.routerID)",
            "as": configuration.autonomousSystem.map { "\($0)" } ?? "",
            "subnet": subnet(configuration),
        ]
    }

    private static func values(
        _ configuration: RouterConfiguration, _ neighbor: NeighborConfiguration
    ) -> [String: String] {
        values(configuration).merging([
            "neighbor": "\(neighbor.address)", "neighbor-as": "\(neighbor.remoteAS)",
            "local-address": "\(neighbor.localAddress)",
        ]) { _, new in new }
    }

    /// The connected subnet without a neighbor: a site's. A transit router has none of its own and
    /// announces its loopback.
    private static func subnet(_ configuration: RouterConfiguration) -> String {
        let addresses = configuration.interfaces.sorted { !$0.isLoopback && $1.isLoopback }
            .flatMap(\.addresses)
        let own = addresses.first { address in
            !configuration.neighbors.contains { address.prefix.contains($0.address) }
        }
        return own.map { "\($0.prefix)" } ?? ""
    }

    private static func fill(
        _ line: Substring, _ values: [String: String], _ path: String
    ) throws -> String {
        let parts = line.split(separator: "%", omittingEmptySubsequences: false)
        var text = ""
        for (index, part) in parts.enumerated() {
            if index % 2 == 0 {
                text += part
            } else if let value = values[String(part)] {
                text += value
            } else {
                throw Failure("\(path): no value for %\(part)%")
            }
        }
        return text + "\n"
    }
}
