// SPDX-License-Identifier: Apache-2.0

import Kernel
import Plan
import Primitives
import Topology

/// Whom the IKE daemon of a node negotiates associations with.
struct IKEPeer: Hashable, Sendable {
    /// The peer's node, which names the connection.
    var node: String
    /// The transport, which names the associations.
    var transport: String
    var profile: IPsecProfile
    var local: IPAddress
    var remote: IPAddress

    /// Of two peers, one speaks first; the other one answers, and speaks when it has something to
    /// send.
    var initiates: Bool { local < remote }

    /// What tells keys apart that are drawn at random.
    var keyName: String
    /// The pre-shared key, where the file has one. Never shown.
    var secret: String?

    /// Whether an association is one with it.
    func owns(_ association: ObservedAssociation) -> Bool {
        let ends = [association.source, association.destination]
        return ends == [local, remote] || ends == [remote, local]
    }

    /// The requests that tell a daemon of it, in order.
    /// - Parameter secret: the pre-shared key.
    func requests(secret: String) -> [(command: String, message: ViciMessage)] {
        let settings = SettingsTemplate(StrongSwanTemplates.connection).filled([
            "peer": node, "transport": transport, "local": local.description,
            "remote": remote.description, "mode": profile.mode.rawValue,
            "cipher": profile.cipher.proposal, "again": initiates ? "start" : "none",
            "secret": secret, "dead-peer-delay": Self.text(profile.deadPeerDelay),
            "rekey-time": profile.rekeyTime.map(Self.text) ?? Self.rekeyTime,
        ])
        return settings.members.flatMap { part -> [(String, ViciMessage)] in
            guard case .section(let section) = part.value else { return [] }
            guard part.name == "secrets" else { return [("load-conn", section)] }
            return section.members.map { ("load-shared", Self.sharedKey($0)) }
        }.sorted { $0.0 > $1.0 }
    }

    /// A secret of swanctl.conf, as vici wants it.
    private static func sharedKey(_ secret: ViciMessage.Member) -> ViciMessage {
        guard case .section(let section) = secret.value else { return ViciMessage() }
        let owners = section.members.filter { $0.name.hasPrefix("id") }
        return ViciMessage([
            .init(name: "id", value: .text(secret.name)), .init(name: "type", value: .text("IKE")),
            .init(name: "data", value: section["secret"] ?? .text("")),
            .init(name: "owners", value: .list(owners.compactMap { section.text($0.name) })),
        ])
    }

    /// An hour.
    private static let rekeyTime = "3600s"

    /// The daemon counts whole seconds; zero would mean never.
    private static func text(_ duration: Duration) -> String {
        "\(max(1, duration.components.seconds))s"
    }
}

extension IKEPeer {
    init(_ peer: IPsecPeer) {
        self.init(
            node: peer.node, transport: peer.transport, profile: peer.profile,
            local: IPAddress(peer.local), remote: IPAddress(peer.remote), keyName: peer.keyName,
            secret: peer.secret)
    }
}

extension ESPCipher {
    /// strongSwan's name for it.
    fileprivate var proposal: String {
        switch self {
        case .aesGCM128: "aes128gcm16"
        case .aesGCM256: "aes256gcm16"
        case .aesCBC128SHA256: "aes128-sha256"
        case .aesCBC256SHA256: "aes256-sha256"
        }
    }
}
