// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Tests: names to addresses, events, outages.
extension Resolver {
    mutating func tests() -> [Test] {
        (file["tests"]?.elements ?? []).compactMap { element in
            guard element.isMapping else { return nil }
            let fields = Fields(element)
            let within = fields.duration("within") ?? .seconds(30)
            let test = Test(
                name: fields.text("name") ?? "",
                events: fields.items("do").compactMap { event($0) },
                outages: fields.items("outage").compactMap { outage($0) },
                wires: fields.items("wire").compactMap { wire($0) },
                checks: (fields["checks"]?.elements ?? []).compactMap { check($0, within) },
                place: element.place)
            if isWhole(element),
                ["checks", "outage", "wire", "do"].allSatisfy({ fields.items($0).isEmpty })
            {
                report(
                    element.place,
                    "the test does nothing: it needs 'checks', 'outage', 'wire' or 'do'")
            }
            return test
        }
    }

    private mutating func event(_ element: YAMLNode) -> LabEvent? {
        guard let pair = element.pairs.first else { return nil }
        switch pair.key {
        case "deactivate", "activate":
            let fields = Fields(pair.value)
            guard let index = nodeIndex(fields, "node"), let vrf = vrf(fields, of: index),
                let value = fields["neighbor"],
                let neighbor = neighborAddress(value, of: index, vrf: vrf.name)
            else { return nil }
            let name = nodes[index].name
            return pair.key == "activate"
                ? .activate(node: name, vrf: vrf.name, neighbor: neighbor)
                : .deactivate(node: name, vrf: vrf.name, neighbor: neighbor)
        case "link-down": return linkTarget(pair.value).map { .linkDown($0) }
        case "link-up": return linkTarget(pair.value).map { .linkUp($0) }
        case "impair": return impairment(pair.value)
        case "repair": return linkTarget(pair.value).map { .repair($0) }
        case "rekey": return rekey(Fields(pair.value))
        default:
            // Of an unknown event, nothing is known of its value.
            guard ["kill", "stop", "start"].contains(pair.key), let name = pair.value.text,
                node(name, at: pair.value.place) != nil
            else { return nil }
            return switch pair.key {
            case "kill": .kill(node: name)
            case "stop": .stop(node: name)
            case "start": .start(node: name)
            default: nil
            }
        }
    }

    /// `juno-luna`, or `{link: site, node: luna}`.
    private mutating func linkTarget(_ value: YAMLNode) -> LabEvent.LinkTarget? {
        let fields = Fields(value)
        guard let link = value.isMapping ? fields["link"] : value, let text = link.text,
            let segment = segment(text, isLAN: nil, at: link.place)
        else { return nil }
        let name = segments[segment].name
        guard fields["node"] != nil else { return LabEvent.LinkTarget(link: name) }
        guard let index = nodeIndex(fields, "node"),
            interface(of: index, on: segment, at: fields["node"]?.place ?? value.place) != nil
        else { return nil }
        return LabEvent.LinkTarget(link: name, node: nodes[index].name)
    }

    private mutating func impairment(_ value: YAMLNode) -> LabEvent? {
        let fields = Fields(value)
        let impairment = Impairment(
            delay: fields.duration("delay") ?? .zero, jitter: fields.duration("jitter") ?? .zero,
            loss: fields.value("loss") ?? .none, rate: fields.value("rate"))
        if isWhole(value), let problem = impairment.problem {
            report(value.place, "the impairment makes no sense: \(problem)")
        }
        return linkTarget(value).map { .impair($0, impairment) }
    }

    private mutating func outage(_ element: YAMLNode) -> OutageLimit? {
        let fields = Fields(element)
        guard let probe = probe(fields), let below = fields.duration("below") else { return nil }
        let interval = fields.duration("interval") ?? .milliseconds(5)
        if interval < .milliseconds(1) {
            report(fields["interval"]?.place ?? element.place, "probes are at least 1ms apart")
        }
        return OutageLimit(
            from: probe.from, vrf: probe.vrf, source: probe.source, to: probe.to, below: below,
            interval: interval, place: element.place)
    }

    /// The node that a key names; reports a name that no node has.
    mutating func nodeIndex(_ fields: Fields, _ key: String) -> Int? {
        guard let value = fields[key], let name = value.text else { return nil }
        return node(name, at: value.place)
    }

    /// A VRF by name; nil inside for the default one.
    struct VRFChoice {
        var name: String?
    }

    /// The VRF that `vrf` names; nil where the node lacks it.
    mutating func vrf(_ fields: Fields, of index: Int) -> VRFChoice? {
        guard let value = fields["vrf"], let name = value.text else { return VRFChoice() }
        return vrf(name, of: index, at: value.place) ? VRFChoice(name: name) : nil
    }

    mutating func probe(_ fields: Fields) -> Probe? {
        guard let index = nodeIndex(fields, "from"), let vrf = vrf(fields, of: index),
            let target = fields["to"], let to = address(target)
        else { return nil }
        var probe = Probe(from: nodes[index].name, vrf: vrf.name, to: to)
        guard let value = fields["source"] else { return probe }
        guard let source = address(value) else { return nil }
        probe.source = source
        let virtual = nodes[index].node.vrrpGroups.flatMap(\.virtualAddresses)
        if nodes[index].isCertain, !addresses(of: index, vrf: vrf.name).contains(source),
            !virtual.contains(source)
        {
            let home = vrf.name.map { " in the VRF \($0)" } ?? ""
            report(value.place, "\(probe.from) has no address \(source)\(home) to send from")
        } else if source.family != to.family {
            report(value.place, "\(source) and \(to) are of different families")
        }
        return probe
    }

    /// An address, or a node's: its loopback, or else the first of its interfaces.
    mutating func address(_ value: YAMLNode) -> IPAddress? {
        guard let text = value.text else { return nil }
        if let address = IPAddress(text) { return address }
        guard Form.addressOrNode.accepts(text, isPlain: true),
            let index = node(text, at: value.place)
        else { return nil }
        let node = nodes[index].node
        if let address = node.loopbacks.first ?? node.interfaces.first?.addresses.first?.address {
            return address
        }
        if nodes[index].isCertain { report(value.place, "\(text) has no address") }
        return nil
    }
}
