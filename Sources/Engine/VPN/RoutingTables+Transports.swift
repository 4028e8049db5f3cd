// SPDX-License-Identifier: Apache-2.0

import Primitives

/// The answer to `Query.transports`.
extension RoutingTables {
    func showTransports(at now: Instant) -> JSON {
        ["transports": JSON(configuration.transports.map { showTransport($0, at: now) })]
    }

    private func showTransport(_ transport: TransportConfiguration, at now: Instant) -> JSON {
        var multipoint: String?
        if case .mgre(let interface) = transport.encapsulation { multipoint = interface }
        let interfaces =
            multipoint.map { [$0] }
            ?? configuration.tunnels.filter { $0.transport == transport.name }
            .map(\.nextHop.interface)
        let problems = problems(of: transport, on: interfaces)
        let answer: JSON = [
            "name": .string(transport.name),
            "encapsulation": .string(multipoint == nil ? "gre" : "mgre"),
            "source": JSON(transport.source), "key": JSON(transport.key),
            "protected": JSON(transport.isProtected), "interface": JSON(multipoint),
            "default": JSON(configuration.transportChoice.provider == transport.name),
            "healthy": JSON(problems.isEmpty), "problems": JSON(problems),
            "endpoints": JSON(showEndpoints(of: transport.name, at: now)),
        ]
        return answer.compact
    }

    /// What keeps a transport from carrying packets, in words.
    private func problems(
        of transport: TransportConfiguration, on interfaces: [String]
    ) -> [String] {
        let down = interfaces.filter { resolver.interfaces.isUp($0) != true }
        let isOwn = resolver.interfaces.isOwn(IPAddress(transport.source), vrf: nil)
        return down.map { "interface \($0) is down" }
            + (isOwn ? [] : ["source \(transport.source) is not an address of this router"])
    }

    private func showEndpoints(of transport: String, at now: Instant) -> [JSON] {
        forwarding.endpoints.uses.compactMap { carrier, use in
            carrier.transport == transport ? carrier.endpoint.map { ($0, use) } : nil
        }
        .sorted { ($0.0.overlay, $0.0.transport) < ($1.0.overlay, $1.0.transport) }
        .map { endpoint, use in
            [
                "overlay": JSON(endpoint.overlay), "transport": JSON(endpoint.transport),
                "interface": .string(endpoint.interface), "routes": JSON(use.routes),
                "age": JSON((now - use.since).nanoseconds / 1_000_000_000),
            ]
        }
    }
}
