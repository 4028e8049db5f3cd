// SPDX-License-Identifier: Apache-2.0

import Primitives

/// How large packets in a tunnel may be.
package enum TunnelMTU {
    private static let ipv4Header: UInt32 = 20

    /// The IP MTU of every path through the core: that of its smallest link.
    package static func path(_ nodes: some Sequence<Node>) -> UInt32 {
        nodes.lazy.flatMap(\.interfaces).filter(\.isCore).map(\.mtu).min() ?? 1500
    }

    /// The MTU of a GRE link: the largest packet, labels included, that still leaves as one IP
    /// packet of `path` octets.
    ///
    /// What goes off is the outer IPv4 header, the GRE header of 4 octets (RFC 2784 §2.1) with 4
    /// more for a key (RFC 2890 §2.1), and what ESP adds; ESP in tunnel mode has a second IPv4
    /// header inside.
    package static func link(path: UInt32, _ transport: Transport, _ profile: IPsecProfile?)
        -> UInt32
    {
        var room = path - min(path, ipv4Header)
        var headers: UInt32 = transport.key == nil ? 4 : 8
        if let profile {
            room = profile.cipher.payload(in: room)
            if profile.mode == .tunnel { headers += ipv4Header }
        }
        return room - min(room, headers)
    }
}
