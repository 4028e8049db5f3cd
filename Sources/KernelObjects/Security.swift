// SPDX-License-Identifier: Apache-2.0

import Primitives

/// One direction of an ESP security association (RFC 4303), keyed by hand.
package struct SecurityAssociation: Hashable, Sendable {
    package var source: IPAddress
    package var destination: IPAddress
    /// Security parameters index: what the receiver finds the association by.
    package var spi: UInt32
    /// What ties it to the policies that ask for it.
    package var requestID: UInt32
    package var mode: IPsecMode
    package var cipher: ESPCipher
    /// Names the key, which is no part of a plan: whoever realises the lab draws one at random for
    /// every name, so that both ends, naming the same, have the same.
    package var keyName: String

    package init(
        source: IPAddress, destination: IPAddress, spi: UInt32, requestID: UInt32,
        mode: IPsecMode = .transport, cipher: ESPCipher, keyName: String
    ) {
        self.source = source
        self.destination = destination
        self.spi = spi
        self.requestID = requestID
        self.mode = mode
        self.cipher = cipher
        self.keyName = keyName
    }
}

/// Which packets IPsec protects (RFC 4301 §4.4.1).
package struct SecurityPolicy: Hashable, Sendable {
    package var direction: Direction
    package var source: IPPrefix
    package var destination: IPPrefix
    /// IP protocol number; 47 is GRE.
    package var ipProtocol: UInt8
    /// Only GRE packets with this key (RFC 2890); nil takes all, with a key and without.
    package var greKey: UInt32?
    /// Of the associations that carry them: their ends, their request ID and mode.
    package var tunnelSource: IPAddress
    package var tunnelDestination: IPAddress
    package var requestID: UInt32
    package var mode: IPsecMode

    package enum Direction: String, Hashable, Sendable, CaseIterable { case `in`, out }

    package init(
        direction: Direction, source: IPPrefix, destination: IPPrefix, ipProtocol: UInt8,
        greKey: UInt32? = nil, tunnelSource: IPAddress, tunnelDestination: IPAddress,
        requestID: UInt32, mode: IPsecMode = .transport
    ) {
        self.direction = direction
        self.source = source
        self.destination = destination
        self.ipProtocol = ipProtocol
        self.greKey = greKey
        self.tunnelSource = tunnelSource
        self.tunnelDestination = tunnelDestination
        self.requestID = requestID
        self.mode = mode
    }
}
