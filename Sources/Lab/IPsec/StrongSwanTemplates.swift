// SPDX-License-Identifier: Apache-2.0

/// The texts of Templates/strongswan, which the program carries with it. The files are what people
/// read and change; a test holds that both are the same.
enum StrongSwanTemplates {
    /// Settings of the daemon itself.
    static let daemon = """
        # SPDX-License-Identifier: Apache-2.0
        # The IKE daemon of one node. Its peers are told to it through vici; see connection.conf.

        charon-systemd {
          load = random nonce drbg aes sha1 sha2 hmac kdf gmp kernel-netlink socket-default vici
          # Threads are its workers, not its peers; five are always busy waiting.
          threads = 8
          # The router routes, not the daemon.
          install_routes = no
          install_virtual_ip = no
          process_route = no
          # A peer that is gone is known to be after 0.5 + 0.75 + 1.1 + 1.7 s of silence.
          retransmit_timeout = 0.5
          retransmit_base = 1.5
          retransmit_tries = 3
          # How long what the peer sent under the old keys is still understood.
          delete_rekeyed_delay = 2
          # Our supervisor reads this and says what it means.
          filelog {
            stderr {
              default = 0
              ike = 1
              cfg = 1
              ike_name = yes
              flush_line = yes
            }
          }
          journal {
            default = -1
          }
        }

        """

    /// What it is told of one peer.
    static let connection = """
        # SPDX-License-Identifier: Apache-2.0
        # What the IKE daemon of a node is told of one peer, in the form of swanctl.conf.

        connections {
          %peer% {
            version = 2
            local_addrs = %local%
            remote_addrs = %remote%
            proposals = aes128-sha256-modp2048
            dpd_delay = %dead-peer-delay%
            # A peer that does not answer is tried again until it does.
            keyingtries = 0
            mobike = no
            unique = replace
            local {
              auth = psk
              id = %local%
            }
            remote {
              auth = psk
              id = %remote%
            }
            children {
              %transport% {
                mode = %mode%
                # All GRE between the two; the trap holds it back until it can be protected.
                local_ts = dynamic[gre]
                remote_ts = dynamic[gre]
                esp_proposals = %cipher%
                rekey_time = %rekey-time%
                start_action = trap
                close_action = %again%
                dpd_action = %again%
              }
            }
          }
        }

        secrets {
          ike-%peer% {
            id-local = %local%
            id-remote = %remote%
            secret = %secret%
          }
        }

        """
}
