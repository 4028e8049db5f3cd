// SPDX-License-Identifier: Apache-2.0

/// The kernel modules of a microVM, by what needs them. Their dependencies come by themselves.
package enum GuestModules {
    /// Without these the guest sees neither the host's files nor its control port, and can write
    /// nowhere that the host has files of interest.
    package static let boot = ["virtio_mmio", "virtio_console", "9pnet_virtio", "9p", "overlay"]

    /// What a provider network is made of.
    package static let forwarding = [
        "mpls_router", "mpls_iptunnel", "mpls_gso", "vrf", "veth", "dummy", "macvlan", "bridge",
        "8021q", "ip_gre", "ip6_gre", "sch_ingress", "cls_flower", "act_mpls", "act_mirred",
        "act_skbedit", "sch_netem",
    ]

    /// IPsec. Without the random generators every ESP state is refused, as the kernel looks for
    /// one when it seeds the initialization vectors.
    package static let encryption = [
        "xfrm_user", "esp4", "esp6", "authenc", "echainiv", "seqiv", "gcm", "ctr", "cbc",
        "ghash_generic", "cryptd", "aesni_intel", "drbg", "jitterentropy_rng", "sha512_generic",
    ]

    /// What the host's tools ask for: sockets' details for `ss`.
    package static let tools = ["tcp_diag", "udp_diag"]

    package static let all = boot + forwarding + encryption + tools
}
