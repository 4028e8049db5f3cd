// SPDX-License-Identifier: Apache-2.0

import CNetlink
import Glibc
import KernelObjects
import Primitives

/// A namespace of the lab, and what of it is known to be there.
final class NamespaceState {
    let name: String
    let namespace: Namespace
    /// Sockets in the namespace, from when they are first asked for until `rest`.
    private var routeSocket: NetlinkSocket?
    private var securitySocket: NetlinkSocket?
    /// Made just now and untouched: what is in it is known without asking.
    private(set) var isNew = true
    private(set) var links: [String: ObservedLink] = [:]
    /// The indexes of links that this run makes.
    private(set) var born: Set<UInt32> = []

    /// Opens the calling thread's namespace, which is new.
    init(_ name: String, _ namespace: Namespace) throws(SystemError) {
        self.name = name
        self.namespace = namespace
        routeSocket = try NetlinkSocket()
        let loopback = Link(name: "lo", kind: .loopback)
        links = ["lo": ObservedLink(newborn: loopback, index: Self.loopbackIndex, isUp: false)]
    }

    /// Every namespace is born with it (LOOPBACK_IFINDEX, linux/netdevice.h).
    private static let loopbackIndex: UInt32 = 1

    /// Asks the kernel for the links.
    func observe() throws(SystemError) {
        isNew = false
        let observed = try socket.links()
        links = Dictionary(observed.map { ($0.name, $0) }) { first, _ in first }
        born = []
    }

    /// The addresses of each link, by its index.
    func addresses() throws(SystemError) -> [UInt32: [InterfaceAddress]] {
        isNew ? [:] : try socket.addresses()
    }

    /// The permanent neighbours of all links.
    func neighbours() throws(SystemError) -> Set<Neighbour> {
        guard !isNew else { return [] }
        let names = Dictionary(links.values.map { ($0.index, $0.name) }) { first, _ in first }
        var neighbours: Set<Neighbour> = []
        for family in AddressFamily.allCases {
            neighbours.formUnion(try socket.permanentNeighbours(family, names: names))
        }
        return neighbours
    }

    /// A socket of NETLINK_ROUTE in the namespace.
    var socket: NetlinkSocket {
        get throws(SystemError) {
            if let routeSocket { return routeSocket }
            let socket = try namespace.enter { () throws(SystemError) in try NetlinkSocket() }
            routeSocket = socket
            return socket
        }
    }

    /// Closes the sockets until they are needed again: every router that is forked has to close
    /// its copies of them.
    func rest() { (routeSocket, securitySocket) = (nil, nil) }

    /// A socket of NETLINK_XFRM in the namespace.
    func security() throws(SystemError) -> NetlinkSocket {
        if let securitySocket { return securitySocket }
        let socket = try namespace.enter { () throws(SystemError) in
            try NetlinkSocket(protocol: NETLINK_XFRM)
        }
        securitySocket = socket
        return socket
    }

    /// Takes note of a link that is about to be made.
    func note(birthOf link: Link, index: UInt32, isUp: Bool) {
        precondition(links[link.name] == nil, "a link is born once")
        links[link.name] = ObservedLink(newborn: link, index: index, isUp: isUp)
        born.insert(index)
    }

    /// - Throws: ENODEV where no link has the name.
    func index(of link: String, for operation: String) throws(SystemError) -> UInt32 {
        guard let link = links[link] else { throw SystemError("\(operation): \(link)", ENODEV) }
        return link.index
    }
}

extension ObservedLink {
    /// As the kernel will have it right after its birth. What the kernel chooses by itself is given
    /// the value that no plan asks for, so that it counts as different.
    fileprivate init(newborn link: Link, index: UInt32, isUp: Bool) {
        self.index = index
        name = link.name
        if case .gre = link.kind { hasEthernetHeader = false } else { hasEthernetHeader = true }
        kind = link.kind.name
        mtu = link.mtu ?? 0
        mac = link.mac
        master = 0
        parent = 0
        self.isUp = isUp
        isRunning = false
        makesLinkLocal = true
        if case .gre(let tunnel) = link.kind { self.tunnel = tunnel }
    }
}
