// SPDX-License-Identifier: Apache-2.0

import KernelObjects
import Plan
import Primitives
import Topology

extension SecurityAssociation {
    /// What `weft plan` prints of it; its key is known only to the kernel.
    var json: JSON {
        JSON.present([
            ("source", JSON(source)), ("destination", JSON(destination)),
            ("spi", .string("0x" + String(spi, radix: 16))), ("request-id", JSON(requestID)),
            ("mode", .string(mode.rawValue)), ("cipher", .string(cipher.rawValue)),
        ])
    }
}

extension SecurityPolicy {
    /// What `weft plan` prints of it.
    var json: JSON {
        JSON.present([
            ("direction", .string(direction.rawValue)), ("source", .string(source.description)),
            ("destination", .string(destination.description)), ("protocol", JSON(ipProtocol)),
            ("gre-key", JSON(greKey)), ("request-id", JSON(requestID)),
            ("mode", .string(mode.rawValue)),
        ])
    }
}

extension IPsecPeer {
    /// What `weft plan` prints of it; secrets are never shown.
    var json: JSON {
        JSON.present(
            [
                ("peer", JSON(node)), ("transport", JSON(transport)),
                ("profile", JSON(profile.name)),
                ("keying", .string(profile.keying.rawValue)),
                ("mode", .string(profile.mode.rawValue)),
                ("cipher", .string(profile.cipher.rawValue)), ("local", JSON(local)),
                ("remote", JSON(remote)), ("secret", secret == nil ? "(random)" : "(set)"),
            ] + (profile.keying == .ike ? ike : []))
    }

    private var ike: [(String, JSON)] {
        [
            ("rekey-time", JSON(profile.rekeyTime?.text)),
            ("dead-peer-delay", JSON(profile.deadPeerDelay.text)),
        ]
    }
}
