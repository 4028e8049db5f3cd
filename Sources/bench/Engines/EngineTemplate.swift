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
        let common = values(configuration)
        var output = ""
        var block: (lines: [Substring], values: [[String: String]])?
        for line in try FileSystem.read(path).split(
            separator: "\n", omittingEmptySubsequences: false)
        {
            switch line.dropFirst(2) {
            case "each neighbor": block = ([], configuration.neighbors.map(values))
            case "each circuit": block = ([], circuits(configuration))
            case "end":
                for own in block?.values ?? [] {
                    let values = common.merging(own) { _, new in new }
                    for line in block?.lines ?? [] { output += try fill(line, values, path) }
                }
                block = nil
            default:
                if block?.lines.append(line) == nil { output += try fill(line, common, path) }
            }
        }
        return output
    }

    private static func values(_ configuration: RouterConfiguration) -> [String: String] {
        var values = [
            "name": configuration.name, "router-id": "\(configuration.routerID)",
            "as": configuration.autonomousSystem.map { "\($0)" } ?? "",
            "subnet": subnet(configuration),
        ]
        if let isis = configuration.isis, let area = isis.areas.first {
            // The last octet of a network entity title is 0 for a router.
            values["net"] = "\(area).\(isis.systemID).00"
        }
        return values
    }

    private static func values(_ neighbor: NeighborConfiguration) -> [String: String] {
        [
            "neighbor": "\(neighbor.address)", "neighbor-as": "\(neighbor.remoteAS)",
            "local-address": "\(neighbor.localAddress)",
        ]
    }

    /// Those of IS-IS by which there may be neighbors.
    private static func circuits(_ configuration: RouterConfiguration) -> [[String: String]] {
        (configuration.isis?.circuits ?? []).filter { !$0.isPassive }.map {
            ["interface": $0.interface, "metric": "\($0.metric)"]
        }
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

extension RouterConfiguration {
    /// Its IS-IS, if it speaks that.
    var isis: ISISConfiguration? {
        protocols.lazy.compactMap { if case .isis(let isis) = $0 { isis } else { nil } }.first
    }
}
