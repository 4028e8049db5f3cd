// SPDX-License-Identifier: Apache-2.0

import Glibc
import KernelObjects
import Primitives

/// Which links of a lab are missing, and the requests that make them.
struct Births {
    private let states: [String: NamespaceState]
    /// Every veth end of the lab: both ends are born in one request.
    private var veths: [LinkEnd: Link] = [:]
    /// The last interface index that was given out.
    private(set) var lastIndex: UInt32

    init(_ lab: LabObjects, _ states: [String: NamespaceState], after lastIndex: UInt32) {
        self.states = states
        self.lastIndex = lastIndex
        for namespace in lab.namespaces {
            for link in namespace.links {
                guard case .veth = link.kind else { continue }
                veths[LinkEnd(namespace: namespace.name, link: link.name)] = link
            }
        }
    }

    /// The requests for what is missing in a namespace, parents first. Other ends of veths are
    /// noted in their own namespaces as born.
    mutating func requests(
        _ objects: NamespaceObjects, _ state: NamespaceState
    ) throws(SystemError) -> [NetlinkMessage] {
        var requests: [NetlinkMessage] = []
        for link in objects.links where state.links[link.name] == nil {
            requests.append(LinkMessages.create(try birth(of: link, state)))
        }
        return requests
    }

    private mutating func birth(
        of link: Link, _ state: NamespaceState
    ) throws(SystemError) -> LinkMessages.Birth {
        let operation = "create \(link.kind.name) \(link.name) in \(state.name)"
        var birth = LinkMessages.Birth(link: link, namespace: state.name, index: 0)
        if let parent = link.kind.parent {
            birth.parent = try state.index(of: parent, for: operation)
        }
        birth.index = nextIndex()
        state.note(birthOf: link, index: birth.index, isUp: birth.isUp)
        if case .veth(let end) = link.kind { birth.peer = try peer(end, operation) }
        return birth
    }

    private mutating func peer(
        _ end: LinkEnd, _ operation: String
    ) throws(SystemError) -> LinkMessages.Birth.Peer {
        let operation = "\(operation): the other end, \(end.link) in \(end.namespace)"
        guard let state = states[end.namespace], let link = veths[end] else {
            throw SystemError(operation, ENODEV)
        }
        guard state.links[end.link] == nil else { throw SystemError(operation, EEXIST) }
        let index = nextIndex()
        state.note(birthOf: link, index: index, isUp: false)
        return LinkMessages.Birth.Peer(
            link: link, index: index, namespace: state.namespace.descriptor)
    }

    /// No two links of a lab have the same index. The kernel takes a veth whose index equals that
    /// of its other end for one that stands for itself, and tells of its carrier with up to a
    /// second's delay (net/core/link_watch.c, linkwatch_urgent_event).
    private mutating func nextIndex() -> UInt32 {
        lastIndex += 1
        return lastIndex
    }
}
