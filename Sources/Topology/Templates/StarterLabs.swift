// SPDX-License-Identifier: Apache-2.0

/// The texts of Templates/labs, with which `weft new` starts a lab. The files are what people read
/// and change; a test holds that both are the same.
package enum StarterLabs {
    /// By name.
    package static let texts: [String: String] = [
        "dual-homed": #"""
        # SPDX-License-Identifier: Apache-2.0
        #
        #                  ┌── site-a ─── pe1 ──┐
        #   site-host ─────┤                    p ─── pe3 ─── office
        #             LAN  └── site-b ─── pe2 ──┘
        #
        # The host's gateway is 10.8.0.1, which site-a has as long as its session to pe1 stands.
        name: dual-homed
        description: A site with two routers and VRRP on two provider edges

        bgp-groups:
          mesh: {families: [vpnv4]}
        nodes:
          p: {role: p}
          pe1: {role: pe, bgp: {as: 65000, neighbors: {pe2: mesh, pe3: mesh}}}
          pe2: {role: pe, bgp: {as: 65000, neighbors: {pe1: mesh, pe3: mesh}}}
          pe3: {role: pe, bgp: {as: 65000, neighbors: {pe1: mesh, pe2: mesh}}}
        links:
          - {endpoints: [p, pe1]}
          - {endpoints: [p, pe2]}
          - {endpoints: [p, pe3]}

        use:
          - {template: dual-homed-site, as: site, primary: pe1, backup: pe2, lan: 10.8.0.0/24}
          - {template: site, as: office, pe: pe3}

        tests:
          - name: the host reaches the office by the primary router
            checks:
              - vrrp: {node: site-a, lan: site, state: master}
              - vrrp: {node: site-b, lan: site, state: backup}
              - ping: {from: site-host, to: office}
              - route: {node: pe3, vrf: red, prefix: 10.8.0.0/24, local-preference: 200}
          - name: the primary router loses its provider edge
            do: {link-down: pe1-site-a}
            outage: {from: site-host, to: office, below: 5s}
            checks:
              - vrrp: {node: site-b, lan: site, state: master}
              - ping: {from: site-host, to: office}
          - name: and has it again
            do: {link-up: pe1-site-a}
            checks:
              - vrrp: {node: site-a, lan: site, state: master}
              - ping: {from: site-host, to: office}

        """#,
        "ebgp": #"""
        # SPDX-License-Identifier: Apache-2.0
        #
        #   left, AS 65001 ─── right, AS 65002
        #
        name: ebgp
        description: Two routers of different AS on one link

        nodes:
          left:
            role: ce
            loopback: 10.0.0.1
            bgp: {as: 65001, neighbors: {right: {import: accept, export: own}}}
          right:
            role: ce
            loopback: 10.0.0.2
            bgp: {as: 65002, neighbors: {left: {import: accept, export: own}}}
        links:
          - {endpoints: [left, right], subnet: 192.0.2.0/30}
        # An external session without `import` and `export` accepts and sends nothing (RFC 8212).
        policies:
          own: [{match: {protocol: direct}, then: accept}, {then: reject}]

        tests:
          - name: the two see each other
            checks:
              - bgp: {node: left, neighbor: right}
              - route: {node: left, prefix: 10.0.0.2/32, as-path: "65002"}
              - ping: {from: left, source: left, to: right}
          - name: the session is taken down
            do: {deactivate: {node: left, neighbor: right}}
            checks:
              - route: {node: left, prefix: 10.0.0.2/32, absent: true}
              - unreachable: {from: left, source: left, to: right}

        """#,
        "l3vpn": #"""
        # SPDX-License-Identifier: Apache-2.0
        #
        #   left ─── pe1 ─── p ─── pe2 ─── right
        #
        name: l3vpn
        description: Two sites in a VPN over an MPLS core

        nodes:
          pe1: {role: pe, bgp: {as: 65000, neighbors: {pe2: {families: [vpnv4]}}}}
          p: {role: p}
          pe2: {role: pe, bgp: {as: 65000, neighbors: {pe1: {families: [vpnv4]}}}}
        links:
          - {endpoints: [pe1, p]}
          - {endpoints: [p, pe2]}

        # A template becomes nodes and links, and adds to nodes that are there: see `weft plan`.
        use:
          - {template: site, as: left, pe: pe1}
          - {template: site, as: right, pe: pe2}

        tests:
          - name: the sites reach each other
            checks:
              - ping: {from: left, source: left, to: right}
              - bgp: {node: pe1, neighbor: pe2}
              - bgp: {node: pe1, vrf: red, neighbor: left}
          - name: the site on the right is cut off
            do: {link-down: pe2-right}
            checks:
              - unreachable: {from: left, source: left, to: right}
          - name: and comes back
            do: {link-up: pe2-right}
            checks:
              - ping: {from: left, source: left, to: right}

        """#,
        "provider": #"""
        # SPDX-License-Identifier: Apache-2.0
        #
        # Four P routers in a ring, two route reflectors, four provider edges with a site each.
        # Larger numbers in `use` make more of everything.
        name: provider
        description: A ring of P routers, a reflector pair, and provider edges with sites

        use:
          - {template: p-ring, as: p, size: 4}
          - {template: reflector-pair, as: rr, p1: p-1, p2: p-3}
          - {template: pe, repeat: 4, as: pe<n>, p: p-<n>, reflectors: rr}
          - {template: site, repeat: 4, as: site<n>, pe: pe<n>}

        tests:
          - name: every site is reached
            checks:
              - ping: {from: site1, source: site1, to: site2}
              - ping: {from: site1, source: site1, to: site3}
              - ping: {from: site1, source: site1, to: site4}
          - name: one of the two reflectors is enough
            do: {kill: rr-1}
            outage: {from: site1, source: site1, to: site3, below: 0s}
            checks:
              - bgp: {node: pe1, neighbor: rr-2}
              - ping: {from: site1, source: site1, to: site3}

        """#,
    ]
}
